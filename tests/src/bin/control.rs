//! A program that uses what a host may ask of the running pipeline, and an SDK that brings its own transport. The first
//! argument says what it does.

use std::time::Duration;

use telemetry_runtime::{
    Consent, Options, Sdk, flush, record, sdk, shutdown, telemetry_event,
    transport::{Cancel, Request, Response, Transport, TransportError},
};

/// The telemetry under control.
pub static TELEMETRY: Sdk = sdk! {
    name: "control",
    role: Library,
    default: On,
    env: "CONTROL",
    endpoint: "http://127.0.0.1:4318",
    wire: EventBatch { strict: false },
    docs: "https://control.example/telemetry",
    operator: "Control Inc.",
    contact: "privacy@control.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
};

/// Something happened.
#[telemetry_event(throttle = None)]
pub struct Happened {
    /// Its number.
    #[telemetry(range = 0..=9)]
    number: u8,
}

/// An SDK that sends in its own way.
pub static COURIER: Sdk = sdk! {
    name: "courier",
    role: Library,
    default: On,
    env: "COURIER",
    endpoint: "http://localhost:4318/courier/",
    wire: EventBatch { strict: true },
    docs: "https://courier.example/telemetry",
    operator: "Courier Inc.",
    contact: "privacy@courier.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
    transport: Courier,
};

/// Prints what it is to send, or panics if the test wants that.
#[derive(Default)]
struct Courier;

impl Transport for Courier {
    fn send(&mut self, request: &Request, cancel: &Cancel) -> Result<Response, TransportError> {
        assert!(std::env::var_os("COURIER_PANICS").is_none(), "a fault in an author's transport");
        assert!(!cancel.is_cancelled());
        println!("{} {} {}", request.method(), request.url(), String::from_utf8_lossy(request.body()));
        Ok(Response::new(204))
    }
}

/// Something was carried.
#[telemetry_event(sdk = COURIER)]
pub struct Carried {
    /// Whether it was heavy.
    heavy: bool,
}

fn main() {
    let port = std::env::var("PROBE_PORT").ok().and_then(|port| port.parse().ok()).expect("the test sets the port");
    let options = Options::new().loopback().loopback_port(port);
    if std::env::args().nth(1).as_deref() == Some("courier") {
        COURIER.configure(Options::new().loopback());
        record!(Carried { heavy: true });
        println!("{:?}", flush(Duration::from_secs(20)));
        println!("{:?}", flush(Duration::from_secs(20)));
        return;
    }
    TELEMETRY.configure(options.clone());
    record!(Happened { number: 1 });
    match std::env::args().nth(1).as_deref() {
        Some("shutdown") => {
            println!("{:?}", shutdown(Duration::from_secs(20)));
            TELEMETRY.configure(options.enabled(true));
            record!(Happened { number: 2 });
            println!("{:?}", flush(Duration::from_secs(20)));
            println!("{}", TELEMETRY.status().ledger.offered);
        }
        // What the caller's thread does for a thousand accepted events, between two lines on standard output.
        Some("burst") => {
            flush(Duration::from_secs(20)).expect("the server is up");
            // The worker sleeps after a quiet second; this event wakes it, and it stays awake for the next ones.
            record!(Happened { number: 2 });
            println!("begin");
            let counted = allocation_counter::measure(|| {
                for number in 0..1000 {
                    record!(Happened { number: number as u8 % 10 });
                }
            });
            println!("end");
            let ledger = TELEMETRY.status().ledger;
            println!(
                "{} accepted, {} refused, {} allocations",
                ledger.accepted, ledger.queue_full, counted.count_total
            );
        }
        // Debug mode on and off again: what comes after is recorded as ever.
        Some("debug-toggle") => {
            let _ = flush(Duration::from_secs(20));
            TELEMETRY.configure(Options::new().debug(true));
            record!(Happened { number: 2 });
            TELEMETRY.configure(Options::new().debug(false));
            record!(Happened { number: 3 });
            println!("{:?}", flush(Duration::from_secs(20)));
        }
        // Switched off and on again before the worker has looked: what was queued stays discarded.
        Some("re-enable") => {
            let _ = flush(Duration::from_secs(20));
            record!(Happened { number: 2 });
            TELEMETRY.configure(Options::new().enabled(false));
            TELEMETRY.configure(Options::new().enabled(true));
            record!(Happened { number: 3 });
            let _ = flush(Duration::from_secs(20));
            println!("{} vetoed", TELEMETRY.status().ledger.vetoed);
        }
        // The server has failed once; then the user decides against sending, before anything is tried again.
        Some("local") => {
            println!("{:?}", flush(Duration::from_secs(20)));
            TELEMETRY.set_consent(Consent::Local).expect("the home can be written");
            record!(Happened { number: 2 });
            std::thread::sleep(Duration::from_secs(3));
            let _ = flush(Duration::from_secs(20));
        }
        // A home in which nothing can be stored: the word holds in this process all the same.
        Some("unstorable-off") => {
            let _ = flush(Duration::from_secs(20));
            let state = std::env::var_os("XDG_STATE_HOME").expect("the test sets the state folder");
            let consent = std::path::Path::new(&state).join("telemetry/control/consent.json");
            std::fs::create_dir_all(consent.join("in the way")).expect("the home can be written");
            println!("{}", TELEMETRY.set_consent(Consent::Off).is_err());
            std::fs::remove_dir_all(consent).expect("the home can be written");
            TELEMETRY.configure(options);
            record!(Happened { number: 2 });
            let _ = flush(Duration::from_secs(20));
            let status = TELEMETRY.status();
            println!("{} by layer {}", status.mode, status.decided_by.map_or(0, telemetry_runtime::Layer::number));
        }
        // An upload for every line of standard input; what `status` says at its end.
        Some("uploads") => {
            for (number, line) in std::io::stdin().lines().enumerate() {
                let _ = line.expect("the test writes lines");
                record!(Happened { number: number as u8 % 10 });
                println!("{:?}", flush(Duration::from_secs(20)));
            }
            println!("{}", TELEMETRY.status().to_json());
        }
        // Stops while a request is under way, in the way that standard input says; lives on until that ends.
        Some("stop") => {
            let mut lines = std::io::stdin().lines();
            let mut word = || lines.next().and_then(Result::ok).unwrap_or_default();
            let sending = std::thread::spawn(|| flush(Duration::from_secs(20)));
            match word().as_str() {
                "off" => TELEMETRY.set_consent(Consent::Off).expect("the home can be written"),
                "veto" => telemetry_runtime::veto_all(),
                "shutdown" => drop(shutdown(Duration::ZERO)),
                _ => drop(sending.join()),
            }
            word();
        }
        Some("flush-twice") => {
            for _ in 0..2 {
                println!("{:?}", flush(Duration::from_secs(20)));
            }
        }
        other => panic!("no such action: {other:?}"),
    }
}
