//! The browser: the one place that calls it. Everything here answers, whatever the page forbids; nothing panics, and nothing is
//! asked before the first event.
#![allow(unsafe_code, reason = "what wasm-bindgen writes for functions of JavaScript")]

pub(crate) mod uuid;

use std::{rc::Rc, time::Duration};

use telemetry_schema::{cut, json::push_string};
use wasm_bindgen::prelude::*;

use crate::base::limits::RESPONSE_BYTES;

// Each function costs a page a name that cannot be packed, twice, and code on both sides. So there are a handful, and by these everything else is
// called that the browser has.
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = Reflect, js_name = get, catch)]
    fn reflect_get(target: &JsValue, key: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = Reflect, js_name = apply, catch)]
    fn reflect_apply(function: &JsValue, this: &JsValue, arguments: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = Array, js_name = of, catch)]
    fn array_of(first: &JsValue, second: &JsValue, third: &JsValue) -> Result<JsValue, JsValue>;

    // What any object answers with is itself: a function costs less than a static, which is made when it is first asked for.
    #[wasm_bindgen(js_namespace = globalThis, js_name = valueOf)]
    fn global_object() -> JsValue;

    #[wasm_bindgen(js_namespace = JSON, catch)]
    fn parse(text: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_name = String, catch)]
    fn string(value: &JsValue) -> Result<String, JsValue>;

    #[wasm_bindgen(js_namespace = Date, js_name = now, catch)]
    fn date() -> Result<f64, JsValue>;
    #[wasm_bindgen(js_namespace = performance, js_name = now, catch)]
    fn since_load() -> Result<f64, JsValue>;
}

/// Milliseconds since 1970-01-01; zero where a host has left no clock that works.
pub(crate) fn date_now() -> f64 {
    date().unwrap_or_default()
}

/// Milliseconds since the page was loaded; or since 1970-01-01, where a host has left no clock for that.
pub(crate) fn performance_now() -> f64 {
    since_load().unwrap_or_else(|_| date_now())
}

/// A value as ECMAScript makes it text.
fn shown(value: &JsValue) -> String {
    string(value).unwrap_or_default()
}

fn js(text: &str) -> JsValue {
    JsValue::from_str(text)
}

/// Calls a method. A number among the arguments may be text; an argument that the method does not have is passed over.
fn call(
    target: &JsValue,
    method: &str,
    first: &JsValue,
    second: &JsValue,
    third: &JsValue,
) -> Result<JsValue, Refused> {
    let call = || reflect_apply(&reflect_get(target, method)?, target, &array_of(first, second, third)?);
    call().map_err(|_| Refused)
}

/// As [`call`], with texts.
fn call_with(target: &JsValue, method: &str, first: &str, second: &str) -> Result<JsValue, Refused> {
    call(target, method, &js(first), &js(second), &JsValue::UNDEFINED)
}

/// As [`call`], with nothing.
fn call_bare(target: &JsValue, method: &str) -> Result<JsValue, Refused> {
    call(target, method, &JsValue::UNDEFINED, &JsValue::UNDEFINED, &JsValue::UNDEFINED)
}

/// What the browser does not do, or not for this page.
#[derive(Debug)]
pub(crate) struct Refused;

/// A property by its path from the global object; `undefined` where there is none, or where the page may not read it.
fn global(path: &[&str]) -> JsValue {
    path.iter().fold(global_object(), |object, name| property(&object, name))
}

fn property(object: &JsValue, name: &str) -> JsValue {
    reflect_get(object, name).unwrap_or(JsValue::UNDEFINED)
}

/// Whether a property is `true`.
pub(crate) fn is_true(path: &[&str]) -> bool {
    shown(&global(path)) == "true"
}

/// A property that is text.
pub(crate) fn text(path: &[&str]) -> Option<String> {
    global(path).as_string()
}

/// A number as ECMAScript prints it, and JSON writes it.
pub(crate) fn float(value: f64) -> String {
    if value.is_finite() { shown(&JsValue::from_f64(value)) } else { "null".to_owned() }
}

/// Whether this is an object of the browser's.
fn is_object(value: &JsValue) -> bool {
    shown(value).starts_with("[object ")
}

/// A date in milliseconds since 1970-01-01; `None` if it is none, or one before that.
pub(crate) fn date_parse(text: &str) -> Option<u64> {
    let date = call_with(&global(&["Date"]), "parse", text, "").ok()?;
    cut::number_of(shown(&date).as_bytes())
}

