//! A program with five SDKs, one for each wire format, that sends a little of each to a collector on this machine.
//!
//! ```sh
//! telemetry-collector sdk add target/debug/examples/client
//! telemetry-collector serve &
//! cargo run -p telemetry-collector --example client -- 8321
//! ```
//!
//! With `erase` in place of a number of events it has the collector delete what came with the ids of this installation.

use std::{process::ExitCode, time::Duration};

use telemetry_runtime::{Options, instance::PublishableKey, wrapper};

/// Batches whose events have an id and a time.
mod extended {
    use telemetry_runtime::{DurationBucket, Sdk, TelemetryValue, record, sdk, telemetry_event, track_mount};

    /// Usage of the Acme components in development projects.
    pub(crate) static TELEMETRY: Sdk = sdk! {
        name: "acme-ui",
        role: Library,
        default: On,
        env: "ACME_UI",
        endpoint: "http://127.0.0.1:4318/ui",
        wire: EventBatch { strict: false },
        docs: "https://acme.example/telemetry",
        operator: "Acme Inc.",
        contact: "privacy@acme.example",
        region: "EU",
        retention: "90 days",
        shared_with: "nobody",
        event_case: "SCREAMING_SNAKE_CASE",
        active: Daily,
        identity: Rotating(30),
    };

    /// A dialog was opened.
    #[telemetry_event(sdk = crate::extended::TELEMETRY, rename_all = "camelCase")]
    pub(crate) struct DialogOpened {
        /// How large it was.
        size: Size,
        /// How many buttons it had.
        #[telemetry(range = 0..=1000)]
        buttons: u16,
        /// How long it took.
        took: DurationBucket,
        /// Whether it had a title.
        titled: Option<bool>,
    }

    /// How large a dialog is.
    #[derive(TelemetryValue)]
    pub(crate) enum Size {
        /// As small as its text.
        Small,
        /// As large as the page.
        Large,
    }

    /// Renders the sign-in form.
    #[track_mount(component = "SignIn", props(appearance), sdk = crate::extended::TELEMETRY)]
    pub(crate) fn sign_in(appearance: Option<&str>) {
        let _ = appearance;
    }

    /// Renders the sign-up form.
    #[track_mount(component = "SignUp", props(appearance), sdk = crate::extended::TELEMETRY)]
    pub(crate) fn sign_up(appearance: Option<&str>) {
        let _ = appearance;
    }

    pub(crate) fn record(events: u16) {
        sign_in(Some("dark"));
        sign_up(None);
        for buttons in 0..events {
            let size = if buttons % 2 == 0 { Size::Small } else { Size::Large };
            let took = DurationBucket::of(std::time::Duration::from_millis(buttons.into()));
            record!(DialogOpened { size, buttons, took, titled: (buttons % 3 == 0).then_some(true) });
        }
    }
}

/// Records of a log of OpenTelemetry.
mod otlp {
    use telemetry_runtime::{List, Sdk, TelemetryValue, record, sdk, telemetry_event};

    /// Usage of the Acme editor in development projects.
    pub(crate) static TELEMETRY: Sdk = sdk! {
        name: "acme-otlp",
        role: Library,
        default: On,
        env: "ACME_OTLP",
        endpoint: "http://127.0.0.1:4318/otlp",
        wire: Otlp,
        docs: "https://acme.example/telemetry",
        operator: "Acme Inc.",
        contact: "privacy@acme.example",
        region: "EU",
        retention: "90 days",
        shared_with: "nobody",
        active: Daily,
        identity: Rotating(7),
        instance: Optional,
    };

    /// A file was opened.
    #[telemetry_event(sdk = crate::otlp::TELEMETRY)]
    pub(crate) struct FileOpened {
        /// How many lines it had, in thousands.
        #[telemetry(range = 0..=1000)]
        lines: u16,
        /// Where it was shown.
        place: Place,
        /// What was shown beside it.
        beside: List<Panel, 2>,
    }

    /// Where a file is shown.
    #[derive(TelemetryValue)]
    pub(crate) struct Place {
        /// In a window of its own.
        window: Option<bool>,
        /// Left of another one.
        left: bool,
    }

    /// What can be shown beside a file.
    #[derive(TelemetryValue)]
    pub(crate) enum Panel {
        /// What it contains.
        Outline,
        /// What was changed.
        Changes,
    }

    pub(crate) fn record(events: u16) {
        for lines in 0..events {
            let place = Place { window: (lines % 3 == 0).then_some(true), left: lines % 2 == 0 };
            let beside = [Panel::Outline, Panel::Changes].into_iter().take(usize::from(lines % 3)).collect();
            record!(FileOpened { lines, place, beside });
        }
    }
}

/// Batches without id and time.
mod strict {
    use telemetry_runtime::{Sdk, record, sdk, telemetry_event};

