//! SDKs as a release build makes them. The workspace turns off the debug assertions of this crate in every profile, so
//! tests see a release build's gate without building everything twice.

/// A library in a release build of its host.
pub mod library {
    use telemetry_runtime::{Sdk, record, sdk, telemetry_event};

    /// A library in a release build of its host.
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
        instance: Optional,
    };

    /// Something happened.
    #[telemetry_event(sdk = crate::library::TELEMETRY, throttle = None)]
    pub(crate) struct Happened {
        /// Which one.
        #[telemetry(range = 0..=1000)]
        number: u32,
    }

    /// Records one.
    pub fn happened(number: u32) {
        record!(Happened { number });
    }
}

/// A library that wants the key of a development instance, in a release build of its host.
pub mod keyed {
    use telemetry_runtime::{Sdk, record, sdk, telemetry_event};

    /// A library that wants the key of a development instance, in a release build of its host.
    pub static TELEMETRY: Sdk = sdk! {
        name: "gate-release-keyed",
        role: Library,
        default: On,
        env: "GATE",
        endpoint: "http://127.0.0.1:4318",
        wire: EventBatch { strict: true },
        docs: "https://gate.example/telemetry",
        operator: "Gate Inc.",
        contact: "privacy@gate.example",
        region: "EU",
        retention: "90 days",
        shared_with: "nobody",
        notice: Host,
        instance: Required,
    };

    /// Something happened.
    #[telemetry_event(sdk = crate::keyed::TELEMETRY, throttle = None)]
    pub(crate) struct Happened {
        /// Which one.
        #[telemetry(range = 0..=1000)]
        number: u32,
    }

    /// Records one.
    pub fn happened(number: u32) {
        record!(Happened { number });
    }
}

/// An application's release build.
pub mod application {
    use telemetry_runtime::{Sdk, record, sdk, telemetry_event};

    /// An application's release build.
    pub static TELEMETRY: Sdk = sdk! {
        name: "gate-release-application",
        role: Application,
        exit: Later,
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

    /// Something happened.
    #[telemetry_event(sdk = crate::application::TELEMETRY, throttle = None)]
    pub(crate) struct Happened {
        /// Which one.
        #[telemetry(range = 0..=1000)]
        number: u32,
    }

    /// Records one.
    pub fn happened(number: u32) {
        record!(Happened { number });
    }
}

/// A library's official build: the build script sets the variable.
pub mod official {
    use telemetry_runtime::{Sdk, record, sdk, telemetry_event};

    /// A library's official build: the build script sets the variable.
    pub static TELEMETRY: Sdk = sdk! {
        name: "gate-release-official",
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
        builds: Official("GATE_OFFICIAL_BUILD"),
    };

    /// Something happened.
    #[telemetry_event(sdk = crate::official::TELEMETRY, throttle = None)]
    pub(crate) struct Happened {
        /// Which one.
        #[telemetry(range = 0..=1000)]
        number: u32,
    }

    /// Records one.
    pub fn happened(number: u32) {
        record!(Happened { number });
    }
}
