//! The SDKs, which differ in one key each: what the gate asks of them is under test, so each is written out.

use golden_release_host::{
    application as release_application, library as release_library, official as release_official,
};
use telemetry_runtime::Sdk;

/// A library whose host shows the notice.
pub mod library {
    use telemetry_runtime::{Sdk, record, sdk, telemetry_event};

    /// A library whose host shows the notice.
    pub static TELEMETRY: Sdk = sdk! {
        name: "gate-library",
        role: Library,
        default: On,
        env: "GATE",
        env_aliases: ["GATE_NO_TELEMETRY"],
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
    #[telemetry_event(sdk = crate::sdks::library::TELEMETRY, throttle = None)]
    pub struct Happened {
        /// Which one.
        #[telemetry(range = 0..=1000)]
        number: u32,
    }

    /// Records one.
    pub fn happened(number: u32) {
        record!(Happened { number });
    }
}

/// As `library`, of official builds only; this is none.
pub mod official {
    use telemetry_runtime::{Sdk, record, sdk, telemetry_event};

    /// As `library`, of official builds only; this is none.
    pub static TELEMETRY: Sdk = sdk! {
        name: "gate-official",
        role: Library,
        default: On,
        env: "GATE",
        env_aliases: ["GATE_NO_TELEMETRY"],
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
        instance: Optional,
    };

    /// Something happened.
    #[telemetry_event(sdk = crate::sdks::official::TELEMETRY, throttle = None)]
    pub struct Happened {
        /// Which one.
        #[telemetry(range = 0..=1000)]
        number: u32,
    }

    /// Records one.
    pub fn happened(number: u32) {
        record!(Happened { number });
    }
}

/// As `library`, off unless the user turned it on.
pub mod opt_in {
    use telemetry_runtime::{Sdk, record, sdk, telemetry_event};

    /// As `library`, off unless the user turned it on.
    pub static TELEMETRY: Sdk = sdk! {
        name: "gate-opt-in",
        role: Library,
        default: Off,
        env: "GATE",
        env_aliases: ["GATE_NO_TELEMETRY"],
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
    #[telemetry_event(sdk = crate::sdks::opt_in::TELEMETRY, throttle = None)]
    pub struct Happened {
        /// Which one.
        #[telemetry(range = 0..=1000)]
        number: u32,
    }

    /// Records one.
    pub fn happened(number: u32) {
        record!(Happened { number });
    }
}

/// Both of these.
pub mod official_opt_in {
    use telemetry_runtime::{Sdk, record, sdk, telemetry_event};

    /// Both of these.
    pub static TELEMETRY: Sdk = sdk! {
        name: "gate-official-opt-in",
        role: Library,
        default: Off,
        env: "GATE",
        env_aliases: ["GATE_NO_TELEMETRY"],
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
        instance: Optional,
    };

    /// Something happened.
    #[telemetry_event(sdk = crate::sdks::official_opt_in::TELEMETRY, throttle = None)]
    pub struct Happened {
        /// Which one.
        #[telemetry(range = 0..=1000)]
        number: u32,
    }

    /// Records one.
    pub fn happened(number: u32) {
        record!(Happened { number });
    }
}

/// As `library`, in CI and in tests, too.
pub mod everywhere {
    use telemetry_runtime::{Sdk, record, sdk, telemetry_event};

    /// As `library`, in CI and in tests, too.
    pub static TELEMETRY: Sdk = sdk! {
        name: "gate-everywhere",
        role: Library,
        default: On,
        env: "GATE",
        env_aliases: ["GATE_NO_TELEMETRY"],
        endpoint: "http://127.0.0.1:4318",
        wire: EventBatch { strict: false },
        docs: "https://gate.example/telemetry",
        operator: "Gate Inc.",
        contact: "privacy@gate.example",
        region: "EU",
        retention: "90 days",
        shared_with: "nobody",
        notice: Host,
        environments: [Ci, Test],
    };

    /// Something happened.
    #[telemetry_event(sdk = crate::sdks::everywhere::TELEMETRY, throttle = None)]
    pub struct Happened {
        /// Which one.
        #[telemetry(range = 0..=1000)]
        number: u32,
    }

    /// Records one.
    pub fn happened(number: u32) {
        record!(Happened { number });
    }
}

/// An application.
pub mod application {
    use telemetry_runtime::{Sdk, record, sdk, telemetry_event};

    /// An application.
    pub static TELEMETRY: Sdk = sdk! {
        name: "gate-application",
        role: Application,
        exit: Later,
        default: On,
        env: "GATE",
        env_aliases: ["GATE_NO_TELEMETRY"],
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
    #[telemetry_event(sdk = crate::sdks::application::TELEMETRY, throttle = None)]
    pub struct Happened {
        /// Which one.
        #[telemetry(range = 0..=1000)]
        number: u32,
    }

    /// Records one.
    pub fn happened(number: u32) {
        record!(Happened { number });
    }
}

/// A library whose notice the runtime shows.
pub mod next_run {
    use telemetry_runtime::{Sdk, record, sdk, telemetry_event};

