//! The rules: what a finding is called, how severe it is, what it means and what to do about it.
//!
//! They are data, in the tables of `rules/`, one file per subject. `docs/diff-rules.md` is generated from them.

use std::{borrow::Cow, fmt, sync::LazyLock};

use serde::{Deserialize, Serialize};

/// One table: a severity and its word, the least first.
macro_rules! severities {
    ($($(#[$doc:meta])* $severity:ident = $word:literal;)*) => {
        /// For whom a difference matters, the least first.
        ///
        /// A rule has one severity. Where several would hold, the one that matters to users comes before the one that matters to
        /// receivers: a field that changes its type is wider, although receivers misread it too.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, clap::ValueEnum)]
        #[serde(rename_all = "snake_case")]
        pub enum Severity {
            $($(#[$doc])* $severity,)*
        }

        impl Severity {
            /// All, the least first.
            pub const ALL: [Self; [$($word),*].len()] = [$(Self::$severity),*];

            /// The word for it in files, arguments and output.
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$severity => $word,)*
                }
            }
        }
    };
}

severities! {
    /// None of the others: words, owners, order.
    Note = "note";
    /// Less can be sent, or there are more ways to stop it.
    Narrower = "narrower";
    /// A receiver that knew the old set misreads the new one or misses something.
    Breaking = "breaking";
    /// More can be sent, to more or other receivers, or there are fewer ways to stop it.
    Wider = "wider";
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its name: stable, for scripts and for people who search.
    pub id: Id,
    /// For whom it matters.
    pub severity: Severity,
    /// What happened, in a few words without an end.
    pub summary: Cow<'static, str>,
    /// What follows from it, in sentences.
    pub reason: Cow<'static, str>,
    /// What to do about it, in sentences.
    pub advice: Cow<'static, str>,
}

/// Rules about one subject: one file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// What they are about, in one word.
    pub title: String,
    /// The same in a sentence.
    pub about: String,
    /// The rules, in the order of the page.
    #[serde(rename = "rule")]
    pub rules: Vec<Rule>,
}

/// The files, in the order of the page.
const FILES: [&str; 6] = [
    include_str!("rules/events.toml"),
    include_str!("rules/fields.toml"),
    include_str!("rules/values.toml"),
    include_str!("rules/requests.toml"),
    include_str!("rules/switches.toml"),
    include_str!("rules/declarations.toml"),
];

/// All rules. A test reads every file; one that could not be read would be missing here.
pub fn groups() -> &'static [Group] {
    static GROUPS: LazyLock<Vec<Group>> =
        LazyLock::new(|| FILES.iter().filter_map(|file| toml::from_str(file).ok()).collect());
    &GROUPS
}

/// The rule of this name.
pub fn of(id: Id) -> &'static Rule {
    // What cannot be explained counts as the worst. Never seen: a test asks for every id.
    static MISSING: Rule = Rule {
        id: Id::TypeChanged,
        severity: Severity::Wider,
        summary: Cow::Borrowed("something changed that this tool has no words for"),
        reason: Cow::Borrowed("The table of rules is damaged."),
        advice: Cow::Borrowed("Install the tool again."),
    };
    groups().iter().flat_map(|group| &group.rules).find(|rule| rule.id == id).unwrap_or(&MISSING)
}

macro_rules! ids {
    ($($name:ident = $id:literal),+ $(,)?) => {
        /// The name of a rule. Its text stands in the tables.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[allow(missing_docs, reason = "the tables say what each means")]
        #[non_exhaustive]
        pub enum Id {
            $(#[serde(rename = $id)] $name,)+
        }

        impl Id {
            /// Every rule that code can find.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The name as it stands in files and output.
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$name => $id,)+
                }
            }
        }
    };
}

