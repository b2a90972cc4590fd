//! What an SDK may declare beside, each of which brings code of its own. `scripts/browser-check` drives it.

use std::cell::RefCell;

use telemetry_runtime::{Consent, ConsentWatch, Level, Options, Pseudonym, Sdk, Version, record, sdk, telemetry_event};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::TELEMETRY;

/// Something was searched for.
#[telemetry_event(throttle = None)]
pub struct Searched {
    /// The words.
    #[telemetry(free_text, max_len = 40, reason = "Shows that text is looked through before it is sent.")]
    words: String,
    /// In which project.
    project: Pseudonym,
    /// The version of the project.
    version: Version,
}

/// The page was scrolled.
#[telemetry_event(kind = Counter)]
pub struct Scrolled {
    /// To its end.
    to_end: bool,
}

/// An SDK whose server takes OTLP.
pub static OTLP: Sdk = sdk! {
    name: "acme-logs",
    role: Library,
    default: On,
    env: "ACME_LOGS",
    endpoint: "http://127.0.0.1:4817/acme-logs",
    wire: Otlp,
    active: Daily,
    health: Daily,
    docs: "https://acme.example/telemetry",
    operator: "Acme ::logs",
    contact: "privacy@acme.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
    notice: Host,
    browser: true,
};

/// An SDK whose address is all that it sends.
pub static BEACON: Sdk = sdk! {
    name: "acme-beacon",
    role: Library,
    default: On,
    env: "ACME_BEACON",
    endpoint: "http://127.0.0.1:4817/acme-beacon",
    wire: Beacon,
    docs: "https://acme.example/telemetry",
    operator: "Acme Inc.",
    contact: "privacy@acme.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
    notice: Host,
    browser: true,
};

/// A log was read.
#[telemetry_event(sdk = crate::everything::OTLP, level = Basic)]
pub struct LogRead {
    /// To its end.
    to_end: bool,
}

/// The page was left.
#[telemetry_event(sdk = crate::everything::BEACON)]
pub struct Left {
    /// By its banner.
    by_banner: bool,
}

/// The user says yes to the logs as well, as far as they are basic.
#[wasm_bindgen]
pub fn allow_logs() {
    telemetry_runtime::allow_release(&OTLP);
    if OTLP.set_consent_at(Consent::On, Level::Basic).is_ok() {
        OTLP.notice_was_shown(OTLP.notice().hash());
    }
}

/// The user says no to the logs.
#[wasm_bindgen]
pub fn refuse_logs() {
    let _ = OTLP.set_consent(Consent::Off);
}

/// What the user is told of the logs.
#[wasm_bindgen]
pub fn logs_notice() -> String {
    OTLP.notice().text().to_owned()
}

/// What became of the logs.
#[wasm_bindgen]
pub fn logs_status() -> String {
    OTLP.status().to_json()
}

/// Searches in a project.
#[wasm_bindgen]
pub fn search(words: String, project: &str) {
    record!(Searched { words, project: Pseudonym::of(project.as_bytes()), version: Version::parse("1.2.3") });
}

/// Scrolls, and does what the other SDKs record.
#[wasm_bindgen]
pub fn scroll(to_end: bool) {
    record!(Scrolled { to_end });
    record!(LogRead { to_end });
    record!(Left { by_banner: to_end });
}

/// The beacon goes to a server on this machine, and asks nobody.
#[wasm_bindgen]
pub fn lift() {
    BEACON.configure(Options::new().loopback().loopback_port(4817));
}

/// The beacon shows what it would send.
#[wasm_bindgen]
pub fn debug() {
    BEACON.configure(Options::new().debug(true));
}

/// What would be sent next: the body of each request.
#[wasm_bindgen]
pub fn preview() -> Vec<String> {
    let body = |request: &telemetry_runtime::transport::Request| String::from_utf8_lossy(request.body()).into_owned();
    TELEMETRY.preview().iter().map(body).collect()
}

/// What is counted until the day is over.
#[wasm_bindgen]
pub fn counted() -> Vec<String> {
    TELEMETRY.counted()
}

thread_local! {
    static WATCH: RefCell<Option<ConsentWatch>> = const { RefCell::new(None) };
    static HEARD: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Follows what the user decides, in whatever tab.
#[wasm_bindgen]
pub fn watch() {
    let hear = |now: Option<Consent>| HEARD.with_borrow_mut(|heard| heard.push(format!("{now:?}")));
    WATCH.set(Some(TELEMETRY.on_consent_change(hear)));
}

/// Follows it no longer.
#[wasm_bindgen]
pub fn end_watch() {
    WATCH.set(None);
}

/// What was decided meanwhile.
#[wasm_bindgen]
pub fn heard() -> Vec<String> {
    HEARD.with_borrow(Clone::clone)
}
