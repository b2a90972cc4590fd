//! A program that is off until its user says yes: it asks, or follows a switch. `PROBE_PORT` is the port of the test's server.

use std::{env, io::Read as _, time::Duration};

use telemetry_runtime::{Consent, Options, Sdk, flush, record, record_with, sdk, telemetry_event};

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

/// Something that is reported once a day.
#[telemetry_event]
pub struct Seen {
    /// Its number.
    #[telemetry(range = 0..=9)]
    number: u8,
}

/// Something with more values; every time.
#[telemetry_event(throttle = None)]
pub struct Measured {
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
        // The host's user says no while the values of each event are made; and yes again, before the next one.
        ["no-meanwhile"] => {
            let say = |consent| TELEMETRY.set_consent(consent).expect("there is a folder");
            say(Consent::On);
            // The first round has none.
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
