//! A program whose author has declared free text, and lets through what nobody should. `PROBE_PORT` is the port of the test's server.

use std::{env, time::Duration};

use telemetry_runtime::{Options, Sdk, flush, record, sdk, telemetry_event};

/// The product's telemetry.
pub static TELEMETRY: Sdk = sdk! {
    name: "acme-text",
    role: Library,
    default: On,
    notice: Host,
    env: "ACME",
    endpoint: "http://127.0.0.1:4318",
    wire: EventBatch { strict: false },
    docs: "https://acme.example/telemetry",
    operator: "Acme Inc.",
    contact: "privacy@acme.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
};

/// A plugin was loaded.
#[telemetry_event(throttle = None)]
pub struct PluginLoaded {
    /// What it calls itself.
    #[telemetry(free_text, max_len = 80, reason = "plugins are by others, and nobody has a list of them")]
    name: String,
    /// Where it comes from, if it says so.
    #[telemetry(free_text, max_len = 8, reason = "one word of its manifest")]
    origin: Option<String>,
}

fn main() {
    let _guard = telemetry_runtime::exit_guard();
    let options = Options::new().notice_shown(TELEMETRY.notice().hash());
    TELEMETRY.configure(match env::var("PROBE_PORT").ok().and_then(|port| port.parse().ok()) {
        Some(port) => options.loopback_port(port),
        None => options,
    });
    let texts: Vec<String> = env::args().skip(1).collect();
    if texts.is_empty() {
        println!("{}\n{}", TELEMETRY.status(), TELEMETRY.status().to_json());
    }
    for text in texts {
        record!(PluginLoaded { name: text.clone(), origin: Some(text) });
    }
    let _ = flush(Duration::from_secs(20));
}
