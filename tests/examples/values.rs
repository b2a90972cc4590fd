//! What events carry, and when and in which order they arrive. The first argument says what is done; `PROBE_PORT` is the port
//! of the test's server.

use std::{
    io::Read as _,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, UNIX_EPOCH},
};

use base64::Engine as _;
use golden_release_host::keyed;
use telemetry_runtime::{
    Layer, Options, Sdk, allow_release, flush,
    instance::PublishableKey,
    record, sdk, telemetry_event,
    testing::{Clock, events_in_memory},
    wrapper,
};

/// Sends many events in one request.
pub static TELEMETRY: Sdk = sdk! {
    name: "values",
    role: Library,
    default: On,
    env: "VALUES",
    endpoint: "http://127.0.0.1:4318",
    wire: EventBatch { strict: false },
    docs: "https://values.example/telemetry",
    operator: "Values Inc.",
    contact: "privacy@values.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
    instance: Optional,
};

/// An event by its number.
#[telemetry_event(throttle = None)]
pub struct Numbered {
    /// Its number.
    #[telemetry(range = 0..=1_000_000)]
    number: u32,
}

/// A command by its number.
#[telemetry_event(kind = Command)]
pub struct Commanded {
    /// Its number.
    #[telemetry(range = 0..=1_000_000)]
    number: u32,
}

/// An event that is recorded once in an hour.
#[telemetry_event(throttle = Rolling(1 h))]
pub struct Hourly {
    /// Whether it is the one.
    one: bool,
}

/// An event that is recorded once in 24 hours.
#[telemetry_event(throttle = Rolling(24 h))]
pub struct Rolled {
    /// Whether it is the one.
    one: bool,
}

/// Written by the thread that records it.
pub static APPENDED: Sdk = sdk! {
    name: "values-appended",
    role: Library,
    default: On,
    env: "VALUES_APPENDED",
    endpoint: "http://127.0.0.1:4318",
    wire: EventBatch { strict: false },
    docs: "https://values.example/telemetry",
    operator: "Values Inc.",
    contact: "privacy@values.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
    write_on: Caller,
    instance: Optional,
};

/// An event by its number.
#[telemetry_event(sdk = APPENDED, throttle = None)]
pub struct Appended {
    /// Its number.
    #[telemetry(range = 0..=1_000_000)]
    number: u32,
}

/// Sends its one event of a run in the address of a request.
pub static BEACON: Sdk = sdk! {
    name: "values-beacon",
    role: Library,
    default: On,
    env: "VALUES_BEACON",
    endpoint: "http://127.0.0.1:4318",
    wire: Beacon,
    docs: "https://values.example/telemetry",
    operator: "Values Inc.",
    contact: "privacy@values.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
};

/// The program was started.
#[telemetry_event(sdk = BEACON, kind = Start)]
pub struct Started {
    /// Whether for the first time.
    first: bool,
}

/// Sends each command by itself.
pub static REPORT: Sdk = sdk! {
    name: "values-report",
    role: Library,
    default: On,
    env: "VALUES_REPORT",
    endpoint: "http://127.0.0.1:4318",
    wire: Report,
    docs: "https://values.example/telemetry",
    operator: "Values Inc.",
    contact: "privacy@values.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
};

/// A command was run.
#[telemetry_event(sdk = REPORT, kind = Command)]
pub struct Reported {
    /// Its number.
    #[telemetry(range = 0..=1_000_000)]
    number: u32,
}

/// Wants the key of a development instance.
pub static KEYED: Sdk = sdk! {
    name: "values-keyed",
    role: Library,
    default: On,
    env: "VALUES_KEYED",
    endpoint: "http://127.0.0.1:4318",
    wire: EventBatch { strict: true },
    docs: "https://values.example/telemetry",
    operator: "Values Inc.",
    contact: "privacy@values.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
    instance: Required,
};

/// Something happened.
#[telemetry_event(sdk = KEYED, throttle = None)]
pub struct Happened {
    /// Which one.
    #[telemetry(range = 0..=1000)]
    number: u32,
}

