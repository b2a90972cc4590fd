use serde::{Deserialize, Serialize};

use crate::{Wire, otlp};

/// What can be known of one SDK without running the program: its declaration and all it sends beside the events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
pub struct SdkDescriptor {
    /// Its name, `[a-z0-9-]{1,64}`.
    pub sdk: String,
    /// The crate that declares it.
    #[serde(rename = "crate")]
    pub crate_name: String,
    /// The version of that crate.
    pub version: String,
    /// The version of `telemetry-runtime` that it was compiled with: bounds, times and files are those of this version. Empty where it
    /// is not known, as in a lock file.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub runtime: String,
    /// Its repository, as the crate's manifest says.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub repository: String,
    /// A library inside other programs, or a program.
    pub role: Role,
    /// What counts without a decision of the user.
    pub default: DefaultConsent,
    /// The stem of its variables: `ACME` means `ACME_TELEMETRY_DISABLED` and `ACME_TELEMETRY_DEBUG`.
    pub env: String,
    /// Further variables that turn it off.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub env_aliases: Vec<String>,
    /// The words by which its user reaches the commands of `telemetry_runtime::cli`, such as `acme telemetry`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// Where batches go.
    pub endpoint: String,
    /// How a batch looks.
    pub wire: Wire,
    /// The page that explains this telemetry.
    pub docs: String,
    /// Declared by the vendor: who receives the data.
    pub operator: String,
    /// Declared by the vendor: whom to ask.
    pub contact: String,
    /// Declared by the vendor: where it is kept.
    pub region: String,
    /// Declared by the vendor: for how long.
    pub retention: String,
    /// Declared by the vendor: who else sees it.
    pub shared_with: String,
    /// How event names are spelt.
    pub event_case: EventCase,
    /// How bodies of requests are compressed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compress: Option<Compress>,
    /// Whether one event a day counts active installations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<Active>,
    /// Whether one event a day tells how many events were lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health: Option<Health>,
    /// Whether events carry an id of the installation, and for how long; absent where none does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,
    /// Who tells the user, and when sending may begin.
    pub notice: Notice,
    /// The variable that must have been set at build time, where only official builds report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub official_builds: Option<String>,
    /// Environments that are off by default and that this SDK wants on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub environments: Vec<Environment>,
    /// Which thread writes events to disk.
    pub write_on: WriteOn,
    /// What happens when a short program ends with events that were not sent.
    #[serde(default, skip_serializing_if = "Exit::is_default")]
    pub exit: Exit,
    /// Whether its service has instances, and what their keys decide; absent where a key has no meaning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<Instance>,
    /// The share of machine-days on which anything is recorded, 0 to 1.
    pub sample: f64,
    /// `built_in`, or `custom` where the author brings a transport of their own.
    pub transport: String,
    /// What every event carries beside its payload.
    pub envelope: Vec<(String, String)>,
    /// The request headers that are sent.
    pub headers: Vec<(String, String)>,
    /// What any server sees anyway.
    pub server_sees: Vec<String>,
    /// Where it is declared, `file:line`.
    pub at: String,
}

impl SdkDescriptor {
    /// Whether every event has room for the publishable key of an instance.
    pub fn carries_instance_key(&self) -> bool {
        self.envelope.iter().any(|(name, _)| otlp::names_instance(name))
    }
}

/// A library inside other programs, or a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reports from hosts under development only, unless the host or the key of an instance says otherwise.
    Library,
    /// Reports from its own release builds.
    Application,
}

/// What counts without a decision of the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DefaultConsent {
    /// The user is told and may opt out.
    On,
    /// Nothing until the user opts in.
    Off,
}

