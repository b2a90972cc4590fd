//! A program that is off until its user says yes: it asks, or follows a switch. `PROBE_PORT` is the port of the test's server.

use std::{env, io::Read as _, time::Duration};

use telemetry_runtime::{Consent, Options, Sdk, flush, record, sdk, telemetry_event};

/// The product's telemetry.
pub static TELEMETRY: Sdk = sdk! {
    name: "acme-asks",
    role: Library,
    default: Off,
    notice: None,
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

/// Something happened; every time.
#[telemetry_event(throttle = None)]
pub struct Happened {
    /// Whether it was the first one.
    first: bool,
}

fn main() {
    if let Some(port) = env::var("PROBE_PORT").ok().and_then(|port| port.parse().ok()) {
        TELEMETRY.configure(Options::new().loopback_port(port));
    }
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["ask", milliseconds] => {
            let time = Duration::from_millis(milliseconds.parse().expect("a number"));
            println!("{:?}", TELEMETRY.ask(time));
            record!(Happened { first: true });
            let _ = flush(Duration::from_secs(20));
        }
        ["watch"] => {
            let _watch = TELEMETRY.on_consent_change(|consent| {
                // The host's own code: an event, where the answer lets it be one. Whoever reads the line may end the program.
                record!(Happened { first: false });
                println!("{consent:?}");
            });
            println!("watching");
            let _ = std::io::stdin().read_to_end(&mut Vec::new());
            let _ = flush(Duration::from_secs(20));
        }
        ["set", consent] => {
            let consent = match *consent {
                "on" => Consent::On,
                "local" => Consent::Local,
                _ => Consent::Off,
            };
            TELEMETRY.set_consent(consent).expect("there is a folder");
        }
        _ => {
            TELEMETRY.erase(true).expect("there is a folder");
        }
    }
}
