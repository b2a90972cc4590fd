//! One of several processes of a user that live for days beside each other. For each line on its standard input it records an
//! event, answers, and lets a day of the runtime's time pass; at the end it delivers what waits.

use std::{io::BufRead as _, time::Duration};

use telemetry_runtime::{
    Options, Sdk, flush, record, sdk, telemetry_event,
    testing::{Clock, events_in_memory},
};

/// Usage of the processes.
pub static TELEMETRY: Sdk = sdk! {
    name: "life-pair",
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
    active: Daily,
};

/// Work was done.
#[telemetry_event]
struct Worked {
    /// Whether it went well.
    well: bool,
}

fn main() {
    ordinary_life::begin(&TELEMETRY);
    TELEMETRY.configure(Options::new().notice_shown(TELEMETRY.notice().hash()));
    for _ in std::io::stdin().lock().lines().map_while(Result::ok) {
        record!(Worked { well: true });
        while events_in_memory(&TELEMETRY) > 0 {
            std::thread::sleep(Duration::from_millis(1));
        }
        println!("worked");
        Clock::advance(Duration::from_secs(24 * 60 * 60));
    }
    let _ = flush(Duration::from_secs(60));
}
