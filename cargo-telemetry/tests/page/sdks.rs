//! SDKs with every type of field, one per wire format.

/// Makes the linker take everything.
pub(crate) fn link() {
    for sdk in [all::TELEMETRY, strict::TELEMETRY, beacon::TELEMETRY, report::TELEMETRY, otlp::TELEMETRY] {
        assert!(!sdk.notice().text().is_empty());
    }
    for sdk in [golden_clerk_core::TELEMETRY, golden_refine_core::TELEMETRY, golden_refine_cli::TELEMETRY] {
        assert!(!sdk.notice().text().is_empty());
    }
}

/// Every type, in the extended format.
pub(crate) mod all {
    use telemetry_runtime::{
        CountBucket, DurationBucket, List, OneOf, Os, OsVersion, Packages, Pseudonym, Sdk, TelemetryValue, Version,
        sdk, telemetry_event, track_call, track_mount,
    };

    /// All of it.
    pub(crate) static TELEMETRY: Sdk = sdk! {
        name: "page-all", role: Library, default: On, env: "PAGE_ALL", env_aliases: ["PAGE_ALL_NO_TELEMETRY"],
        endpoint: "http://127.0.0.1:1", wire: EventBatch { strict: false }, docs: "https://all.example/telemetry",
        operator: "All Ltd.", contact: "privacy@all.example", region: "EU", retention: "7 days", shared_with: "nobody",
        active: Daily, instance: Optional,
    };

    #[derive(Clone, Copy, TelemetryValue)]
    #[telemetry(rename_all = "kebab-case")]
    pub(crate) enum Component {
        SignIn,
        SignUp,
    }

    #[derive(TelemetryValue)]
    pub(crate) struct Layout {
        /// Its cells.
        #[telemetry(range = -5..=5)]
        pub(crate) cells: [i16; 2],
        /// Dark or not.
        pub(crate) dark: Option<bool>,
    }

    #[derive(TelemetryValue)]
    pub(crate) enum Step {
        Start,
        Chosen(Component),
        Counted(#[telemetry(range = 0..=9)] u8),
        Moved { from: Component, to: Option<Component> },
    }

    #[derive(TelemetryValue)]
    pub(crate) enum OnlyFull {
        One(Component),
        Two(bool),
    }

    #[derive(TelemetryValue)]
    pub(crate) enum OneFull {
        Only(bool),
    }

    /// Everything at once, with `code` and a bar | in its words.
    ///
    /// In two paragraphs.
    #[telemetry_event(
        sdk = crate::sdks::all::TELEMETRY, throttle = None, owner = "the page team", purpose = "To see that pages are right.",
        reviewed = "https://all.example/reviews/1", since = "1.2.0", expires = "2099-06-30"
    )]
    pub(crate) struct Everything {
        /// A boolean.
        pub(crate) yes_no: bool,
        pub(crate) component: Component,
        pub(crate) layout: Layout,
        pub(crate) step: Step,
        pub(crate) full: OnlyFull,
        pub(crate) one_full: OneFull,
        pub(crate) maybe: Option<[Option<bool>; 2]>,
        /// A list.
        pub(crate) list: List<Component, 3>,
        pub(crate) layouts: List<Layout, 2>,
        pub(crate) theme: OneOf<Component>,
        pub(crate) count: CountBucket,
        pub(crate) took: DurationBucket,
        pub(crate) version: Version,
        #[telemetry(prefix = "v", sensitivity = technical)]
        pub(crate) node_version: Option<Version>,
        pub(crate) os: Os,
        pub(crate) os_version: OsVersion,
        #[telemetry(packages(names = ["vite"], prefixes = ["@acme/"], max = 2))]
        pub(crate) packages: Packages,
        #[telemetry(packages(names = ["vite", "left-pad"], max = 2))]
        pub(crate) named_packages: Packages,
        pub(crate) project: Pseudonym,
        #[telemetry(range = 1..=255)]
        pub(crate) number: Option<u16>,
        #[telemetry(unbounded, reason = "ports are not bounded")]
        pub(crate) port: usize,
        #[telemetry(unbounded, reason = "offsets are not bounded")]
        pub(crate) offset: i64,
        #[telemetry(unbounded, reason = "small ones neither")]
        pub(crate) small: i8,
        /// What the plugin is called.
        #[telemetry(free_text, max_len = 8, reason = "names of plugins are open")]
        pub(crate) plugin: Option<String>,
    }

    /// Rarely recorded.
    #[telemetry_event(sdk = crate::sdks::all::TELEMETRY, sample = 0.25, throttle = Rolling(48 h))]
    pub(crate) struct Rare {}

    /// Renders the sign-in form.
    #[track_mount(sdk = crate::sdks::all::TELEMETRY, component = "SignIn", props(theme))]
    pub(crate) fn sign_in(theme: Option<&str>) {
        let _ = theme;
    }

    /// Renders the sign-up form.
    #[track_mount(sdk = crate::sdks::all::TELEMETRY, component = "SignUp", props(theme, compact))]
    pub(crate) fn sign_up(theme: Option<&str>, compact: bool) {
        let _ = (theme, compact);
    }

    /// Reads a session.
    #[track_call(sdk = crate::sdks::all::TELEMETRY)]
    pub(crate) fn get_auth() {}
}