fn main() {
    let port = std::env::var("PROBE_PORT").ok().and_then(|port| port.parse().ok()).expect("the test sets the port");
    let options = Options::new().loopback().loopback_port(port);
    for sdk in [&TELEMETRY, &APPENDED, &BEACON, &REPORT, &KEYED, &keyed::TELEMETRY] {
        sdk.configure(options.clone());
    }
    match std::env::args().nth(1).as_deref() {
        // One event that waits for more events first, then one that nobody can join.
        Some("beacon") => {
            record!(Numbered { number: 0 });
            record!(Started { first: true });
            until_told();
        }
        Some("report") => {
            record!(Numbered { number: 0 });
            record!(Reported { number: 1 });
            until_told();
        }
        // Two configurations in turn, changed before each event: even numbers under one, odd ones under the other.
        Some("alternate") => {
            let kind = std::env::args().nth(2);
            for number in 0..200 {
                TELEMETRY.configure(tenant(number % 2));
                APPENDED.configure(tenant(number % 2));
                match kind.as_deref() {
                    Some("commands") => record!(Commanded { number }),
                    Some("appended") => record!(Appended { number }),
                    _ => record!(Numbered { number }),
                }
                for sdk in [&TELEMETRY, &APPENDED] {
                    sdk.configure(tenant((number + 1) % 2));
                }
            }
            println!("{:?}", flush(Duration::from_secs(50)));
        }
        // Threads that each set a configuration of their own before an event, in turn but in no order.
        Some("threads") => {
            let turn = Mutex::new(());
            std::thread::scope(|scope| {
                for thread in 0..4 {
                    let turn = &turn;
                    scope.spawn(move || {
                        for round in 0..200 {
                            let _turn = turn.lock();
                            TELEMETRY.configure(tenant(thread));
                            record!(Numbered { number: round * 4 + thread });
                        }
                    });
                }
            });
            println!("{:?}", flush(Duration::from_secs(50)));
        }
        // So many configurations, each for one event; after each event everything is appended if the test wants that.
        Some("many") => {
            let settles = std::env::args().nth(2).as_deref() == Some("settle");
            let count = if settles { 150 } else { 1_000 };
            for number in 0..count {
                TELEMETRY.configure(tenant(number));
                record!(Numbered { number });
                while settles && events_in_memory(&TELEMETRY) > 0 {
                    std::thread::sleep(Duration::from_millis(1));
                }
            }
            let _ = flush(Duration::from_secs(50));
            // There is room again.
            record!(Numbered { number: count - 1 });
            let _ = flush(Duration::from_secs(50));
            println!("{}", serde_json::to_string(&TELEMETRY.status().ledger).unwrap_or_default());
        }
        // One thread records while another one changes what must never be sent.
        Some("races") => {
            let key = |text: &str| Options::new().instance(PublishableKey::parse(text).expect("a key"));
            let done = AtomicBool::new(false);
            std::thread::scope(|scope| {
                scope.spawn(|| {
                    for _ in 0..300 {
                        KEYED.configure(key("pk_test_eC55JA"));
                        KEYED.configure(key("pk_live_eC55JA"));
                        TELEMETRY.configure(Options::new().sampling_rate(1.0));
                        TELEMETRY.configure(Options::new().sampling_rate(0.0));
                    }
                    done.store(true, Ordering::SeqCst);
                });
                while !done.load(Ordering::SeqCst) {
                    for number in 0..100 {
                        record!(Happened { number });
                        record!(Numbered { number });
                    }
                    std::thread::sleep(Duration::from_millis(1));
                }
            });
            KEYED.configure(key("pk_test_eC55JA"));
            let _ = flush(Duration::from_secs(50));
            for sdk in [&KEYED, &TELEMETRY] {
                println!("{}", serde_json::to_string(&sdk.status().ledger).unwrap_or_default());
            }
        }
        // Debug mode says what each event would have carried.
        Some("debug") => {
            for number in 0..4 {
                TELEMETRY.configure(tenant(number % 2).debug(true));
                record!(Numbered { number });
            }
        }
        // A host that takes whatever key it is given, and ignores one that is none; in a debug build and in a release build.
        Some("keyed") => {
            for key in std::env::args().skip(2) {
                for sdk in [&KEYED, &keyed::TELEMETRY] {
                    allow_release(sdk);
                    if let Ok(key) = PublishableKey::parse(&key) {
                        sdk.configure(Options::new().instance(key));
                    }
                }
                record!(Happened { number: 1 });
                keyed::happened(2);
                for sdk in [&KEYED, &keyed::TELEMETRY] {
                    let status = sdk.status();
                    let layer = status.layers.iter().find(|layer| layer.number == 8).expect("every layer is listed");
                    let decided_by = status.decided_by.map_or(0, Layer::number);
                    println!("{}: layer {decided_by}: {} ({})", status.mode, layer.value, layer.source);
                }
            }
            println!("{:?}", flush(Duration::from_secs(50)));
        }
        // Both throttled events at each of the times that standard input names, in seconds since 1970, one a line.
        Some("rolling") => {
            for line in std::io::stdin().lines() {
                let seconds = line.expect("text").parse().expect("seconds since 1970");
                Clock::set(UNIX_EPOCH + Duration::from_secs(seconds));
                let recorded = || {
                    while events_in_memory(&TELEMETRY) > 0 {
                        std::thread::sleep(Duration::from_millis(1));
                    }
                    TELEMETRY.status().ledger.accepted
                };
                let before = recorded();
                record!(Hourly { one: true });
                let hourly = recorded() - before;
                record!(Rolled { one: true });
                println!("{hourly} {}", recorded() - before - hourly);
            }
            println!("{:?}", flush(Duration::from_secs(50)));
        }
        // Numbers in the order in which one thread records them, some of them as commands.
        Some("order") => {
            for number in 0..1_200 {
                if number % 7 == 3 || number % 7 == 4 {
                    record!(Commanded { number });
                } else {
                    record!(Numbered { number });
                }
            }
            println!("{:?}", flush(Duration::from_secs(50)));
        }
        other => panic!("no such action: {other:?}"),
    }
}

/// The settings of one of many tenants: each has a key, a wrapper and a rate of its own kind.
fn tenant(number: u32) -> Options {
    let host = base64::engine::general_purpose::STANDARD.encode(format!("tenant-{number}.example$"));
    let key = PublishableKey::parse(&format!("pk_test_{host}")).expect("it is a key");
    let options = Options::new().instance(key);
    // A rate that lets every day in, and is not 1.
    if number.is_multiple_of(2) {
        options.wrapper(wrapper!("even")).sampling_rate(1.0)
    } else {
        options.wrapper(wrapper!("odd")).sampling_rate(0.999_999_999_9)
    }
}

/// Lives on until standard input is closed.
fn until_told() {
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}
