//! A program with two SDKs, each with an event before the worker has told its user of the other: `two_kits`. Prints both statuses.

use std::time::{Duration, Instant};

use telemetry_runtime::{Options, Sdk, allow_release, flush, record, record_with, sdk, telemetry_event};

macro_rules! kit {
    ($(#[$doc:meta])* $sdk:ident, $name:literal, $env:literal, $event:ident) => {
        $(#[$doc])*
        pub static $sdk: Sdk = sdk! {
            name: $name,
            role: Library,
            default: On,
            env: $env,
            endpoint: "http://127.0.0.1:4318",
            wire: EventBatch { strict: false },
            docs: "https://kits.example/telemetry",
            operator: "Kits Inc.",
            contact: "privacy@kits.example",
            region: "EU",
            retention: "90 days",
            shared_with: "nobody",
        };

        /// Something happened; every time.
        #[telemetry_event(sdk = $sdk, throttle = None)]
        struct $event {
            /// Whether for the first time.
            first: bool,
        }
    };
}

kit!(/// One of them.
    BLUE, "blue-kit", "BLUE", BlueUsed);
kit!(/// The other.
    RED, "red-kit", "RED", RedUsed);

fn main() {
    let port = std::env::var("PROBE_PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(9);
    for sdk in [BLUE, RED] {
        sdk.configure(Options::new().loopback_port(port));
        allow_release(&sdk);
    }
    record_with(|| {
        // Red has an event that is not made yet, while blue's is on its way.
        record!(BlueUsed { first: true });
        let deadline = Instant::now() + Duration::from_secs(30);
        let ledger = || BLUE.status().ledger;
        while ledger().waiting > 0 && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(5));
            if BLUE.folder().is_some_and(|folder| folder.waiting() == Some(1)) {
                break;
            }
        }
        RedUsed { first: true }
    });
    let _ = flush(Duration::from_secs(20));
    println!("[{},{}]", BLUE.status().to_json(), RED.status().to_json());
}