/// Writes a line to the console.
pub(crate) fn console(kind: &str, text: &str) {
    let console = global(&["console"]);
    // Of all that is called here it is the one that says every argument it is given.
    let mut only = b"[".to_vec();
    push_string(&mut only, text);
    only.push(b']');
    let only = object(&String::from_utf8(only).unwrap_or_default());
    let _ = reflect_get(&console, kind).and_then(|function| reflect_apply(&function, &console, &only));
}

/// Whether this is a page, and no worker: it has a document.
pub(crate) fn has_document() -> bool {
    is_object(&global(&["document"]))
}

/// Whether the browser knows that it has no network.
pub(crate) fn is_offline() -> bool {
    shown(&global(&["navigator", "onLine"])) == "false"
}

/// Whether the page cannot be seen, and may be gone at any moment.
pub(crate) fn is_hidden() -> bool {
    text(&["document", "visibilityState"]).as_deref() == Some("hidden")
}

/// An object, from its JSON.
fn object(json: &str) -> JsValue {
    parse(json).unwrap_or(JsValue::UNDEFINED)
}

/// Whether a text is the JSON of an object.
pub(crate) fn is_object_of(json: &str) -> bool {
    is_object(&object(json))
}

/// A function of ours, which lives as long as the browser holds it. All are of one type: each type is code of its own here, and in the script
/// beside the module.
fn function(run: impl FnMut(JsValue) + 'static) -> JsValue {
    let run: Box<dyn FnMut(JsValue)> = Box::new(run);
    Closure::wrap(run).into_js_value()
}

/// A function of ours that the browser calls once: what it holds is given back then.
fn once(run: impl FnOnce(JsValue) + 'static) -> JsValue {
    let mut run = Some(run);
    function(move |value| {
        if let Some(run) = run.take() {
            run(value);
        }
    })
}

/// No time of ours is longer than years.
fn milliseconds(time: Duration) -> u64 {
    time.as_secs().wrapping_mul(1_000).wrapping_add(time.subsec_millis().into())
}

/// Calls `run` later: after this time, and at the earliest when the current task is over.
pub(crate) fn after(delay: Duration, run: fn()) {
    // Whatever part of a millisecond was asked for is over then.
    at(performance_now() + (milliseconds(delay).saturating_add(1)) as f64, run);
}

/// Calls `run` at this time of [`performance_now`]. A browser takes times that are too long for none, and may blur the clock by a tenth of a second: what
/// comes too early waits for the rest.
fn at(time: f64, run: fn()) {
    // `as` saturates.
    let rest = cut::number(((time - performance_now()) as u64).min(i32::MAX as u64));
    let due = once(move |_| if performance_now() < time { at(time, run) } else { run() });
    let _ = call(&global_object(), "setTimeout", &due, &js(&rest), &JsValue::UNDEFINED);
}

/// Calls `run` when the page has nothing else to do, and within this time.
pub(crate) fn when_idle(longest: Duration, run: fn()) {
    let options = object(&cut::joined(&["{\"timeout\":", &cut::number(milliseconds(longest)), "}"]));
    let run_once = once(move |_| run());
    if call(&global_object(), "requestIdleCallback", &run_once, &options, &JsValue::UNDEFINED).is_err() {
        after(longest.min(Duration::from_millis(20)), run);
    }
}

/// Calls `run` at every event of this name that reaches the window, for as long as the page lives.
pub(crate) fn on(event: &str, run: fn()) {
    let _ = call(&global_object(), "addEventListener", &js(event), &function(move |_| run()), &JsValue::UNDEFINED);
}

/// Asks what the page keeps for its origin. `Err` where the browser refuses: third parties, private windows, a full disk, a sandbox.
fn storage(method: &str, key: &str, text: &str) -> Result<JsValue, Refused> {
    let storage = reflect_get(&global_object(), "localStorage").map_err(|_| Refused)?;
    call_with(&storage, method, key, text)
}

/// The text under a key; `None` if there is none.
pub(crate) fn stored(key: &str) -> Result<Option<String>, Refused> {
    Ok(storage("getItem", key, "")?.as_string())
}

/// Replaces the text under a key.
pub(crate) fn store(key: &str, text: &str) -> Result<(), Refused> {
    storage("setItem", key, text).map(drop)
}

