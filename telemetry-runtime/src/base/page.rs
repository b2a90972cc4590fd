//! The browser: the one place that calls it. Everything here answers, whatever the page forbids; nothing panics, and nothing is
//! asked before the first event.
#![allow(unsafe_code, reason = "what wasm-bindgen writes for functions of JavaScript")]

use std::{rc::Rc, time::Duration};

use telemetry_schema::json::push_string;
use wasm_bindgen::prelude::*;

use crate::base::limits::RESPONSE_BYTES;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = Reflect, js_name = get, catch)]
    fn reflect_get(target: &JsValue, key: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = Reflect, js_name = set, catch)]
    fn reflect_set(target: &JsValue, key: &str, value: &JsValue) -> Result<bool, JsValue>;

    // What any object answers with is itself: a function costs less than a static, which is made when it is first asked for.
    #[wasm_bindgen(js_namespace = globalThis, js_name = valueOf)]
    fn global_object() -> JsValue;

    #[wasm_bindgen(js_namespace = JSON, catch)]
    fn parse(text: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_name = String)]
    fn number_text(number: f64) -> String;

    #[wasm_bindgen(js_namespace = Date, js_name = now)]
    pub(crate) fn date_now() -> f64;
    #[wasm_bindgen(js_namespace = Date, js_name = parse)]
    pub(crate) fn date_parse(text: &str) -> f64;
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    pub(crate) fn performance_now() -> f64;

    #[wasm_bindgen(js_namespace = console, js_name = log)]
    pub(crate) fn console_log(text: &str);
    #[wasm_bindgen(js_namespace = console, js_name = info)]
    pub(crate) fn console_info(text: &str);

    /// A signal that ends a request after this time, where the browser has such.
    #[wasm_bindgen(js_namespace = AbortSignal, js_name = timeout, catch)]
    fn abort_after(milliseconds: f64) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_name = setTimeout, catch)]
    fn set_timeout(run: &JsValue, milliseconds: f64) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_name = requestIdleCallback, catch)]
    fn request_idle_callback(run: &JsValue, options: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_name = addEventListener, catch)]
    fn add_event_listener(event: &str, run: &JsValue) -> Result<JsValue, JsValue>;

    type Storage;
    #[wasm_bindgen(method, catch, js_name = getItem)]
    fn get_item(this: &Storage, key: &str) -> Result<Option<String>, JsValue>;
    #[wasm_bindgen(method, catch, js_name = setItem)]
    fn set_item(this: &Storage, key: &str, value: &str) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = removeItem)]
    fn remove_item(this: &Storage, key: &str) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn key(this: &Storage, index: u32) -> Result<Option<String>, JsValue>;
    #[wasm_bindgen(method, catch, getter)]
    fn length(this: &Storage) -> Result<u32, JsValue>;

    #[wasm_bindgen(catch)]
    fn fetch(url: &str, options: &JsValue) -> Result<Promise, JsValue>;
    type Promise;
    #[wasm_bindgen(method, catch)]
    fn then(this: &Promise, answered: &JsValue, failed: &JsValue) -> Result<Promise, JsValue>;
    type Body;
    #[wasm_bindgen(method, catch, js_name = getReader)]
    fn reader(this: &Body) -> Result<Reader, JsValue>;
    type Reader;
    #[wasm_bindgen(method, catch)]
    fn read(this: &Reader) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn cancel(this: &Reader) -> Result<Promise, JsValue>;
    #[wasm_bindgen(js_name = TextDecoder)]
    type Decoder;
    #[wasm_bindgen(constructor, js_class = "TextDecoder")]
    fn new() -> Decoder;
    #[wasm_bindgen(method, catch)]
    fn decode(this: &Decoder, bytes: &JsValue) -> Result<String, JsValue>;
    type Headers;
    #[wasm_bindgen(method, catch, js_name = get)]
    fn header(this: &Headers, name: &str) -> Result<Option<String>, JsValue>;

    type LockManager;
    #[wasm_bindgen(method, catch, js_name = request)]
    fn request_lock(this: &LockManager, name: &str, options: &JsValue, run: &JsValue) -> Result<Promise, JsValue>;
}

/// A property by its path from the global object; `undefined` where there is none, or where the page may not read it.
fn global(path: &[&str]) -> JsValue {
    path.iter().fold(global_object(), |object, name| property(&object, name))
}

fn property(object: &JsValue, name: &str) -> JsValue {
    reflect_get(object, name).unwrap_or(JsValue::UNDEFINED)
}