ids! {
    // events.toml
    EventAdded = "event-added",
    EventRemoved = "event-removed",
    EventKindChanged = "event-kind-changed",
    EventCrateChanged = "event-crate-changed",
    EventDocChanged = "event-doc-changed",
    KeyConflictAdded = "key-conflict-added",
    KeyConflictRemoved = "key-conflict-removed",
    SamplingRaised = "sampling-raised",
    SamplingLowered = "sampling-lowered",
    ThrottleLoosened = "throttle-loosened",
    ThrottleTightened = "throttle-tightened",
    LevelLowered = "level-lowered",
    LevelRaised = "level-raised",
    LevelStated = "level-stated",
    ExpiryLater = "expiry-later",
    ExpiryEarlier = "expiry-earlier",
    ExpiryStated = "expiry-stated",
    OwnerChanged = "owner-changed",
    PurposeChanged = "purpose-changed",
    ReviewChanged = "review-changed",
    SinceChanged = "since-changed",
    BuildAdded = "build-added",
    BuildRemoved = "build-removed",
    WordsRespaced = "words-respaced",
    // fields.toml
    FieldAdded = "field-added",
    FieldRemoved = "field-removed",
    FieldDocChanged = "field-doc-changed",
    ReasonChanged = "reason-changed",
    SensitivityRaised = "sensitivity-raised",
    SensitivityRelabelled = "sensitivity-relabelled",
    SensitivityLowered = "sensitivity-lowered",
    SensitivityRestated = "sensitivity-restated",
    OrderChanged = "order-changed",
    // values.toml
    TypeChanged = "type-changed",
    RangeWidened = "range-widened",
    RangeNarrowed = "range-narrowed",
    UnboundedAdded = "unbounded-added",
    UnboundedRemoved = "unbounded-removed",
    FreeTextAdded = "free-text-added",
    FreeTextRemoved = "free-text-removed",
    TextLengthened = "text-lengthened",
    TextShortened = "text-shortened",
    PseudonymAdded = "pseudonym-added",
    PseudonymRemoved = "pseudonym-removed",
    OptionalAdded = "optional-added",
    OptionalRemoved = "optional-removed",
    VariantAdded = "variant-added",
    VariantRemoved = "variant-removed",
    VariantValueAdded = "variant-value-added",
    VariantValueRemoved = "variant-value-removed",
    ArrayLengthened = "array-lengthened",
    ArrayShortened = "array-shortened",
    ListLengthened = "list-lengthened",
    ListShortened = "list-shortened",
    PackagesRaised = "packages-raised",
    PackagesLowered = "packages-lowered",
    PackageAdded = "package-added",
    PackageRemoved = "package-removed",
    VersionPrefixChanged = "version-prefix-changed",
    // requests.toml
    SdkAdded = "sdk-added",
    SdkRemoved = "sdk-removed",
    SdkCrateChanged = "sdk-crate-changed",
    SdkRepositoryChanged = "sdk-repository-changed",
    EndpointChanged = "endpoint-changed",
    WireChanged = "wire-changed",
    TransportCustom = "transport-custom",
    TransportBuiltIn = "transport-built-in",
    EnvelopeKeyAdded = "envelope-key-added",
    EnvelopeKeyRemoved = "envelope-key-removed",
    HeaderAdded = "header-added",
    HeaderRemoved = "header-removed",
    RequestDocChanged = "request-doc-changed",
    ServerSeesAdded = "server-sees-added",
    ServerSeesRemoved = "server-sees-removed",
    ExitRaised = "exit-raised",
    ExitLowered = "exit-lowered",
    WriteOnChanged = "write-on-changed",
    CompressionChanged = "compression-changed",
    EventCaseChanged = "event-case-changed",
    ActiveAdded = "active-added",
    ActiveRemoved = "active-removed",
    HealthAdded = "health-added",
    HealthRemoved = "health-removed",
    IdentityAdded = "identity-added",
    IdentityRemoved = "identity-removed",
    IdentityLengthened = "identity-lengthened",
    IdentityShortened = "identity-shortened",
    // switches.toml
    RoleChanged = "role-changed",
    DefaultOn = "default-on",
    DefaultOff = "default-off",
    VariableRemoved = "variable-removed",
    VariableAdded = "variable-added",
    DebugVariableChanged = "debug-variable-changed",
    CommandAdded = "command-added",
    CommandChanged = "command-changed",
    CommandRemoved = "command-removed",
    NoticeWeakened = "notice-weakened",
    NoticeStrengthened = "notice-strengthened",
    OfficialBuildsRemoved = "official-builds-removed",
    OfficialBuildsAdded = "official-builds-added",
    OfficialBuildsChanged = "official-builds-changed",
    InstanceAdded = "instance-added",
    InstanceRemoved = "instance-removed",
    InstanceRequired = "instance-required",
    InstanceNotRequired = "instance-not-required",
    EnvironmentAdded = "environment-added",
    EnvironmentRemoved = "environment-removed",
    // declarations.toml
    OperatorChanged = "operator-changed",
    SharingChanged = "sharing-changed",
    RegionChanged = "region-changed",
    RetentionChanged = "retention-changed",
    ContactChanged = "contact-changed",
    DocsChanged = "docs-changed",
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