    /// A library whose notice the runtime shows.
    pub static TELEMETRY: Sdk = sdk! {
        name: "gate-next-run",
        role: Library,
        default: On,
        env: "GATE",
        env_aliases: ["GATE_NO_TELEMETRY"],
        endpoint: "http://127.0.0.1:4318",
        wire: EventBatch { strict: false },
        docs: "https://gate.example/telemetry",
        operator: "Gate Inc.",
        contact: "privacy@gate.example",
        region: "EU",
        retention: "90 days",
        shared_with: "nobody",
    };

    /// Something happened.
    #[telemetry_event(sdk = crate::sdks::next_run::TELEMETRY, throttle = None)]
    pub struct Happened {
        /// Which one.
        #[telemetry(range = 0..=1000)]
        number: u32,
    }

    /// Records one.
    pub fn happened(number: u32) {
        record!(Happened { number });
    }
}

/// As `next_run`, in CI, too.
pub mod next_run_everywhere {
    use telemetry_runtime::{Sdk, record, sdk, telemetry_event};

    /// As `next_run`, in CI, too.
    pub static TELEMETRY: Sdk = sdk! {
        name: "gate-next-run-everywhere",
        role: Library,
        default: On,
        env: "GATE",
        env_aliases: ["GATE_NO_TELEMETRY"],
        endpoint: "http://127.0.0.1:4318",
        wire: EventBatch { strict: false },
        docs: "https://gate.example/telemetry",
        operator: "Gate Inc.",
        contact: "privacy@gate.example",
        region: "EU",
        retention: "90 days",
        shared_with: "nobody",
        environments: [Ci, Test],
    };

    /// Something happened.
    #[telemetry_event(sdk = crate::sdks::next_run_everywhere::TELEMETRY, throttle = None)]
    pub struct Happened {
        /// Which one.
        #[telemetry(range = 0..=1000)]
        number: u32,
    }

    /// Records one.
    pub fn happened(number: u32) {
        record!(Happened { number });
    }
}

/// Off by default, and the host asks in its own words.
pub mod asked_by_host {
    use telemetry_runtime::{Sdk, record, sdk, telemetry_event};

    /// Off by default, and the host asks in its own words.
    pub static TELEMETRY: Sdk = sdk! {
        name: "gate-asked-by-host",
        role: Library,
        default: Off,
        env: "GATE",
        endpoint: "http://127.0.0.1:4318",
        wire: EventBatch { strict: false },
        docs: "https://gate.example/telemetry",
        operator: "Gate Inc.",
        contact: "privacy@gate.example",
        region: "EU",
        retention: "90 days",
        shared_with: "nobody",
        notice: None,
    };

    /// Something happened.
    #[telemetry_event(sdk = crate::sdks::asked_by_host::TELEMETRY, throttle = None)]
    pub struct Happened {
        /// Which one.
        #[telemetry(range = 0..=1000)]
        number: u32,
    }

    /// Records one.
    pub fn happened(number: u32) {
        record!(Happened { number });
    }
}

/// As `next_run`, and it records in the run that showed it.
pub mod same_run {
    use telemetry_runtime::{Sdk, record, sdk, telemetry_event};

    /// As `next_run`, and it records in the run that showed it.
    pub static TELEMETRY: Sdk = sdk! {
        name: "gate-same-run",
        role: Library,
        default: On,
        env: "GATE",
        env_aliases: ["GATE_NO_TELEMETRY"],
        endpoint: "http://127.0.0.1:4318",
        wire: EventBatch { strict: false },
        docs: "https://gate.example/telemetry",
        operator: "Gate Inc.",
        contact: "privacy@gate.example",
        region: "EU",
        retention: "90 days",
        shared_with: "nobody",
        notice: SameRun,
    };

    /// Something happened.
    #[telemetry_event(sdk = crate::sdks::same_run::TELEMETRY, throttle = None)]
    pub struct Happened {
        /// Which one.
        #[telemetry(range = 0..=1000)]
        number: u32,
    }

    /// Records one.
    pub fn happened(number: u32) {
        record!(Happened { number });
    }
}

/// What can be asked: an SDK, and how to record with it.
pub type Asked = (Sdk, fn(u32));

pub fn sdks() -> Vec<(&'static str, Asked)> {
    vec![
        ("library", (library::TELEMETRY, library::happened)),
        ("official", (official::TELEMETRY, official::happened)),
        ("opt_in", (opt_in::TELEMETRY, opt_in::happened)),
        ("official_opt_in", (official_opt_in::TELEMETRY, official_opt_in::happened)),
        ("everywhere", (everywhere::TELEMETRY, everywhere::happened)),
        ("application", (application::TELEMETRY, application::happened)),
        ("next_run", (next_run::TELEMETRY, next_run::happened)),
        ("next_run_everywhere", (next_run_everywhere::TELEMETRY, next_run_everywhere::happened)),
        ("asked_by_host", (asked_by_host::TELEMETRY, asked_by_host::happened)),
        ("same_run", (same_run::TELEMETRY, same_run::happened)),
        ("release_library", (release_library::TELEMETRY, release_library::happened)),
        ("release_application", (release_application::TELEMETRY, release_application::happened)),
        ("release_official", (release_official::TELEMETRY, release_official::happened)),
    ]
}