/// The strict format: no ids, no pseudonym.
pub(crate) mod strict {
    use telemetry_runtime::{Sdk, sdk, telemetry_event};

    pub(crate) static TELEMETRY: Sdk = sdk! {
        name: "page-strict", role: Application, default: Off, env: "PAGE_STRICT",
        endpoint: "http://127.0.0.1:1", wire: EventBatch { strict: true }, docs: "https://strict.example/telemetry",
        operator: "Strict Ltd.", contact: "privacy@strict.example", region: "US", retention: "8 days",
        shared_with: "nobody", exit: Later, notice: None, environments: [Ci], builds: Official("PAGE_STRICT_OFFICIAL"),
    };

    /// Something happened.
    #[telemetry_event(sdk = crate::sdks::strict::TELEMETRY)]
    #[expect(dead_code, reason = "listed all the same: nothing turns this SDK on")]
    pub(crate) struct Happened {
        /// How often.
        #[telemetry(range = 0..=3)]
        pub(crate) times: u8,
    }
}

/// The payload in the address.
pub(crate) mod beacon {
    use telemetry_runtime::{Sdk, TelemetryValue, sdk, telemetry_event};

    pub(crate) static TELEMETRY: Sdk = sdk! {
        name: "page-beacon", role: Library, default: On, env: "PAGE_BEACON", endpoint: "http://127.0.0.1:1", wire: Beacon,
        docs: "https://beacon.example/telemetry", operator: "Beacon Ltd.", contact: "privacy@beacon.example", region: "EU",
        retention: "9 days", shared_with: "nobody",
    };

    /// It started.
    #[telemetry_event(sdk = crate::sdks::beacon::TELEMETRY, kind = Start)]
    pub(crate) struct Started {
        /// In which mode.
        pub(crate) mode: Mode,
    }

    #[derive(TelemetryValue)]
    pub(crate) enum Mode {
        Fast,
        #[expect(dead_code, reason = "listed all the same")]
        Slow,
    }
}

/// The payload as the body.
pub(crate) mod report {
    use telemetry_runtime::{Sdk, sdk, telemetry_event};

    pub(crate) static TELEMETRY: Sdk = sdk! {
        name: "page-report", role: Library, default: On, env: "PAGE_REPORT", endpoint: "http://127.0.0.1:1", wire: Report,
        docs: "https://report.example/telemetry", operator: "Report Ltd.", contact: "privacy@report.example", region: "EU",
        retention: "10 days", shared_with: "nobody",
    };

    /// A command succeeded.
    #[telemetry_event(sdk = crate::sdks::report::TELEMETRY, kind = Command)]
    pub(crate) struct Succeeded {
        /// With files or without.
        pub(crate) files: bool,
    }
}

/// Records of a log.
pub(crate) mod otlp {
    use telemetry_runtime::{List, OneOf, Sdk, TelemetryValue, sdk, telemetry_event, track_mount};

    pub(crate) static TELEMETRY: Sdk = sdk! {
        name: "page-otlp", role: Library, default: On, identity: Rotating(7), env: "PAGE_OTLP", endpoint: "http://127.0.0.1:1", wire: Otlp,
        docs: "https://otlp.example/telemetry", operator: "Otlp Ltd.", contact: "privacy@otlp.example", region: "EU",
        retention: "11 days", shared_with: "nobody", active: Daily, health: Daily, instance: Optional, sample: 1.0,
    };

    #[derive(Clone, Copy, TelemetryValue)]
    pub(crate) enum Theme {
        Dark,
        Light,
    }

    #[derive(TelemetryValue)]
    pub(crate) struct Pages {
        /// How many.
        #[telemetry(range = -5..=5)]
        pub(crate) changes: i8,
        pub(crate) themes: List<Theme, 2>,
    }

    /// The app was opened.
    #[telemetry_event(sdk = crate::sdks::otlp::TELEMETRY, throttle = None)]
    pub(crate) struct AppOpened {
        pub(crate) dark: bool,
        pub(crate) theme: OneOf<Theme>,
        pub(crate) pages: Pages,
        pub(crate) maybe: Option<[Option<bool>; 2]>,
        #[telemetry(unbounded, reason = "ports are not bounded")]
        pub(crate) port: u64,
        #[telemetry(free_text, max_len = 8, reason = "names of plugins are open")]
        pub(crate) plugin: Option<String>,
    }

    /// Recorded on half of all days.
    #[telemetry_event(sdk = crate::sdks::otlp::TELEMETRY, sample = 0.5)]
    pub(crate) struct Halved {}

    /// Renders the menu.
    #[track_mount(sdk = crate::sdks::otlp::TELEMETRY, component = "Menu", props(theme))]
    pub(crate) fn menu(theme: Option<&str>) {
        let _ = theme;
    }

    /// Renders the footer.
    #[track_mount(sdk = crate::sdks::otlp::TELEMETRY, component = "Footer", props(theme))]
    pub(crate) fn footer(theme: Option<&str>) {
        let _ = theme;
    }
}