/// One table: a case, its example and serde's word for it, in the order in which [`EventCase::pick`] takes its names.
macro_rules! event_cases {
    ($($(#[$doc:meta])* $case:ident = $word:literal;)*) => {
        /// How event names are spelt; the words are those of serde.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum EventCase {
            $($(#[$doc])* #[serde(rename = $word)] $case,)*
        }

        impl EventCase {
            /// Every case, in the order in which [`EventCase::pick`] takes its names.
            pub const ALL: [Self; [$($word),*].len()] = [$(Self::$case),*];
        }
    };
}

event_cases! {
    /// `componentmounted`
    Lower = "lowercase";
    /// `COMPONENTMOUNTED`
    Upper = "UPPERCASE";
    /// `ComponentMounted`
    Pascal = "PascalCase";
    /// `componentMounted`
    Camel = "camelCase";
    /// `component_mounted`
    Snake = "snake_case";
    /// `COMPONENT_MOUNTED`
    ScreamingSnake = "SCREAMING_SNAKE_CASE";
    /// `component-mounted`
    Kebab = "kebab-case";
    /// `COMPONENT-MOUNTED`
    ScreamingKebab = "SCREAMING-KEBAB-CASE";
}

impl EventCase {
    /// Takes the spelling of this case from all spellings of one name, in the order of [`EventCase::ALL`].
    ///
    /// The macro that sees an event's name does not see the SDK's case, so it writes all eight and the compiler picks.
    pub const fn pick<T: Copy>(self, names: &[T; Self::ALL.len()]) -> T {
        let [lower, upper, pascal, camel, snake, screaming_snake, kebab, screaming_kebab] = *names;
        match self {
            Self::Lower => lower,
            Self::Upper => upper,
            Self::Pascal => pascal,
            Self::Camel => camel,
            Self::Snake => snake,
            Self::ScreamingSnake => screaming_snake,
            Self::Kebab => kebab,
            Self::ScreamingKebab => screaming_kebab,
        }
    }
}

/// How bodies of requests are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Compress {
    /// `content-encoding: gzip`, RFC 1952.
    Gzip,
}

impl Compress {
    /// The value of [`Compress::HEADER`].
    pub const fn word(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
        }
    }

    /// The header that says it.
    pub const HEADER: &'static str = "content-encoding";
}

/// One event a day that counts active installations without an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Active {
    /// At most once per UTC day, SDK and state folder.
    Daily,
}

/// One event a day that tells how many events were lost, and how: `telemetry_health`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// At most once per UTC day, SDK and state folder, and only if events were lost.
    Daily,
}

/// An id of the installation, which events of one epoch have in common. The data is pseudonymous then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Identity {
    /// Another one after so many days. No request holds two of them.
    Rotating(u16),
}

impl Identity {
    /// The key of an event that holds it, in a batch.
    pub const KEY: &'static str = "installation";

    /// For how many days one id is used.
    pub const fn days(self) -> u16 {
        match self {
            Self::Rotating(days) => days,
        }
    }

    /// The first and the last day of the epoch in which a day lies, in days since 1970-01-01. Epochs begin on the same days for
    /// everybody, so when an id changes says nothing about whose it is.
    pub const fn epoch(self, day: u32) -> (u32, u32) {
        let days = if self.days() == 0 { 1 } else { self.days() as u32 };
        let first = day - day % days;
        (first, first.saturating_add(days - 1))
    }
}

/// Who tells the user, and when sending may begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// The runtime prints it on a terminal; recording begins with the next run.
    NextRun,
    /// The runtime prints it on a terminal; recording begins at once, sending after ten seconds.
    SameRun,
    /// The host shows it and says so with `Options::notice_shown`.
    Host,
    /// No notice: only where nothing is on by default.
    None,
}

/// An environment that is off unless an SDK asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Environment {
    /// Continuous integration and build sandboxes.
    Ci,
    /// Test runs.
    Test,
}

/// Which thread writes events to disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WriteOn {
    /// The worker, within 50 ms; commands are written by the calling thread all the same.
    Worker,
    /// The calling thread, before the call returns.
    Caller,
}

/// What happens when a short program ends with events that were not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exit {
    /// Nothing: they wait on disk for a later run.
    #[default]
    Later,
    /// The end of the program waits at most this many milliseconds for a delivery, at most once per 24 hours.
    Grace(u16),
    /// A child process of the same program delivers them; one at a time, at most 5 seconds long.
    Detached,
}

/// What the key of an instance decides, for SDKs whose service gives its customers instances of their own.
///
/// With either rule, nothing is recorded where the key of a production instance is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Instance {
    /// The key of a development instance lets a library report in any build; without a key the build decides.
    Optional,
    /// Without the key of a development instance nothing is recorded, in any build.
    Required,
}

impl Exit {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}