    /// Usage of the Acme framework in development projects.
    pub(crate) static TELEMETRY: Sdk = sdk! {
        name: "acme-strict",
        role: Library,
        default: On,
        env: "ACME_STRICT",
        endpoint: "http://127.0.0.1:4318/strict",
        wire: EventBatch { strict: true },
        docs: "https://acme.example/telemetry",
        operator: "Acme Inc.",
        contact: "privacy@acme.example",
        region: "EU",
        retention: "90 days",
        shared_with: "nobody",
        event_case: "SCREAMING_SNAKE_CASE",
        instance: Required,
    };

    /// A method was called.
    #[telemetry_event(sdk = crate::strict::TELEMETRY)]
    pub(crate) struct MethodCalled {
        /// How many arguments it got.
        #[telemetry(range = 0..=9)]
        arguments: u8,
    }

    pub(crate) fn record() {
        for arguments in 0..3 {
            record!(MethodCalled { arguments });
        }
    }
}

/// One event of one program run, in the address of a request.
mod beacon {
    use telemetry_runtime::{Sdk, TelemetryValue, Version, record, sdk, telemetry_event};

    /// How projects set up the Acme framework.
    pub(crate) static TELEMETRY: Sdk = sdk! {
        name: "acme-beacon",
        role: Library,
        default: On,
        env: "ACME_BEACON",
        endpoint: "http://127.0.0.1:4318",
        wire: Beacon,
        docs: "https://acme.example/telemetry",
        operator: "Acme Inc.",
        contact: "privacy@acme.example",
        region: "EU",
        retention: "90 days",
        shared_with: "nobody",
    };

    /// The framework was mounted.
    #[telemetry_event(kind = Start, rename_all = "camelCase", sdk = crate::beacon::TELEMETRY)]
    pub(crate) struct Mounted {
        /// What the project passes.
        providers: Providers,
        /// Of the framework.
        version: Version,
        /// How many resources there are.
        #[telemetry(range = 0..=100_000)]
        resource_count: u32,
    }

    /// What a project passes.
    #[derive(TelemetryValue)]
    pub(crate) struct Providers {
        /// Who is signed in.
        auth: bool,
        /// Which page is shown.
        router: bool,
    }

    pub(crate) fn record() {
        let version = Version::parse("5.0.12");
        record!(Mounted { providers: Providers { auth: true, router: false }, version, resource_count: 7 });
    }
}

/// One event of one command, as the body of a request.
mod report {
    use telemetry_runtime::{Os, Sdk, TelemetryValue, record, sdk, telemetry_event};

    /// Usage of the Acme command line.
    pub(crate) static TELEMETRY: Sdk = sdk! {
        name: "acme-report",
        role: Library,
        default: On,
        env: "ACME_REPORT",
        endpoint: "http://127.0.0.1:4318",
        wire: Report,
        docs: "https://acme.example/telemetry",
        operator: "Acme Inc.",
        contact: "privacy@acme.example",
        region: "EU",
        retention: "90 days",
        shared_with: "nobody",
    };

    /// A command ended well.
    #[telemetry_event(kind = Command, sdk = crate::report::TELEMETRY)]
    pub(crate) struct CommandRun {
        /// Which one.
        command: Name,
        /// On which system.
        os: Os,
    }

    /// The commands.
    #[derive(TelemetryValue)]
    pub(crate) enum Name {
        /// `build`
        Build,
    }

    pub(crate) fn record() {
        record!(CommandRun { command: Name::Build, os: Os::current() });
    }
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(port) = arguments.next().and_then(|port| port.parse().ok()) else {
        eprintln!("usage: client PORT [EVENTS|erase]");
        return ExitCode::from(64);
    };
    let asked = arguments.next();
    let events = asked.as_ref().and_then(|events| events.parse().ok()).unwrap_or(20);
    let options = || Options::new().loopback().loopback_port(port);
    extended::TELEMETRY.configure(options());
    beacon::TELEMETRY.configure(options());
    report::TELEMETRY.configure(options());
    if let Ok(key) = PublishableKey::parse("pk_test_ZGVtby5hY21lLmV4YW1wbGUk") {
        strict::TELEMETRY.configure(options().instance(key.clone()));
        otlp::TELEMETRY.configure(options().instance(key).wrapper(wrapper!("@acme/editor")));
    }
    if asked.as_deref() == Some("erase") {
        for sdk in [extended::TELEMETRY, otlp::TELEMETRY] {
            match sdk.erase_at_vendor(false, false) {
                Ok(asked) if asked.failure.is_none() => eprintln!("{}: {} ids", sdk.name(), asked.deleted.len()),
                other => {
                    eprintln!("{}: {other:?}", sdk.name());
                    return ExitCode::FAILURE;
                }
            }
        }
        return ExitCode::SUCCESS;
    }
    extended::record(events);
    otlp::record(events);
    strict::record();
    beacon::record();
    report::record();
    match telemetry_runtime::flush(Duration::from_secs(20)) {
        Ok(flushed) => eprintln!("sent {}, waiting {}", flushed.sent, flushed.waiting),
        Err(error) => {
            eprintln!("not flushed: {error}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
