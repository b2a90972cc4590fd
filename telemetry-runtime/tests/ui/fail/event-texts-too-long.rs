// Texts that fit one by one, and not together: such an event would be refused as too long, in production.
#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::{TelemetryValue, telemetry_event};

#[derive(TelemetryValue)]
pub struct Report {
    /// What the user wrote.
    #[telemetry(free_text, max_len = 3000, reason = "the user asked for an answer")]
    text: String,
}

/// A problem was reported.
#[telemetry_event]
pub struct Reported {
    /// What the user wrote.
    #[telemetry(free_text, max_len = 2000, reason = "the user asked for an answer")]
    title: String,
    /// And more of it.
    report: Option<Report>,
    /// Whether a log was shown to the user.
    log: bool,
    /// What was shown.
    #[telemetry(free_text, max_len = 600, reason = "the user asked for an answer")]
    shown: Option<String>,
}

fn main() {}
