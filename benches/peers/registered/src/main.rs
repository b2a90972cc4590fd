//! A program that declares many events and records one of them: what the other ones cost at the first event, in memory, in the
//! binary and in the build. With `PEERS_STATUS` set it says what `status` takes.

use std::time::{Duration, Instant};

use harness::{Arguments, Peer};
use telemetry_runtime::{Options, Sdk, TelemetryValue, flush, sdk};

include!(concat!(env!("OUT_DIR"), "/events.rs"));

/// What is measured.
pub static TELEMETRY: Sdk = sdk! {
    name: "peers-registered",
    role: Application,
    exit: Later,
    default: On,
    env: "PEERS",
    endpoint: "http://127.0.0.1:4318",
    wire: EventBatch { strict: false },
    docs: "https://peers.example/telemetry",
    operator: "Peers Inc.",
    contact: "privacy@peers.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
};

/// Which component.
#[derive(TelemetryValue)]
pub enum Component {
    /// The one that is recorded.
    SignUp,
    /// The other one.
    #[allow(dead_code, reason = "a list of one name would be no list")]
    SignIn,
}

struct Registered;

impl Peer for Registered {
    fn record(&self, overrides: u16) {
        // The last one, so that nothing is found early.
        record_one(std::hint::black_box(EVENTS - 1), overrides);
    }

    fn wide(&self, _fields: usize) -> Option<fn(&Self, u64)> {
        None
    }

    fn flush(&self) {
        let _ = flush(Duration::from_secs(30));
    }

    fn end(self) {
        if std::env::var_os("PEERS_STATUS").is_some() {
            let mut times: Vec<_> = (0..5).map(|_| time(|| TELEMETRY.status())).collect();
            times.sort();
            eprintln!("status: {:?} with {EVENTS} events, the median of five", times[2]);
        }
    }
}

fn time<T>(run: impl FnOnce() -> T) -> Duration {
    let begun = Instant::now();
    std::hint::black_box(run());
    begun.elapsed()
}

fn main() {
    harness::run(|arguments: &Arguments| {
        TELEMETRY.configure(Options::new().loopback().loopback_port(arguments.port));
        Registered
    });
}