/// Whether a property is `true`.
pub(crate) fn is_true(path: &[&str]) -> bool {
    global(path).as_bool() == Some(true)
}

/// A property that is text.
pub(crate) fn text(path: &[&str]) -> Option<String> {
    global(path).as_string()
}

/// A number as ECMAScript prints it, and JSON writes it.
pub(crate) fn float(value: f64) -> String {
    if value.is_finite() { number_text(value) } else { "null".to_owned() }
}

/// Whether this is a page, and no worker: it has a document.
pub(crate) fn has_document() -> bool {
    global(&["document"]).is_object()
}

/// Whether the browser knows that it has no network.
pub(crate) fn is_offline() -> bool {
    global(&["navigator", "onLine"]).as_bool() == Some(false)
}

/// Whether the page cannot be seen, and may be gone at any moment.
pub(crate) fn is_hidden() -> bool {
    text(&["document", "visibilityState"]).as_deref() == Some("hidden")
}

/// An object, from its JSON.
fn object(json: &str) -> JsValue {
    parse(json).unwrap_or(JsValue::UNDEFINED)
}

/// A function of ours that the browser may call as often as it likes. It is never freed: each is made once.
fn function(run: fn()) -> JsValue {
    let run: Box<dyn FnMut(JsValue)> = Box::new(move |_| run());
    Closure::wrap(run).into_js_value()
}

/// A function of ours that the browser calls once, and which frees itself then. All are of one type: each type is code of its own here, and in the
/// script beside the module.
fn once(run: impl FnOnce(JsValue) + 'static) -> JsValue {
    let run: Box<dyn FnOnce(JsValue)> = Box::new(run);
    Closure::once_into_js(run)
}

/// No time of ours is longer than years.
fn milliseconds(time: Duration) -> f64 {
    time.as_secs().wrapping_mul(1_000).wrapping_add(time.subsec_millis().into()) as f64
}

/// Calls `run` later: after this time, and at the earliest when the current task is over.
pub(crate) fn after(delay: Duration, run: fn()) {
    // Longer times are taken for none; whoever asked looks again.
    let _ = set_timeout(&once(move |_| run()), milliseconds(delay).min(f64::from(i32::MAX)));
}

/// Calls `run` when the page has nothing else to do, and within this time.
pub(crate) fn when_idle(longest: Duration, run: fn()) {
    let timeout = object("{}");
    // A new object refuses nothing.
    let _ = reflect_set(&timeout, "timeout", &JsValue::from_f64(milliseconds(longest)));
    if request_idle_callback(&once(move |_| run()), &timeout).is_err() {
        after(longest.min(Duration::from_millis(20)), run);
    }
}

/// Calls `run` at every event of this name that reaches the window, for as long as the page lives.
pub(crate) fn on(event: &str, run: fn()) {
    let _ = add_event_listener(event, &function(run));
}

/// What the page keeps for its origin. `Err` where the browser refuses: third parties, private windows, a full disk, a sandbox.
#[derive(Debug)]
pub(crate) struct Refused;

fn storage() -> Result<Storage, Refused> {
    let storage = reflect_get(&global_object(), "localStorage").map_err(|_| Refused)?;
    if storage.is_object() { Ok(storage.unchecked_into()) } else { Err(Refused) }
}

/// The text under a key; `None` if there is none.
pub(crate) fn stored(key: &str) -> Result<Option<String>, Refused> {
    storage()?.get_item(key).map_err(|_| Refused)
}

/// Replaces the text under a key.
pub(crate) fn store(key: &str, text: &str) -> Result<(), Refused> {
    storage()?.set_item(key, text).map_err(|_| Refused)
}

/// Removes a key.
pub(crate) fn remove(key: &str) -> Result<(), Refused> {
    storage()?.remove_item(key).map_err(|_| Refused)
}

/// What follows this in the keys that begin so.
pub(crate) fn keys(prefix: &str) -> Result<Vec<String>, Refused> {
    let storage = storage()?;
    let mut keys = Vec::new();
    for index in 0..storage.length().map_err(|_| Refused)? {
        if let Ok(Some(key)) = storage.key(index)
            && let Some(name) = key.strip_prefix(prefix)
        {
            keys.push(name.to_owned());
        }
    }
    Ok(keys)
}

/// A request of a page, with everything that the browser can be told to leave out left out.
pub(crate) struct Fetch<'a> {
    pub(crate) method: &'a str,
    pub(crate) url: &'a str,
    pub(crate) headers: &'a [(String, String)],
    pub(crate) body: Option<&'a str>,
    /// The browser goes on with it when the page is gone.
    pub(crate) longest: Duration,
}

