//! A short program, and what its SDKs do at its end. `<sdk> <action>`: the SDK is one of those below.
//!
//! `run` records a command, works for 30 ms and ends; `exit` the same by `process::exit(7)`; `live` records one and ends
//! when standard input is closed; `flush` records one and delivers it; `deliver` only delivers; `status` shows it.

use std::{io::Read as _, process::ExitCode, time::Duration};

use telemetry_runtime::{Options, Sdk, exit_guard, flush, instance::PublishableKey, record, sdk, telemetry_event};

macro_rules! ends {
    ($name:ident, $sdk:literal, $endpoint:literal, $event:ident, $($exit:tt)*) => {
        /// One of the SDKs.
        pub static $name: Sdk = sdk! {
            name: $sdk, role: Library, default: On, env: "ENDER", endpoint: $endpoint,
            wire: EventBatch { strict: false }, docs: "https://probe.example/telemetry", operator: "Probe Inc.",
            contact: "privacy@probe.example", region: "EU", retention: "90 days", shared_with: "nobody",
            exit: $($exit)*,
        };

        /// A command succeeded.
        #[telemetry_event(kind = Command, sdk = crate::$name)]
        struct $event {
            /// Its number over all runs, given by the test.
            #[telemetry(range = 0..=1_000_000)]
            number: u32,
        }
    };
}

ends!(PLAIN, "plain", "http://127.0.0.1:4318", PlainRun, Later);
ends!(LATER, "later", "https://localhost:4318", LaterRun, Later);
ends!(GRACE, "grace", "https://localhost:4318", GraceRun, Grace(300));
ends!(DETACHED, "detached", "https://localhost:4318", DetachedRun, Detached);
ends!(PLAIN_GRACE, "plain-grace", "http://127.0.0.1:4318", PlainGraceRun, Grace(300));
ends!(PLAIN_DETACHED, "plain-detached", "http://127.0.0.1:4318", PlainDetachedRun, Detached);
ends!(KEYED, "keyed-detached", "http://127.0.0.1:4318", KeyedRun, Detached, instance: Required);

/// The instance of `keyed-detached`, of which the process that delivers knows nothing.
const KEY: &str = "pk_test_Y2xlcmsuZXhhbXBsZS5jb20k";

fn main() -> ExitCode {
    let _telemetry = exit_guard();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let argument = |index: usize| arguments.get(index).map(String::as_str).unwrap_or_default();
    let number = argument(2).parse().unwrap_or_default();
    let sdk = match argument(0) {
        "plain" => PLAIN,
        "later" => LATER,
        "grace" => GRACE,
        "detached" => DETACHED,
        "plain-grace" => PLAIN_GRACE,
        "plain-detached" => PLAIN_DETACHED,
        "keyed-detached" => KEYED,
        other => panic!("no such SDK: {other:?}"),
    };
    if let Some(port) = std::env::var("PROBE_PORT").ok().and_then(|port| port.parse().ok()) {
        sdk.configure(Options::new().loopback_port(port).loopback());
    }
    KEYED.configure(Options::new().instance(PublishableKey::parse(KEY).expect("the key is one")));
    let record = || match argument(0) {
        "plain" => record!(PlainRun { number }),
        "later" => record!(LaterRun { number }),
        "grace" => record!(GraceRun { number }),
        "detached" => record!(DetachedRun { number }),
        "plain-grace" => record!(PlainGraceRun { number }),
        "keyed-detached" => record!(KeyedRun { number }),
        _ => record!(PlainDetachedRun { number }),
    };
    match argument(1) {
        "run" => {
            record();
            std::thread::sleep(Duration::from_millis(30));
            println!("done");
            return ExitCode::from(3);
        }
        "exit" => {
            record();
            std::process::exit(7);
        }
        "live" => {
            record();
            let _ = std::io::stdin().read_to_end(&mut Vec::new());
        }
        "flush" => {
            record();
            println!("{:?}", flush(Duration::from_secs(20)));
        }
        "deliver" => println!("{:?}", flush(Duration::from_secs(20))),
        "status" => println!("{}", sdk.status()),
        other => panic!("no such action: {other:?}"),
    }
    ExitCode::SUCCESS
}
