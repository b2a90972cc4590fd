//! A short program that records at its very end. `<sdk> <action>`: the SDK is one of those below, each an application.
//!
//! `two` records two events of an ordinary kind and returns; `mixed` a command and such an event; `status` shows the SDK;
//! `deliver` delivers. With `ENDING_UNGUARDED` the program has no exit guard,
//! with `ENDING_DROPPED` one that it drops at once.

use std::time::Duration;

use telemetry_runtime::{Options, Sdk, exit_guard, flush, record, sdk, telemetry_event};

macro_rules! application {
    ($module:ident, $sdk:literal, $ran:ident, $found:ident, $left:ident, $($exit:tt)*) => {
        mod $module {
            use super::*;

            /// One of the SDKs.
            pub static TELEMETRY: Sdk = sdk! {
                name: $sdk, role: Application, default: On, env: "ENDING", endpoint: "http://127.0.0.1:4318",
                wire: EventBatch { strict: false }, docs: "https://probe.example/telemetry", operator: "Probe Inc.",
                contact: "privacy@probe.example", region: "EU", retention: "90 days", shared_with: "nobody",
                exit: $($exit)*,
            };

            /// A command succeeded.
            #[telemetry_event(kind = Command, sdk = crate::$module::TELEMETRY)]
            struct $ran {}

            /// Something was found.
            #[telemetry_event(throttle = None, sdk = crate::$module::TELEMETRY)]
            struct $found {}

            /// Something was left.
            #[telemetry_event(throttle = None, sdk = crate::$module::TELEMETRY)]
            struct $left {}

            pub(crate) fn record(action: &str) {
                if action == "mixed" {
                    record!($ran {});
                } else {
                    record!($found {});
                }
                record!($left {});
            }
        }
    };
}

application!(later, "ending-later", LaterRan, LaterFound, LaterLeft, Later);
application!(grace, "ending-grace", GraceRan, GraceFound, GraceLeft, Grace(300));
application!(detached, "ending-detached", DetachedRan, DetachedFound, DetachedLeft, Detached);

fn main() {
    let guard = std::env::var_os("ENDING_UNGUARDED").is_none().then(exit_guard);
    let _telemetry = guard.filter(|_| std::env::var_os("ENDING_DROPPED").is_none());
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let argument = |index: usize| arguments.get(index).map(String::as_str).unwrap_or_default();
    let (sdk, record): (Sdk, fn(&str)) = match argument(0) {
        "later" => (later::TELEMETRY, later::record),
        "grace" => (grace::TELEMETRY, grace::record),
        "detached" => (detached::TELEMETRY, detached::record),
        other => panic!("no such SDK: {other:?}"),
    };
    if let Some(port) = std::env::var("PROBE_PORT").ok().and_then(|port| port.parse().ok()) {
        sdk.configure(Options::new().loopback_port(port).loopback());
    }
    match argument(1) {
        "status" => println!("{}", sdk.status().to_json()),
        "deliver" => println!("{:?}", flush(Duration::from_secs(20))),
        action => record(action),
    }
}
