//! This framework. Set up as README.md and `docs/delivery.md` of this repository say; `flush` is what a program calls that asks
//! for a delivery itself, and the guard of `main` gives the worker up to 50 ms at the end. Variants: `extended` and `strict`, the two
//! forms of the format of batches.

use std::time::Duration;

use harness::{Arguments, Peer};
use telemetry_runtime::{ExitGuard, Options, Sdk, TelemetryValue, exit_guard, flush, record, sdk, telemetry_event};

/// What is measured, each event with an id and an hour.
pub static TELEMETRY: Sdk = sdk! {
    name: "peers",
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

/// The same without id and hour.
pub static STRICT: Sdk = sdk! {
    name: "peers-strict",
    role: Application,
    exit: Later,
    default: On,
    env: "PEERS_STRICT",
    endpoint: "http://127.0.0.1:4318",
    wire: EventBatch { strict: true },
    docs: "https://peers.example/telemetry",
    operator: "Peers Inc.",
    contact: "privacy@peers.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
};

/// Which component.
#[derive(TelemetryValue)]
enum Component {
    /// The one that is recorded.
    SignUp,
    /// The other one.
    #[allow(dead_code, reason = "a list of one name would be no list")]
    SignIn,
}

/// A component was mounted.
#[telemetry_event(throttle = None)]
struct Accepted {
    /// Which component.
    component: Component,
    /// Whether a prop was passed.
    appearance: bool,
    /// How many rules a theme overrides.
    #[telemetry(range = 0..=65535)]
    overrides: u16,
}

/// A component was mounted.
#[telemetry_event(sdk = STRICT, throttle = None)]
struct AcceptedStrict {
    /// Which component.
    component: Component,
    /// Whether a prop was passed.
    appearance: bool,
    /// How many rules a theme overrides.
    #[telemetry(range = 0..=65535)]
    overrides: u16,
}

macro_rules! of_numbers {
    ($($event:ident $record:ident $count:literal: $($field:ident)*;)*) => {
        $(
            /// Numbers.
            #[telemetry_event(throttle = None)]
            struct $event {
                $(
                    /// A number.
                    #[telemetry(unbounded, reason = "it is what is measured")]
                    $field: u64,
                )*
            }

            fn $record(_: &Ours, number: u64) {
                record!($event { $($field: number,)* });
            }
        )*

        fn wide(fields: usize) -> Option<fn(&Ours, u64)> {
            match fields {
                $($count => Some($record),)*
                _ => None,
            }
        }
    };
}

harness::widths!(of_numbers);

struct Ours {
    strict: bool,
    guard: ExitGuard,
}

impl Peer for Ours {
    #[inline]
    fn record(&self, overrides: u16) {
        if self.strict {
            record!(AcceptedStrict { component: Component::SignUp, appearance: true, overrides });
        } else {
            record!(Accepted { component: Component::SignUp, appearance: true, overrides });
        }
    }

    fn wide(&self, fields: usize) -> Option<fn(&Self, u64)> {
        if self.strict { None } else { wide(fields) }
    }

    fn flush(&self) {
        // A server that is away is an answer too: the events stay in the spool.
        let _ = flush(Duration::from_secs(30));
    }

    fn end(self) {
        drop(self.guard);
    }
}

fn main() {
    let guard = exit_guard();
    harness::run(move |arguments: &Arguments| {
        for sdk in [TELEMETRY, STRICT] {
            sdk.configure(Options::new().loopback().loopback_port(arguments.port));
        }
        Ours { strict: arguments.variant == "strict", guard }
    });
}
