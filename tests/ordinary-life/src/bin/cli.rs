//! A command-line program as its users run it, 300 times a day: `life-cli <action> [number]`.

use std::{process::ExitCode, time::Duration};

use telemetry_runtime::{Sdk, exit_guard, flush, record, sdk, telemetry_event};

/// Usage of the command-line program.
pub static TELEMETRY: Sdk = sdk! {
    name: "life-cli",
    role: Application,
    default: On,
    env: "LIFE",
    endpoint: "http://127.0.0.1:4318",
    wire: EventBatch { strict: false },
    docs: "https://life.example/telemetry",
    operator: "Life Inc.",
    contact: "privacy@life.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
    exit: Grace(300),
};

/// A command has succeeded.
#[telemetry_event(kind = Command)]
struct Ran {
    /// Its number over all runs.
    #[telemetry(range = 0..=1_000_000)]
    number: u32,
}

fn main() -> ExitCode {
    let _telemetry = exit_guard();
    ordinary_life::begin(&TELEMETRY);
    match std::env::args().nth(1).unwrap_or_default().as_str() {
        "run" => {
            record!(Ran { number: ordinary_life::argument(2) });
            println!("done");
        }
        "deliver" => println!("{:?}", flush(Duration::from_secs(60))),
        "status" => println!("{}", TELEMETRY.status().to_json()),
        other => {
            eprintln!("life-cli: no such action: {other:?}");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}
