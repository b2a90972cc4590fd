//! A library and an application as a release build makes them. The workspace turns off the debug assertions of this crate in every
//! profile, so tests see a release build's gate without building everything twice.

/// A library in a release build of its host.
pub mod library {
    use telemetry_runtime::{Sdk, sdk, track_call};

    /// Usage of the library.
    pub static TELEMETRY: Sdk = sdk! {
        name: "gate-release-library",
        role: Library,
        default: On,
        env: "GATE",
        endpoint: "http://127.0.0.1:4318",
        wire: EventBatch { strict: false },
        docs: "https://gate.example/telemetry",
        operator: "Gate Inc.",
        contact: "privacy@gate.example",
        region: "EU",
        retention: "90 days",
        shared_with: "nobody",
        notice: Host,
    };

    /// Is called.
    #[track_call(sdk = crate::library::TELEMETRY)]
    pub fn call() {}
}

/// An application's release build.
pub mod application {
    use telemetry_runtime::{Sdk, sdk, track_call};

    /// Usage of the application.
    pub static TELEMETRY: Sdk = sdk! {
        name: "gate-release-application",
        role: Application,
        default: On,
        env: "GATE",
        endpoint: "http://127.0.0.1:4318",
        wire: EventBatch { strict: false },
        docs: "https://gate.example/telemetry",
        operator: "Gate Inc.",
        contact: "privacy@gate.example",
        region: "EU",
        retention: "90 days",
        shared_with: "nobody",
        notice: Host,
    };

    /// Is called.
    #[track_call(sdk = crate::application::TELEMETRY)]
    pub fn call() {}
}
