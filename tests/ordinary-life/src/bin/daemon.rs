//! A process that lives long. Each line on its standard input is a number of events; it records them, lets five minutes of
//! the runtime's time pass after each, and answers with a line. With the argument `wall` no time passes but that on the
//! wall. At the end of the input it prints what it has delivered by itself and whether it pauses, delivers what waits, and
//! prints its status.

use std::{io::BufRead as _, time::Duration};

use telemetry_runtime::{
    Sdk, flush, record, sdk, telemetry_event,
    testing::{Clock, events_in_memory},
};

/// Usage of the process.
pub static TELEMETRY: Sdk = sdk! {
    name: "life-daemon",
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
    notice: Host,
    exit: Later,
};

/// A job was done.
#[telemetry_event(throttle = None)]
struct JobDone {
    /// Its number in this process.
    #[telemetry(range = 0..=1_000_000)]
    number: u32,
}

const PAUSE: Duration = Duration::from_secs(5 * 60);

fn main() {
    ordinary_life::begin(&TELEMETRY);
    TELEMETRY.configure(telemetry_runtime::Options::new().notice_shown(TELEMETRY.notice().hash()));
    let on_the_wall = std::env::args().nth(1).is_some_and(|argument| argument == "wall");
    let pass = |time| {
        if !on_the_wall {
            Clock::advance(time)
        }
    };
    let mut number = 0;
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        for _ in 0..line.trim().parse::<u32>().unwrap_or_default() {
            record!(JobDone { number });
            number += 1;
            while events_in_memory(&TELEMETRY) > 0 {
                std::thread::sleep(Duration::from_millis(1));
            }
            pass(PAUSE);
        }
        println!("{number}");
    }
    let status = TELEMETRY.status();
    println!("{} sent, pause: {:?}", status.ledger.sent, status.paused);
    // The longest pause after a failure is 30 hours.
    pass(Duration::from_secs(2 * 24 * 60 * 60));
    let _ = flush(Duration::from_secs(60));
    println!("{}", TELEMETRY.status().to_json());
}
