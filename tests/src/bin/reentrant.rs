//! A host that records where telemetry may be at work itself: in its allocator, its logger, its panic hook, at the end of its
//! threads, in the values of other events. The first argument says where.

use std::{cell::Cell, hint::black_box, time::Duration};

use telemetry_runtime::{
    Consent, Options, Sdk, flush, record, record_with, registry, sdk, shutdown, status, telemetry_event, testing,
    track_call,
    transport::{Cancel, Request, Response, Transport, TransportError},
};
use telemetry_tests::allocator::{self, Telling};

#[global_allocator]
static ALLOCATOR: Telling = Telling;

/// The telemetry of this host. Its server is found by a name, on a thread of its own.
pub static TELEMETRY: Sdk = sdk! {
    name: "reentrant",
    role: Library,
    default: On,
    env: "REENTRANT",
    endpoint: "http://localhost:4318",
    wire: EventBatch { strict: false },
    docs: "https://reentrant.example/telemetry",
    operator: "Reentrant Inc.",
    contact: "privacy@reentrant.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
};

/// An SDK that brings its own transport.
pub static COURIER: Sdk = sdk! {
    name: "courier",
    role: Library,
    default: On,
    env: "COURIER",
    endpoint: "http://localhost:4318",
    wire: EventBatch { strict: false },
    docs: "https://courier.example/telemetry",
    operator: "Courier Inc.",
    contact: "privacy@courier.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
    transport: Courier,
};

/// Something happened.
#[telemetry_event(throttle = None)]
struct Happened {
    /// Its number.
    #[telemetry(range = 0..=9)]
    number: u8,
}

/// Something that the courier has to carry.
#[telemetry_event(sdk = crate::COURIER, throttle = None)]
struct Carried {
    /// Its number.
    #[telemetry(range = 0..=9)]
    number: u8,
}

/// Memory was allocated.
#[telemetry_event(throttle = None)]
struct Allocated {
    /// Whether it was much.
    large: bool,
}

/// Memory was allocated, told at length.
#[telemetry_event(throttle = None)]
struct AllocatedAtLength {
    /// Whether it was much, many times over.
    #[telemetry(range = 0..=9)]
    large: [u8; 40],
}

/// Memory was allocated, as a command.
#[telemetry_event(kind = Command)]
struct AllocatedByCommand {
    /// Whether it was much.
    large: bool,
}

/// A function of the host.
#[track_call]
fn tracked() -> u8 {
    3
}

/// A host's logger that counts its lines.
struct Logger;

impl log::Log for Logger {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, _: &log::Record<'_>) {
        record!(Happened { number: 1 });
    }

    fn flush(&self) {}
}

/// Records when a thread ends that has it.
struct Last(u8);

impl Drop for Last {
    fn drop(&mut self) {
        record!(Happened { number: self.0 });
    }
}

thread_local! {
    static LAST: Cell<Option<Last>> = const { Cell::new(None) };
}

/// Does on its thread what a host's code does on its own; then it may panic.
#[derive(Default)]
struct Courier;

impl Transport for Courier {
    fn send(&mut self, _: &Request, _: &Cancel) -> Result<Response, TransportError> {
        LAST.set(Some(Last(7)));
        record!(Happened { number: 7 });
        assert!(flush(Duration::from_secs(60)).is_err(), "nobody waits for itself");
        assert!(std::env::var_os("COURIER_PANICS").is_none(), "a fault in an author's transport");
        Ok(Response::new(200))
    }
}

fn main() {
    let action = std::env::args().nth(1).unwrap_or_default();
    if let Ok(port) = std::env::var("PROBE_PORT").unwrap_or_default().parse() {
        let options = || Options::new().loopback_port(port).loopback();
        TELEMETRY.configure(options());
        COURIER.configure(options());
    }
    match action.as_str() {
        "allocator" => allocating(|size| record!(Allocated { large: size > 100 })),
        "allocator-at-length" => allocating(|size| record!(AllocatedAtLength { large: [u8::from(size > 100); 40] })),
        "allocator-command" => allocating(|size| record!(AllocatedByCommand { large: size > 100 })),
        "first-outside" => {
            allocator::tell(|size| record!(Allocated { large: size > 100 }));
            record!(Happened { number: 0 });
        }
        // Whatever is allocated is allocated by us, on other threads.
        "idle" => {
            allocator::tell(|size| record!(Allocated { large: size > 100 }));
            allocator::quiet(true);
            for number in 0..4 {
                record!(Happened { number });
                assert!(flush(Duration::from_secs(20)).is_ok());
            }
        }
        "logger" => {
            log::set_logger(&Logger).expect("nobody has set one");
            log::set_max_level(log::LevelFilter::Trace);
            log::info!("a line of the host");
            (0..3).for_each(|_| assert!(flush(Duration::from_secs(20)).is_ok()));
        }
        "panic-hook" => {
            std::panic::set_hook(Box::new(|_| record!(Happened { number: 5 })));
            let _ = std::thread::spawn(|| panic!("a thread of the host")).join();
            let _ = std::panic::catch_unwind(|| record_with(|| -> Happened { panic!("a value of the host") }));
            record!(Carried { number: 1 });
            let _ = flush(Duration::from_secs(20));
        }
        "thread-end" => {
            let _ = std::thread::spawn(|| LAST.set(Some(Last(6)))).join();
            record!(Carried { number: 1 });
            let _ = flush(Duration::from_secs(20));
            let _ = shutdown(Duration::from_secs(20));
        }
        "values" => {
            record!(Happened { number: tracked() });
            record_with(|| {
                record!(Happened { number: 1 });
                Happened { number: tracked() }
            });
            let captured = testing::capture(|| {
                record!(Happened { number: tracked() });
                tracked();
            });
            println!("captured {}", captured.events().len());
        }
        _ => panic!("no such action: {action}"),
    }
    let _ = flush(Duration::from_secs(20));
    allocator::quiet(true);
    println!("{}", serde_json::to_string(&TELEMETRY.status().ledger).unwrap_or_default());
}

/// Everything that a host can ask, while its allocator records.
fn allocating(told: fn(usize)) {
    allocator::tell(told);
    black_box(vec![0_u8; 1000]);
    record!(Happened { number: 0 });
    TELEMETRY.configure(Options::new().sampling_rate(1.0));
    black_box((TELEMETRY.status(), status(), TELEMETRY.notice(), registry().is_ok()));
    assert!(TELEMETRY.set_consent(Consent::On).is_ok());
    let captured = testing::capture(|| drop(black_box(vec![0_u8; 1000])));
    assert!(!captured.events().is_empty(), "the allocations of the host are its events");
    telemetry_runtime::reload_environment();
    std::thread::spawn(|| drop(black_box(vec![0_u8; 1000]))).join().expect("it does not panic");
    assert!(flush(Duration::from_secs(20)).is_ok());
}