/// What came of a [`Fetch`].
pub(crate) enum Fetched {
    /// The server has answered; status, `retry-after`, and what it says of a request that it has taken.
    Answered(u16, Option<String>, String),
    /// No answer that the page may read. The request may have arrived.
    Failed,
}

/// Sends a request; `done` is called once, later. `Err` if the browser does not take it.
pub(crate) fn send(request: &Fetch<'_>, done: Rc<dyn Fn(Fetched)>) -> Result<(), Refused> {
    // A redirect is an answer without a status, and followed by nobody.
    let fixed = br#"{"keepalive":true,"credentials":"omit","redirect":"manual","referrerPolicy":"no-referrer","cache":"no-store""#;
    let mut json = fixed.to_vec();
    push_member(&mut json, "method", request.method);
    if let Some(body) = request.body {
        push_member(&mut json, "body", body);
    }
    json.extend_from_slice(b",\"headers\":{");
    for (name, value) in request.headers {
        push_member(&mut json, name, value);
    }
    json.extend_from_slice(b"}}");
    let options = object(str::from_utf8(&json).unwrap_or_default());
    if let Ok(signal) = abort_after(milliseconds(request.longest)) {
        let _ = reflect_set(&options, "signal", &signal);
    }
    let promise = fetch(request.url, &options).map_err(|_| Refused)?;
    // An error stands in the place of an answer, and has no status.
    let settled = once(move |response: JsValue| {
        let Some(status) = property(&response, "status").as_f64() else { return done(Fetched::Failed) };
        let headers: Headers = property(&response, "headers").unchecked_into();
        let answer = Answer { status: status as u16, retry_after: headers.header("retry-after").ok().flatten(), done };
        let body: Body = property(&response, "body").unchecked_into();
        match body.reader() {
            Ok(reader) if (200..300).contains(&answer.status) => read(reader, String::new(), answer),
            _ => answer.give(String::new()),
        }
    });
    promise.then(&settled, &settled).map(drop).map_err(|_| Refused)
}

fn push_member(json: &mut Vec<u8>, name: &str, text: &str) {
    if json.last() != Some(&b'{') {
        json.push(b',');
    }
    push_string(json, name);
    json.push(b':');
    push_string(json, text);
}

/// An answer whose body is being read.
struct Answer {
    status: u16,
    retry_after: Option<String>,
    done: Rc<dyn Fn(Fetched)>,
}

impl Answer {
    fn give(self, body: String) {
        (self.done)(Fetched::Answered(self.status, self.retry_after, body));
    }
}

/// Reads the body of an answer to its end; of one that is longer than an answer is, nothing.
fn read(reader: Reader, mut text: String, answer: Answer) {
    let Ok(promise) = reader.read() else { return answer.give(text) };
    let next = move |part: JsValue| {
        // At the end there is none, and in an error that stands in its place.
        let bytes = property(&part, "value");
        let Some(length) = property(&bytes, "byteLength").as_f64() else { return answer.give(text) };
        if length + text.len() as f64 <= RESPONSE_BYTES as f64 {
            // A character that lies in two parts is replaced: the numbers in which we are interested are others.
            text.push_str(&Decoder::new().decode(&bytes).unwrap_or_default());
            return read(reader, text, answer);
        }
        if let Ok(promise) = reader.cancel() {
            let _ = promise.then(&JsValue::UNDEFINED, &function(|| {}));
        }
        answer.give(String::new());
    };
    // An answer whose body cannot be read has been given all the same; one of the two is called, and frees it.
    let next = once(next);
    // Nobody is left to hear of a promise that is none.
    let _ = promise.then(&next, &next);
}

/// Calls `run` while no other page of this origin does so under this name, unless one does at this moment, or the browser has no
/// locks for this page. The lock is given back when `run` returns: one that is held would keep the page out of the back-forward cache.
pub(crate) fn in_turn(name: &str, run: impl FnOnce() + 'static) {
    let locks = global(&["navigator", "locks"]);
    if !locks.is_object() {
        return;
    }
    let run = move |lock: JsValue| {
        if lock.is_object() {
            run();
        }
    };
    let if_available = object(r#"{"ifAvailable":true}"#);
    let locks: LockManager = locks.unchecked_into();
    if let Ok(promise) = locks.request_lock(name, &if_available, &once(run)) {
        // A refusal is nobody's to hear.
        let _ = promise.then(&JsValue::UNDEFINED, &function(|| {}));
    }
}
