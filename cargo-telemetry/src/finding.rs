use serde::Serialize;

use crate::lock::Builds;

/// What can be found. The words are those of the report, of `[[allow]]` and of `docs/audit.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Rule {
    /// There is no lock file.
    LockMissing,
    /// The lock file says something else than the records.
    LockOutdated,
    /// A key is claimed twice.
    Conflict,
    /// Several SDKs have one name and send to different places.
    SameName,
    /// An SDK is declared and has no event.
    SdkWithoutEvents,
    /// Nobody answers for an event.
    RequireOwner,
    /// An event has no link to its review.
    RequireReview,
    /// An event does not say what it is for.
    RequirePurpose,
    /// An event does not say when it ends.
    RequireExpires,
    /// An event ends later than allowed.
    ExpiryTooFar,
    /// An event has ended.
    Expired,
    /// An event will end soon.
    ExpiresSoon,
    /// A field takes free text.
    FreeText,
    /// A field takes a number without bounds.
    Unbounded,
    /// A field holds a keyed hash.
    Pseudonym,
    /// The author brings a transport.
    CustomTransport,
    /// An event may carry more bits than the budget, envelope included.
    CapacityEvent,
    /// The fields of an event may carry more bits than the budget.
    CapacityPayload,
    /// An event may carry more bits a day than the budget.
    CapacityDay,
    /// The committed page says something else than the records.
    PageOutdated,
    /// The committed JSON Schema says something else than the records.
    SchemaOutdated,
    /// A feature is in no build.
    UncoveredFeature,
    /// A binary is in no build.
    UncoveredBinary,
    /// More can be sent than at the baseline.
    BaselineWider,
    /// A receiver that knew the baseline misreads what is sent.
    BaselineBreaking,
    /// Less can be sent than at the baseline.
    BaselineNarrower,
    /// Something else has changed since the baseline.
    BaselineNote,
    /// An exception that nothing needs.
    UnusedException,
}

impl Rule {
    /// Every rule.
    pub(crate) const ALL: [Self; 28] = [
        Self::LockMissing,
        Self::LockOutdated,
        Self::Conflict,
        Self::SameName,
        Self::SdkWithoutEvents,
        Self::RequireOwner,
        Self::RequireReview,
        Self::RequirePurpose,
        Self::RequireExpires,
        Self::ExpiryTooFar,
        Self::Expired,
        Self::ExpiresSoon,
        Self::FreeText,
        Self::Unbounded,
        Self::Pseudonym,
        Self::CustomTransport,
        Self::CapacityEvent,
        Self::CapacityPayload,
        Self::CapacityDay,
        Self::PageOutdated,
        Self::SchemaOutdated,
        Self::UncoveredFeature,
        Self::UncoveredBinary,
        Self::BaselineWider,
        Self::BaselineBreaking,
        Self::BaselineNarrower,
        Self::BaselineNote,
        Self::UnusedException,
    ];

    /// Its word.
    pub(crate) const fn id(self) -> &'static str {
        match self {
            Self::LockMissing => "lock-missing",
            Self::LockOutdated => "lock-outdated",
            Self::Conflict => "conflict",
            Self::SameName => "same-name",
            Self::SdkWithoutEvents => "sdk-without-events",
            Self::RequireOwner => "require-owner",
            Self::RequireReview => "require-review",
            Self::RequirePurpose => "require-purpose",
            Self::RequireExpires => "require-expires",
            Self::ExpiryTooFar => "expiry-too-far",
            Self::Expired => "expired",
            Self::ExpiresSoon => "expires-soon",
            Self::FreeText => "free-text",
            Self::Unbounded => "unbounded",
            Self::Pseudonym => "pseudonym",
            Self::CustomTransport => "custom-transport",
            Self::CapacityEvent => "capacity-event",
            Self::CapacityPayload => "capacity-payload",
            Self::CapacityDay => "capacity-day",
            Self::PageOutdated => "page-outdated",
            Self::SchemaOutdated => "schema-outdated",
            Self::UncoveredFeature => "uncovered-feature",
            Self::UncoveredBinary => "uncovered-binary",
            Self::BaselineWider => "baseline-wider",
            Self::BaselineBreaking => "baseline-breaking",
            Self::BaselineNarrower => "baseline-narrower",
            Self::BaselineNote => "baseline-note",
            Self::UnusedException => "unused-exception",
        }
    }

    /// What it finds, in one sentence.
    pub(crate) const fn summary(self) -> &'static str {
        match self {
            Self::LockMissing => "There is no lock file.",
            Self::LockOutdated => "The lock file says something else than the records.",
            Self::Conflict => "Several schemas claim one key, so none of them is recorded.",
            Self::SameName => "Several SDKs of one name send to different places.",
            Self::RequireOwner => "An event has no owner.",
            Self::RequireReview => "An event has no link to a review.",
            Self::RequirePurpose => "An event does not say what it is for.",
            Self::RequireExpires => "An event does not say when it ends.",
            Self::ExpiryTooFar => "An event ends later than the rules allow.",
            Self::Expired => "The last day of an event has passed.",
            Self::ExpiresSoon => "The last day of an event is near.",
            Self::FreeText => "A field takes free text.",
            Self::Unbounded => "A field takes a number without a range.",
            Self::Pseudonym => "A field holds a pseudonym.",
            Self::CustomTransport => "The author sends events by code of their own.",
            Self::CapacityEvent => "An event may carry more bits than the budget, envelope included.",
            Self::CapacityPayload => "The fields of an event may carry more bits than the budget.",
            Self::CapacityDay => "An event may carry more bits a day than the budget.",
            Self::PageOutdated => "The committed page says something else than the records.",
            Self::SchemaOutdated => "The committed JSON Schema says something else than the records.",
            Self::UncoveredFeature => "A feature is in no build, so what it adds is not locked.",
            Self::UncoveredBinary => "A binary is in no build, so what it records is not locked.",
            Self::BaselineWider => "More can be sent than at the baseline.",
            Self::BaselineBreaking => "A receiver that knew the baseline misreads what is sent.",
            Self::BaselineNarrower => "Less can be sent than at the baseline.",
            Self::BaselineNote => "Something else has changed since the baseline.",
            Self::SdkWithoutEvents => "An SDK is declared, and none of its events is there.",
            Self::UnusedException => "An exception is needed by nothing.",
        }
    }

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
