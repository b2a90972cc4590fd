//! A product whose events have levels. `PROBE_PORT` is the port of the test's server.

use std::{
    io::{BufRead as _, Write as _},
    process::ExitCode,
    time::Duration,
};

use clap::Parser;
use telemetry_runtime::{Options, Sdk, cli::Telemetry, flush, record, sdk, telemetry_event};

/// The product's telemetry.
pub static TELEMETRY: Sdk = sdk! {
    name: "acme-levels",
    role: Library,
    default: On,
    env: "ACME",
    command: "acme telemetry",
    endpoint: "http://127.0.0.1:4318",
    wire: EventBatch { strict: false },
    docs: "https://acme.example/telemetry",
    operator: "Acme Inc.",
    contact: "privacy@acme.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
    active: Daily,
};

/// The program was started.
#[telemetry_event(kind = Start, level = Basic)]
pub struct Started {
    /// Whether it went on.
    on: bool,
}

/// A search was made.
#[telemetry_event(throttle = None, level = Usage)]
pub struct Searched {
    /// Whether it found something.
    found: bool,
}

/// A dialog was opened; its author says nothing of levels.
#[telemetry_event(throttle = None)]
pub struct DialogOpened {
    /// Whether it was closed again.
    closed: bool,
}

/// Acme, for tests.
#[derive(Parser)]
#[command(name = "acme")]
enum Acme {
    /// Records one event of each and sends what waits
    Work,
    /// Records one event of each, and keeps them
    Keep,
    /// Records until standard input ends, and says when it begins
    Run,
    /// What is collected, and your say in it
    Telemetry(Telemetry),
}

fn one_of_each() {
    record!(Started { on: true });
    record!(Searched { found: true });
    record!(DialogOpened { closed: true });
}

fn main() -> ExitCode {
    if let Some(port) = std::env::var("PROBE_PORT").ok().and_then(|port| port.parse().ok()) {
        TELEMETRY.configure(Options::new().loopback_port(port));
    }
    match Acme::parse() {
        Acme::Work => {
            let _guard = telemetry_runtime::exit_guard();
            one_of_each();
            let _ = flush(Duration::from_secs(20));
        }
        Acme::Keep => {
            let _guard = telemetry_runtime::exit_guard();
            one_of_each();
            while TELEMETRY.folder().and_then(|folder| folder.waiting()).unwrap_or_default() < 4 {
                std::thread::sleep(Duration::from_millis(5));
            }
            return ExitCode::SUCCESS;
        }
        Acme::Run => {
            let end = std::thread::spawn(|| std::io::stdin().lock().lines().next());
            one_of_each();
            let _ = flush(Duration::from_secs(20));
            println!("running");
            let _ = std::io::stdout().flush();
            let mut above = 0;
            while !end.is_finished() {
                one_of_each();
                std::thread::sleep(Duration::from_millis(5));
                let ledger = TELEMETRY.status().ledger;
                if ledger.above_level > 0 && above == 0 {
                    above = ledger.above_level;
                    println!("less");
                    let _ = std::io::stdout().flush();
                }
            }
        }
        Acme::Telemetry(command) => return command.run(&TELEMETRY),
    }
    println!("{}", serde_json::to_string(&TELEMETRY.status().ledger).expect("counts are numbers"));
    ExitCode::SUCCESS
}
