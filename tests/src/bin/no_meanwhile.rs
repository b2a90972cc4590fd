//! A program whose user says no while the values of an event are made. `PROBE_PORT` is the port of the test's server.

use std::{env, time::Duration};

use telemetry_runtime::{Consent, Options, Sdk, flush, record_with, sdk, telemetry_event};

/// The product's telemetry.
pub static TELEMETRY: Sdk = sdk! {
    name: "acme-turns",
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
struct Happened {
    /// Whether it was the first one.
    first: bool,
}

/// Something that is reported once a day.
#[telemetry_event]
struct Seen {
    /// Its number.
    #[telemetry(range = 0..=9)]
    number: u8,
}

/// Something with more values; every time.
#[telemetry_event(throttle = None)]
struct Measured {
    /// Some numbers.
    #[telemetry(unbounded, reason = "they take as many bytes as any number")]
    numbers: [u64; 4],
}

/// One of each kind, whose values are made by code of the host.
fn made_by(round: u8, mut code: impl FnMut()) {
    record_with(|| {
        code();
        Happened { first: false }
    });
    record_with(|| {
        code();
        Seen { number: round }
    });
    record_with(|| {
        code();
        Measured { numbers: [0; 4] }
    });
}

fn main() {
    let port = env::var("PROBE_PORT").ok().and_then(|port| port.parse().ok()).expect("a port");
    TELEMETRY.configure(Options::new().loopback_port(port));
    let say = |consent| TELEMETRY.set_consent(consent).expect("there is a folder");
    say(Consent::On);
    // The first round has no no. In each other one it comes with the event of that number, and a yes before the next round.
    for round in 0..4 {
        let mut event = 1;
        made_by(round, || {
            if event == round {
                // What waits would go with the no.
                let _ = flush(Duration::from_secs(20));
                say(Consent::Off);
            }
            event += 1;
        });
        let _ = flush(Duration::from_secs(20));
        say(Consent::On);
    }
    println!("{}", serde_json::to_string(&TELEMETRY.status().ledger).expect("counts are JSON"));
}
