//! A command-line program.

use telemetry_runtime::{Options, Sdk, TelemetryValue, record, sdk, telemetry_event};

/// Usage of the command line.
pub(crate) static TELEMETRY: Sdk = sdk! {
    name: "month-cli",
    role: Application,
    default: On,
    env: "MONTH_CLI",
    endpoint: "http://127.0.0.1:4318/cli",
    wire: EventBatch { strict: false },
    docs: "https://acme.example/telemetry",
    operator: "Acme Inc.",
    contact: "privacy@acme.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
    exit: Later,
    active: Daily,
    health: Daily,
};

/// A command ended well.
#[telemetry_event(kind = Command, sdk = crate::client::cli::TELEMETRY)]
struct CommandRun {
    /// Which one.
    command: Name,
}

/// The commands.
#[derive(TelemetryValue)]
enum Name {
    /// `build`
    Build,
    /// `deploy`
    Deploy,
}

/// Runs the commands that the words name.
pub(crate) fn run(options: Options, words: &[String]) {
    TELEMETRY.configure(options);
    for word in words {
        record!(CommandRun { command: if word == "deploy" { Name::Deploy } else { Name::Build } });
    }
}
