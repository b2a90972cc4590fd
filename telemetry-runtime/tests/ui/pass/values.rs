//! Every kind of field.
#![deny(warnings)]

use std::{borrow::Cow, time::Duration};

use telemetry_runtime::{
    CountBucket, DurationBucket, List, OneOf, Os, OsVersion, Packages, Pseudonym, Sdk, TelemetryValue, Version, record, sdk,
    telemetry_event,
};

pub static TELEMETRY: Sdk = sdk! {
    name: "acme-ui",
    role: Library,
    default: On,
    env: "ACME",
    endpoint: "https://telemetry.acme.example",
    wire: EventBatch { strict: false },
    docs: "https://acme.example/telemetry",
    operator: "Acme Inc.",
    contact: "privacy@acme.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
};

#[derive(TelemetryValue)]
#[telemetry(rename_all = "kebab-case")]
pub enum Component {
    SignIn,
    #[telemetry(rename = "register")]
    SignUp,
    #[deprecated]
    UserProfile,
    #[cfg(any())]
    Gone(NoSuchType),
}

#[derive(TelemetryValue)]
#[telemetry(rename_all = "camelCase")]
pub struct Layout {
    /// The grid.
    grid: Grid,
    dark_mode: Option<bool>,
    #[telemetry(range = 1..=12)]
    columns: Option<u8>,
    #[telemetry(skip)]
    local: String,
    #[telemetry(unbounded, reason = "widths differ by device")]
    r#width: i64,
}

#[derive(TelemetryValue)]
pub struct Grid {
    #[telemetry(range = -5..5)]
    cells: [i16; 4],
}

#[derive(TelemetryValue)]
pub enum Step {
    Start,
    Empty {},
    Chosen(Component),
    Counted(#[telemetry(range = 0..=9)] u8),
    Moved {
        #[telemetry(rename = "from_where")]
        from: Component,
        to: Option<Component>,
        #[telemetry(skip)]
        local: u128,
    },
}

type Alias = Component;

/// Everything at once.
///
/// In two paragraphs with "quotes", a \ and an é.
#[telemetry_event(
    name = "everything:at.once",
    rename_all = "camelCase",
    sample = 0.25,
    throttle = None,
    kind = Start,
    owner = "ui-team",
    purpose = "this test",
    reviewed = "https://acme.example/reviews/1",
    since = "1.2.0",
    expires = "never",
    sdk = crate::TELEMETRY,
)]
#[derive(Clone)]
pub struct Everything {
    /// A boolean.
    yes_no: bool,
    component: Alias,
    layout: Layout,
    step: Step,
    maybe: Option<[bool; 2]>,
    list: List<Component, 4>,
    theme: OneOf<Component>,
    count: CountBucket,
    took: DurationBucket,
    version: Version,
    #[telemetry(prefix = "v", sensitivity = technical)]
    node_version: Option<Version>,
    os: Os,
    os_version: OsVersion,
    #[telemetry(packages(names = ["vite"], prefixes = ["@acme/"], max = 32))]
    packages: Packages,
    project: Pseudonym,
    #[telemetry(range = 0..=255, rename = "n")]
    #[telemetry(sensitivity = interaction)]
    number: Option<u16>,
    #[telemetry(unbounded, reason = "ports are not bounded")]
    port: usize,
    #[telemetry(free_text, max_len = 64, reason = "names of plugins are open")]
    text: Option<String>,
    #[telemetry(free_text, max_len = 64, reason = "names of plugins are open", sensitivity = personal)]
    other_text: Cow<'static, str>,
    #[cfg(any())]
    gone: NoSuchType,
}

impl Clone for Layout {
    fn clone(&self) -> Self {
        Self {
            grid: Grid { cells: self.grid.cells },
            dark_mode: self.dark_mode,
            columns: self.columns,
            local: String::new(),
            width: self.width,
        }
    }
}

impl Clone for Step {
    fn clone(&self) -> Self {
        Self::Start
    }
}

impl Clone for Component {
    fn clone(&self) -> Self {
        Self::SignIn
    }
}

/// Nothing but its name.
#[telemetry_event]
pub struct Started;

fn main() {
    let layout =
        Layout { grid: Grid { cells: [0; 4] }, dark_mode: None, columns: Some(3), local: String::new(), width: 7 };
    let everything = Everything {
        yes_no: true,
        component: Component::SignUp,
        layout,
        step: Step::Moved { from: Component::SignIn, to: None, local: 0 },
        maybe: None,
        list: [Component::SignIn].into_iter().collect(),
        theme: OneOf::parse("sign-in"),
        count: CountBucket::of(7),
        took: DurationBucket::of(Duration::from_millis(3)),
        version: Version::parse("1.2.3"),
        node_version: None,
        os: Os::current(),
        os_version: OsVersion::parse("6.1"),
        packages: [("vite", Some("5.0.0"))].into_iter().collect(),
        project: Pseudonym::of("x"),
        number: Some(7),
        port: 80,
        text: None,
        other_text: "x".into(),
    };
    for step in [Step::Start, Step::Empty {}, Step::Chosen(Component::SignIn), Step::Counted(3)] {
        let _ = step;
    }
    record!(everything.clone());
    record!(Started);
}