/// Removes a key.
pub(crate) fn remove(key: &str) -> Result<(), Refused> {
    storage("removeItem", key, "").map(drop)
}

/// What follows a prefix in the keys that begin so, where it begins with `begin`.
pub(crate) fn keys(prefix: &str, begin: &str) -> Result<Vec<String>, Refused> {
    let mut keys = Vec::new();
    let mut place = 0;
    // Behind the last one there is none.
    while let Some(key) = storage("key", &cut::number(place), "")?.as_string() {
        if let Some(name) = key.strip_prefix(prefix).filter(|name| name.starts_with(begin)) {
            keys.push(name.to_owned());
        }
        place += 1;
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
    Answered(u16, Option<String>, Vec<u8>),
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
    // Where the browser has no such signal, the request has the browser's time.
    let longest = cut::number(milliseconds(request.longest));
    if let Ok(signal) = call_with(&global(&["AbortSignal"]), "timeout", &longest, "") {
        let _ = call(&global(&["Reflect"]), "set", &options, &js("signal"), &signal);
    }
    let promise = call(&global_object(), "fetch", &js(request.url), &options, &JsValue::UNDEFINED)?;
    // An error stands in the place of an answer, and has no status.
    let settled = once(move |response: JsValue| {
        let status = shown(&property(&response, "status"));
        let Some(status) = cut::number_of(status.as_bytes()) else { return done(Fetched::Failed) };
        let retry_after = call_with(&property(&response, "headers"), "get", "retry-after", "");
        let retry_after = retry_after.ok().and_then(|value| value.as_string());
        let answer = Answer { status: status as u16, retry_after, done };
        match call_bare(&property(&response, "body"), "getReader") {
            Ok(reader) if (200..300).contains(&answer.status) => read(reader, Vec::new(), answer),
            _ => answer.give(Vec::new()),
        }
    });
    then(&promise, &settled, &settled)
}

/// Has one of two functions called when a promise is settled.
fn then(promise: &JsValue, answered: &JsValue, failed: &JsValue) -> Result<(), Refused> {
    call(promise, "then", answered, failed, &JsValue::UNDEFINED).map(drop)
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
    fn give(self, body: Vec<u8>) {
        (self.done)(Fetched::Answered(self.status, self.retry_after, body));
    }
}

/// Reads the body of an answer to its end; of one that is longer than an answer is, nothing.
fn read(reader: JsValue, mut body: Vec<u8>, answer: Answer) {
    let Ok(promise) = call_bare(&reader, "read") else { return answer.give(body) };
    let next = move |part: JsValue| {
        // At the end there is none, and in an error that stands in its place.
        let bytes = property(&part, "value");
        let Some(length) = cut::number_of(shown(&property(&bytes, "byteLength")).as_bytes()) else {
            return answer.give(body);
        };
        if length + body.len() as u64 <= RESPONSE_BYTES as u64 {
            // As text they are numbers with commas between them.
            let numbers = shown(&bytes);
            let mut rest = numbers.as_str();
            while let Some((number, behind)) = cut::once(rest, b',').or((!rest.is_empty()).then_some((rest, ""))) {
                body.extend(cut::number_of(number.as_bytes()).map(|byte| byte as u8));
                rest = behind;
            }
            return read(reader, body, answer);
        }
        if let Ok(promise) = call_bare(&reader, "cancel") {
            let _ = then(&promise, &JsValue::UNDEFINED, &function(drop));
        }
        answer.give(Vec::new());
    };
    // An answer whose body cannot be read has been given all the same; one of the two is called, and frees it.
    let next = once(next);
    // Nobody is left to hear of a promise that is none.
    let _ = then(&promise, &next, &next);
}

/// Calls `run` while no other page of this origin does so under this name, unless one does at this moment, or the browser has no
/// locks for this page. The lock is given back when `run` returns: one that is held would keep the page out of the back-forward cache.
pub(crate) fn in_turn(name: &str, run: impl FnOnce() + 'static) {
    let locks = global(&["navigator", "locks"]);
    if !is_object(&locks) {
        return;
    }
    let run = move |lock: JsValue| {
        if is_object(&lock) {
            run();
        }
    };
    let if_available = object(r#"{"ifAvailable":true}"#);
    if let Ok(promise) = call(&locks, "request", &js(name), &if_available, &once(run)) {
        // A refusal is nobody's to hear.
        let _ = then(&promise, &JsValue::UNDEFINED, &function(drop));
    }
}
