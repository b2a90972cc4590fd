use serde::Serialize;

use crate::lock::Builds;

/// One table: a rule, its word, and what it finds in one sentence.
macro_rules! rules {
    ($($(#[$doc:meta])* $rule:ident = $id:literal, $summary:literal;)*) => {
        /// What can be found. The words are those of the report, of `[[allow]]` and of `docs/audit.md`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
        pub(crate) enum Rule {
            $($(#[$doc])* #[serde(rename = $id)] $rule,)*
        }

        impl Rule {
            /// Every rule, in the order of the table.
            pub(crate) const ALL: [Self; [$($id),*].len()] = [$(Self::$rule),*];

            /// Its word.
            pub(crate) const fn id(self) -> &'static str {
                match self {
                    $(Self::$rule => $id,)*
                }
            }

            /// What it finds, in one sentence.
            pub(crate) const fn summary(self) -> &'static str {
                match self {
                    $(Self::$rule => $summary,)*
                }
            }
        }
    };
}

rules! {
    /// There is no lock file.
    LockMissing = "lock-missing", "There is no lock file.";
    /// The lock file says something else than the records.
    LockOutdated = "lock-outdated", "The lock file says something else than the records.";
    /// A key is claimed twice.
    Conflict = "conflict", "Several schemas claim one key, so none of them is recorded.";
    /// Several SDKs have one name and send to different places.
    SameName = "same-name", "Several SDKs of one name send to different places.";
    /// An SDK is declared and has no event.
    SdkWithoutEvents = "sdk-without-events", "An SDK is declared, and none of its events is there.";
    /// Nobody answers for an event.
    RequireOwner = "require-owner", "An event has no owner.";
    /// An event has no link to its review.
    RequireReview = "require-review", "An event has no link to a review.";
    /// An event does not say what it is for.
    RequirePurpose = "require-purpose", "An event does not say what it is for.";
    /// An event does not say when it ends.
    RequireExpires = "require-expires", "An event does not say when it ends.";
    /// An event ends later than allowed.
    ExpiryTooFar = "expiry-too-far", "An event ends later than the rules allow.";
    /// An event has ended.
    Expired = "expired", "The last day of an event has passed.";
    /// An event will end soon.
    ExpiresSoon = "expires-soon", "The last day of an event is near.";
    /// A field takes free text.
    FreeText = "free-text", "A field takes free text.";
    /// A field takes a number without bounds.
    Unbounded = "unbounded", "A field takes a number without a range.";
    /// A field holds a keyed hash.
    Pseudonym = "pseudonym", "A field holds a pseudonym, or every event carries an id of the installation.";
    /// The author brings a transport.
    CustomTransport = "custom-transport", "The author sends events by code of their own.";
    /// An event may carry more bits than the budget, envelope included.
    CapacityEvent = "capacity-event", "An event may carry more bits than the budget, envelope included.";
    /// The fields of an event may carry more bits than the budget.
    CapacityPayload = "capacity-payload", "The fields of an event may carry more bits than the budget.";
    /// An event may carry more bits a day than the budget.
    CapacityDay = "capacity-day", "An event may carry more bits a day than the budget.";
    /// The committed page says something else than the records.
    PageOutdated = "page-outdated", "The committed page says something else than the records.";
    /// The committed JSON Schema says something else than the records.
    SchemaOutdated = "schema-outdated", "The committed JSON Schema says something else than the records.";
    /// A feature is in no build.
    UncoveredFeature = "uncovered-feature", "A feature is in no build, so what it adds is not locked.";
    /// A binary is in no build.
    UncoveredBinary = "uncovered-binary", "A binary is in no build, so what it records is not locked.";
    /// More can be sent than at the baseline.
    BaselineWider = "baseline-wider", "More can be sent than at the baseline.";
    /// A receiver that knew the baseline misreads what is sent.
    BaselineBreaking = "baseline-breaking", "A receiver that knew the baseline misreads what is sent.";
    /// Less can be sent than at the baseline.
    BaselineNarrower = "baseline-narrower", "Less can be sent than at the baseline.";
    /// Something else has changed since the baseline.
    BaselineNote = "baseline-note", "Something else has changed since the baseline.";
    /// An exception that nothing needs.
    UnusedException = "unused-exception", "An exception is needed by nothing.";
}

impl Rule {
    /// Whether `[[allow]]` may except an event from it. What would make the list untrue is not up for exceptions.
    pub(crate) const fn has_exceptions(self) -> bool {
        !matches!(
            self,
            Self::LockMissing
                | Self::LockOutdated
                | Self::Conflict
                | Self::PageOutdated
                | Self::SchemaOutdated
                | Self::UncoveredFeature
                | Self::UncoveredBinary
                | Self::BaselineWider
                | Self::BaselineBreaking
                | Self::BaselineNarrower
                | Self::BaselineNote
                | Self::UnusedException
        )
    }
}

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Level {
    /// The gate does not hold.
    Error,
    /// It holds, and will not for long.
    Warning,
    /// It holds; somebody may want to know.
    Note,
}

impl Level {
    /// What stands in front of a finding that fails nothing.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Error => "",
            Self::Warning => "warning: ",
            Self::Note => "note: ",
        }
    }
}

