//! A product with the user's own commands. `PROBE_PORT` is the port of the test's server.

use std::{
    io::{BufRead as _, Write as _},
    process::ExitCode,
    time::{Duration, Instant},
};

use clap::Parser;
use telemetry_runtime::{Options, Sdk, cli::Telemetry, flush, record, sdk, telemetry_event};

/// The product's telemetry.
pub static TELEMETRY: Sdk = sdk! {
    name: "acme-cli",
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
};

/// Something happened; every time.
#[telemetry_event(throttle = None)]
pub struct Happened {
    /// Its number in this run.
    #[telemetry(range = 0..=1_000_000)]
    number: u32,
}

/// Acme, for tests.
#[derive(Parser)]
#[command(name = "acme")]
enum Acme {
    /// Records so many events and ends
    Work {
        /// How many
        events: u32,
    },
    /// Sends what waits
    Send,
    /// Records and sends until standard input ends, and says when it begins
    Run,
    /// What is collected, and your say in it
    Telemetry(Telemetry),
}

fn on_disk() -> u64 {
    TELEMETRY.folder().and_then(|folder| folder.waiting()).unwrap_or_default()
}

fn main() -> ExitCode {
    if let Some(port) = std::env::var("PROBE_PORT").ok().and_then(|port| port.parse().ok()) {
        TELEMETRY.configure(Options::new().loopback_port(port));
    }
    match Acme::parse() {
        Acme::Work { events } => {
            // Its counts are on disk when it ends.
            let _guard = telemetry_runtime::exit_guard();
            let before = on_disk();
            (0..events).for_each(|number| record!(Happened { number }));
            // The worker has written them, or the gate has said no: however busy the machine is.
            let deadline = Instant::now() + Duration::from_secs(30);
            while TELEMETRY.status().ledger.waiting + before != on_disk() && Instant::now() < deadline {
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        Acme::Send => {
            let _guard = telemetry_runtime::exit_guard();
            record!(Happened { number: 1_000_000 });
            println!("{:?}", flush(Duration::from_secs(20)));
        }
        Acme::Run => {
            let end = std::thread::spawn(|| std::io::stdin().lock().lines().next());
            let mut number = 0;
            while !end.is_finished() {
                record!(Happened { number });
                if number == 50 {
                    println!("running");
                    let _ = std::io::stdout().flush();
                }
                number = (number + 1) % 1_000_000;
                std::thread::sleep(Duration::from_millis(1));
                if number % 100 == 0 {
                    let _ = flush(Duration::from_secs(1));
                }
            }
            println!("{}", serde_json::to_string(&TELEMETRY.status().ledger).expect("counts are numbers"));
        }
        Acme::Telemetry(command) => return command.run(&TELEMETRY),
    }
    ExitCode::SUCCESS
}
