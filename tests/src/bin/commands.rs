//! A product with the user's own commands. `PROBE_PORT` is the port of the test's server, `PROBE_DAYS` how many days later it is
//! for the program.

use std::{
    io::{BufRead as _, Write as _},
    process::ExitCode,
    time::{Duration, Instant},
};

use clap::Parser;
use telemetry_runtime::{
    Consent, Level, Options, Sdk, cli::Telemetry, flush, record, sdk, telemetry_event, testing::Clock,
};

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

/// A search was made.
#[telemetry_event(kind = Counter)]
pub struct Searched {
    /// Whether it found something.
    found: bool,
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
    /// Searches so often, and ends
    Search {
        /// How often
        times: u32,
        /// Without finding anything
        #[arg(long)]
        in_vain: bool,
    },
    /// Searches, says so, and waits to be killed
    SearchOn,
    /// Searches, lets the host say no, and searches again
    SearchUntilVeto,
    /// Searches and ends, and lets the host say no after that
    SearchUntilLateVeto,
    /// Searches while somebody keeps the lock of the counts; then the user says off, or less, and on again
    SearchUntil {
        /// `off` or `less`
        word: String,
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
    if let Some(days) = std::env::var("PROBE_DAYS").ok().and_then(|days| days.parse().ok()) {
        let days: u64 = days;
        Clock::advance(Duration::from_secs(days * 24 * 60 * 60));
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
        Acme::Search { times, in_vain } => {
            let _guard = telemetry_runtime::exit_guard();
            (0..times).for_each(|_| record!(Searched { found: !in_vain }));
            let _ = telemetry_runtime::shutdown(Duration::from_secs(20));
            println!("{}", serde_json::to_string(&TELEMETRY.status().ledger).expect("counts are numbers"));
        }
        Acme::SearchOn => {
            (0..100).for_each(|_| record!(Searched { found: true }));
            // What is counted is on disk.
            while TELEMETRY.status().ledger.counted == 0 {
                std::thread::sleep(Duration::from_millis(5));
            }
            println!("{}", serde_json::to_string(&TELEMETRY.status().ledger).expect("counts are numbers"));
            let _ = std::io::stdout().flush();
            let _ = std::io::stdin().lock().lines().next();
        }
        Acme::SearchUntilVeto => {
            (0..100).for_each(|_| record!(Searched { found: true }));
            let _ = flush(Duration::from_secs(20));
            telemetry_runtime::veto_all();
            (0..100).for_each(|_| record!(Searched { found: true }));
            let _ = telemetry_runtime::shutdown(Duration::from_secs(20));
        }
        Acme::SearchUntilLateVeto => {
            (0..100).for_each(|_| record!(Searched { found: true }));
            let _ = telemetry_runtime::shutdown(Duration::from_secs(20));
            telemetry_runtime::veto_all();
        }
        Acme::SearchUntil { word } => {
            let lock = std::env::var_os("PROBE_LOCK").expect("the path of a lock");
            let lock = std::fs::File::options().create(true).append(true).open(lock).expect("a file");
            lock.lock().expect("a lock");
            (0..100).for_each(|_| record!(Searched { found: true }));
            let _ = flush(Duration::from_secs(20));
            drop(lock);
            let (no, less, yes) = (Consent::Off, Level::Basic, Consent::On);
            let said = if word == "off" { TELEMETRY.set_consent(no) } else { TELEMETRY.set_consent_at(yes, less) };
            said.and_then(|()| TELEMETRY.set_consent_at(yes, Level::Usage)).expect("it is stored");
            let _ = telemetry_runtime::shutdown(Duration::from_secs(20));
            println!("{}", serde_json::to_string(&TELEMETRY.status().ledger).expect("counts are numbers"));
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