/// One thing that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    /// Which rule.
    pub(crate) rule: Rule,
    /// How much it matters.
    pub(crate) level: Level,
    /// The key of the event, or the name of the SDK.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) event: Option<String>,
    /// The path of the field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) field: Option<String>,
    /// The builds that it was found in, where it is not in all.
    #[serde(skip_serializing_if = "Builds::is_empty")]
    pub(crate) builds: Builds,
    /// `file:line` of the declaration, or the file that is wrong.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) at: String,
    /// What is wrong.
    pub(crate) message: String,
    /// What to do.
    pub(crate) repair: String,
}

impl Finding {
    pub(crate) fn new(rule: Rule, message: impl Into<String>, repair: impl Into<String>) -> Self {
        let (message, repair) = (message.into(), repair.into());
        Self {
            rule,
            level: Level::Error,
            event: None,
            field: None,
            builds: Builds::new(),
            at: String::new(),
            message,
            repair,
        }
    }

    pub(crate) fn of_event(mut self, key: &str) -> Self {
        self.event = Some(key.to_owned());
        self
    }

    pub(crate) fn level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    pub(crate) fn in_builds(mut self, builds: Builds) -> Self {
        self.builds = builds;
        self
    }

    pub(crate) fn of_field(mut self, path: &str) -> Self {
        self.field = Some(path.to_owned());
        self
    }

    pub(crate) fn at(mut self, at: &str) -> Self {
        at.clone_into(&mut self.at);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::Rule;

    /// A file of `docs/`.
    fn page(name: &str) -> String {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(name);
        std::fs::read_to_string(path).unwrap()
    }

    #[test]
    fn schema_and_manual_name_every_rule() {
        let schema: serde_json::Value = serde_json::from_str(&page("schemas/check.schema.json")).unwrap();
        let listed = schema["properties"]["findings"]["items"]["properties"]["rule"]["enum"].as_array().unwrap();
        let mut listed: Vec<_> = listed.iter().map(|id| id.as_str().unwrap()).collect();
        let mut known: Vec<_> = Rule::ALL.iter().map(|rule| rule.id()).collect();
        listed.sort_unstable();
        known.sort_unstable();
        assert_eq!(listed, known);
        let manual = page("audit.md");
        for rule in Rule::ALL {
            assert!(manual.contains(rule.id()), "{}", rule.id());
            assert_eq!(serde_json::to_value(rule).unwrap(), rule.id(), "one word in all formats");
        }
    }

    #[test]
    fn the_rules_shown_in_the_manual_are_valid_and_complete() {
        let manual = page("audit.md");
        let examples: Vec<_> =
            manual.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
        let [builds, rules] = examples.as_slice() else { panic!("{examples:?}") };
        let parse = |example| crate::config::parse(example, "docs/audit.md").unwrap();
        let declared = parse(builds);
        assert!(declared.builds.len() == 2 && declared.ignored.len() == 1);
        let config = parse(rules);
        let require = config.require;
        assert!(require.owner && require.purpose && require.review && require.expires);
        assert!(require.max_expiry_days.is_some());
        let deny = config.deny;
        assert!(deny.free_text && deny.unbounded && deny.pseudonym && deny.custom_transport && deny.expired);
        let budget = config.capacity;
        assert!(budget.bits_per_event.and(budget.payload_bits_per_event).and(budget.bits_per_day).is_some());
        assert!(config.page.is_some() && config.schema.is_some() && config.allow.len() == 1);
    }
}
