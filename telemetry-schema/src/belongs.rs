//! Which events belong to which SDK, where several SDKs of a program have one name.
//!
//! An event's record names its SDK, and two major versions of a crate in one program have one name. If both send to one
//! place they are one SDK. If not, an event belongs to the SDK that its own crate declares, in its version; where that does
//! not tell, it may belong to any of them, and is listed with each.

use crate::{EventDescriptor, Level, Manifest, SdkDescriptor, digest};

impl Manifest {
    /// The SDKs that an event may belong to; one, unless several have its name and none of them is of its own crate.
    pub fn sdks_of<'a>(&'a self, event: &EventDescriptor) -> impl Iterator<Item = &'a SdkDescriptor> {
        let named = move |sdk: &&SdkDescriptor| sdk.sdk == event.sdk;
        let own = self.sdks.iter().filter(named).any(|sdk| declares(sdk, event));
        self.sdks.iter().filter(named).filter(move |sdk| !own || declares(sdk, event))
    }

    /// The events of one SDK, and those that may be its.
    pub fn events_of<'a>(&'a self, sdk: &SdkDescriptor) -> impl Iterator<Item = &'a EventDescriptor> {
        let alone = self.same_named(sdk).next().is_none();
        let own = move |event: &EventDescriptor| {
            alone || self.sdks_of(event).any(|other| digest::destination(other) == digest::destination(sdk))
        };
        self.events.iter().filter(move |event| event.sdk == sdk.sdk && own(event))
    }

    /// Other SDKs of this name: those that send to another place.
    pub fn same_named<'a>(&'a self, sdk: &SdkDescriptor) -> impl Iterator<Item = &'a SdkDescriptor> {
        let destination = digest::destination(sdk);
        let named = self.sdks.iter().filter(move |other| other.sdk == sdk.sdk);
        named.filter(move |other| digest::destination(other) != destination)
    }
}

pub(crate) fn declares(sdk: &SdkDescriptor, event: &EventDescriptor) -> bool {
    sdk.crate_name == event.crate_name && sdk.version == event.version
}

/// From which level on an event of this SDK is recorded. Those that `sdk!` itself declares, `active` and `telemetry_health`, are
/// recorded at every level.
pub fn level_of(sdk: &SdkDescriptor, event: &EventDescriptor) -> Level {
    Declares::of(sdk).level_of(event)
}

/// Which events `sdk!` itself declares, and where.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Declares<'a> {
    pub(crate) active: bool,
    pub(crate) health: bool,
    pub(crate) at: &'a str,
}

impl<'a> Declares<'a> {
    fn of(sdk: &'a SdkDescriptor) -> Self {
        Self { active: sdk.active.is_some(), health: sdk.health.is_some(), at: &sdk.at }
    }

    /// As [`level_of`].
    pub(crate) fn level_of(self, event: &EventDescriptor) -> Level {
        let plain: String = event.event.chars().filter(char::is_ascii_alphanumeric).collect();
        let is = |name: &str| event.at == self.at && plain.eq_ignore_ascii_case(name);
        let by_sdk = (self.active && is("active")) || (self.health && is("telemetryhealth"));
        if by_sdk { Level::Basic } else { event.level() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conflicts;

    fn sdk(version: &str, endpoint: &str) -> SdkDescriptor {
        let json = format!(
            r#"{{"sdk":"acme","crate":"acme","version":"{version}","role":"library","default":"on","env":"ACME",
            "endpoint":"{endpoint}","wire":{{"event_batch":{{"strict":false}}}},"docs":"d","operator":"A","contact":"c",
            "region":"EU","retention":"1 day","shared_with":"nobody","event_case":"snake_case","notice":"next_run",
            "write_on":"worker","sample":1,"transport":"built_in","envelope":[],"headers":[],"server_sees":[],"at":"l:1"}}"#
        );
        serde_json::from_str(&json).unwrap()
    }

    fn event(version: &str, name: &str, sample: f64) -> EventDescriptor {
        let json = format!(
            r#"{{"sdk":"acme","crate":"acme","version":"{version}","event":"{name}","kind":"event","fields":[],
            "sample":{sample},"throttle":"daily","at":"l:1"}}"#
        );
        serde_json::from_str(&json).unwrap()
    }

    fn names(manifest: &Manifest, sdk: &SdkDescriptor) -> Vec<String> {
        manifest.events_of(sdk).map(|event| format!("{} {}", event.event, event.version)).collect()
    }

    #[test]
    fn o15_events_belong_to_the_sdk_of_their_own_version() {
        let (old, new) = (sdk("1.0.0", "https://old"), sdk("2.0.0", "https://new"));
        let events = vec![event("1.0.0", "a", 1.0), event("2.0.0", "a", 0.5), event("9.0.0", "b", 1.0)];
        let manifest = Manifest::new(vec![new.clone(), old.clone()], events);
        assert_eq!(names(&manifest, &old), ["a 1.0.0", "b 9.0.0"]);
        assert_eq!(names(&manifest, &new), ["a 2.0.0", "b 9.0.0"], "whose `b` is nobody can tell");
        assert_eq!(manifest.same_named(&old).count(), 1);
        // They say different things under one key, each to its own place.
        assert!(conflicts(&manifest.sdks, &manifest.events).is_empty());
    }

    #[test]
    fn o15_sdks_of_one_name_and_one_destination_are_one() {
        let (old, new) = (sdk("1.0.0", "https://one"), sdk("2.0.0", "https://one"));
        let events = vec![event("1.0.0", "a", 1.0), event("2.0.0", "a", 0.5)];
        let manifest = Manifest::new(vec![new, old.clone()], events);
        assert_eq!(names(&manifest, &old).len(), 2);
        assert_eq!(manifest.same_named(&old).count(), 0);
        assert_eq!(conflicts(&manifest.sdks, &manifest.events), ["acme/a"], "one place would get two schemas");
    }

    #[test]
    fn o15_where_it_cannot_be_told_whose_an_event_is_it_conflicts() {
        let sdks = [sdk("1.0.0", "https://old"), sdk("2.0.0", "https://new")];
        let events = [event("1.0.0", "a", 1.0), event("9.0.0", "a", 0.5)];
        assert_eq!(conflicts(&sdks, &events), ["acme/a"]);
    }
}
