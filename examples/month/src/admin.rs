//! An admin framework: one event per run, in the address of a request.

use telemetry_runtime::{Options, Sdk, TelemetryValue, Version, record, sdk, telemetry_event};

/// How projects set up the framework.
pub(crate) static TELEMETRY: Sdk = sdk! {
    name: "month-admin",
    role: Library,
    default: On,
    env: "MONTH_ADMIN",
    endpoint: "http://127.0.0.1:4318",
    wire: Beacon,
    docs: "https://acme.example/telemetry",
    operator: "Acme Inc.",
    contact: "privacy@acme.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
};

/// The framework was set up.
#[telemetry_event(kind = Start, sdk = crate::client::admin::TELEMETRY)]
struct AdminStarted {
    /// Which providers the project passes.
    providers: Providers,
    /// Of the framework.
    version: Version,
}

/// Which providers a project passes: whether, never what.
#[derive(TelemetryValue)]
struct Providers {
    /// Authentication.
    auth: bool,
    /// Routing.
    router: bool,
}

/// Sets the framework up.
pub(crate) fn run(options: Options) {
    TELEMETRY.configure(options);
    let version = Version::parse(env!("CARGO_PKG_VERSION"));
    record!(AdminStarted { providers: Providers { auth: true, router: false }, version });
}
