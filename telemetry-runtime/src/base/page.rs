//! The browser: the one place that calls it. Everything here answers, whatever the page forbids; nothing panics, and nothing is
//! asked before the first event.
#![allow(unsafe_code, reason = "what wasm-bindgen writes for functions of JavaScript")]

use std::time::Duration;

use wasm_bindgen::prelude::*;

use crate::base::limits::RESPONSE_BYTES;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = Reflect, js_name = get, catch)]
    fn reflect_get(target: &JsValue, key: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = Reflect, js_name = set, catch)]
    fn reflect_set(target: &JsValue, key: &str, value: &JsValue) -> Result<bool, JsValue>;

    #[wasm_bindgen(thread_local_v2, js_name = globalThis)]
    static GLOBAL: JsValue;

    #[wasm_bindgen(js_name = Object)]
    type Object;
    #[wasm_bindgen(constructor, js_class = "Object")]
    fn new() -> Object;

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
    path.iter().fold(GLOBAL.with(JsValue::clone), |object, name| property(&object, name))
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

fn options(members: &[(&str, JsValue)]) -> JsValue {
    let object = JsValue::from(Object::new());
    for (name, value) in members {
        // A new object refuses nothing.
        let _ = reflect_set(&object, name, value);
    }
    object
}

/// A function of ours that the browser may call as often as it likes. It is never freed: each is made once.
fn function(run: fn()) -> JsValue {
    Closure::<dyn Fn()>::new(run).into_js_value()
}

/// Calls `run` later: after this time, and at the earliest when the current task is over.
pub(crate) fn after(delay: Duration, run: fn()) {
    // Longer times are taken for none; whoever asked looks again.
    let milliseconds = delay.as_millis().min(i32::MAX as u128) as f64;
    // `once_into_js` frees itself when it is called.
    let _ = set_timeout(&Closure::once_into_js(run), milliseconds);
}

/// Calls `run` when the page has nothing else to do, and within this time.
pub(crate) fn when_idle(longest: Duration, run: fn()) {
    let timeout = options(&[("timeout", JsValue::from_f64(longest.as_millis() as f64))]);
    if request_idle_callback(&Closure::once_into_js(run), &timeout).is_err() {
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
    let storage = GLOBAL.with(|global| reflect_get(global, "localStorage")).map_err(|_| Refused)?;
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

/// All keys that begin so.
pub(crate) fn keys(prefix: &str) -> Result<Vec<String>, Refused> {
    let storage = storage()?;
    let length = storage.length().map_err(|_| Refused)?;
    Ok((0..length).filter_map(|index| storage.key(index).ok()?).filter(|key| key.starts_with(prefix)).collect())
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
pub(crate) fn send(request: &Fetch<'_>, done: impl FnOnce(Fetched) + Clone + 'static) -> Result<(), Refused> {
    let headers =
        options(&request.headers.iter().map(|(name, value)| (name.as_str(), value.into())).collect::<Vec<_>>());
    let mut members = vec![
        ("method", request.method.into()),
        ("headers", headers),
        ("keepalive", true.into()),
        ("credentials", "omit".into()),
        // A redirect is an answer without a status, and followed by nobody.
        ("redirect", "manual".into()),
        ("referrerPolicy", "no-referrer".into()),
        ("cache", "no-store".into()),
    ];
    members.extend(request.body.map(|body| ("body", body.into())));
    members.extend(abort_after(request.longest).map(|signal| ("signal", signal)));
    let promise = fetch(request.url, &options(&members)).map_err(|_| Refused)?;
    let answered = {
        let done = done.clone();
        move |response: JsValue| {
            let status = property(&response, "status").as_f64().unwrap_or_default() as u16;
            let headers: Headers = property(&response, "headers").unchecked_into();
            let retry_after = headers.header("retry-after").ok().flatten();
            let answered = move |body| done(Fetched::Answered(status, retry_after, body));
            let body = property(&response, "body");
            match body.unchecked_into::<Body>().reader() {
                Ok(reader) if (200..300).contains(&status) => read(reader, String::new(), answered),
                _ => answered(String::new()),
            }
        }
    };
    let failed = move |_: JsValue| done(Fetched::Failed);
    promise.then(&Closure::once_into_js(answered), &Closure::once_into_js(failed)).map(drop).map_err(|_| Refused)
}

/// Reads the body of an answer to its end; `done` gets nothing of one that is longer than an answer is.
fn read(reader: Reader, mut text: String, done: impl FnOnce(String) + 'static) {
    let Ok(promise) = reader.read() else { return done(text) };
    let next = move |part: JsValue| {
        // At the end there is none, and in an error that stands in its place.
        let bytes = property(&part, "value");
        let Some(length) = property(&bytes, "byteLength").as_f64() else { return done(text) };
        if length + text.len() as f64 <= RESPONSE_BYTES as f64 {
            // A character that lies in two parts is replaced: the numbers in which we are interested are others.
            text.push_str(&Decoder::new().decode(&bytes).unwrap_or_default());
            return read(reader, text, done);
        }
        if let Ok(promise) = reader.cancel() {
            let _ = promise.then(&JsValue::UNDEFINED, &function(|| {}));
        }
        done(String::new());
    };
    // An answer whose body cannot be read has been given all the same; one of the two is called, and frees it.
    let next = Closure::once_into_js(next);
    // Nobody is left to hear of a promise that is none.
    let _ = promise.then(&next, &next);
}

/// A signal that ends a request after this time, where the browser has such.
fn abort_after(longest: Duration) -> Option<JsValue> {
    #[wasm_bindgen]
    extern "C" {
        #[wasm_bindgen(js_namespace = AbortSignal, js_name = timeout, catch)]
        fn timeout(milliseconds: f64) -> Result<JsValue, JsValue>;
    }
    timeout(longest.as_millis() as f64).ok()
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
    let if_available = options(&[("ifAvailable", true.into())]);
    let locks: LockManager = locks.unchecked_into();
    if let Ok(promise) = locks.request_lock(name, &if_available, &Closure::once_into_js(run)) {
        // A refusal is nobody's to hear.
        let _ = promise.then(&JsValue::UNDEFINED, &function(|| {}));
    }
}
