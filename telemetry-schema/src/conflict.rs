use std::collections::{HashMap, HashSet};

use crate::{EventDescriptor, SdkDescriptor, belongs, digest};

/// Keys of events that cannot be recorded truthfully, and are not recorded: two schemas claim one key at one destination, or an
/// SDK whose wire format has room for one event and no name has several.
pub fn conflicts(sdks: &[SdkDescriptor], events: &[EventDescriptor]) -> Vec<String> {
    let places = Places::of(sdks);
    let mut claims: HashMap<String, HashMap<Option<u128>, HashSet<u128>>> = HashMap::new();
    for event in events {
        let by_place = claims.entry(event.key()).or_default();
        by_place.entry(places.of_event(event)).or_default().insert(digest::event_parts(event).digest);
    }
    let clash = |by_place: &HashMap<Option<u128>, HashSet<u128>>| {
        let all: HashSet<_> = by_place.values().flatten().collect();
        by_place.values().any(|schemas| schemas.len() > 1) || (by_place.contains_key(&None) && all.len() > 1)
    };
    let mut conflicts: Vec<_> =
        claims.into_iter().filter(|(_, by_place)| clash(by_place)).map(|(key, _)| key).collect();
    for sdk in sdks.iter().filter(|sdk| !sdk.wire.is_list()) {
        let here = digest::destination(sdk);
        let is_its = |event: &EventDescriptor| places.of_event(event).is_none_or(|place| place == here || place == 0);
        let own = |event: &&EventDescriptor| event.sdk == sdk.sdk && is_its(event);
        let keys: HashSet<_> = events.iter().filter(own).map(EventDescriptor::key).collect();
        if keys.len() > 1 {
            conflicts.extend(keys);
        }
    }
    conflicts.sort();
    conflicts.dedup();
    conflicts
}

/// The SDKs of each name that has several destinations, with where they send to.
struct Places<'a>(HashMap<&'a str, Vec<(&'a SdkDescriptor, u128)>>);

impl<'a> Places<'a> {
    fn of(sdks: &'a [SdkDescriptor]) -> Self {
        let mut places: HashMap<_, Vec<_>> = HashMap::new();
        for sdk in sdks {
            places.entry(sdk.sdk.as_str()).or_default().push((sdk, digest::destination(sdk)));
        }
        places.retain(|_, named| named.iter().any(|(_, place)| named.first().is_some_and(|(_, first)| place != first)));
        Self(places)
    }

    /// Where an event goes; 0 where its name has one destination, `None` where that cannot be told.
    fn of_event(&self, event: &EventDescriptor) -> Option<u128> {
        let Some(named) = self.0.get(event.sdk.as_str()) else { return Some(0) };
        let mut own = named.iter().filter(|(sdk, _)| belongs::declares(sdk, event)).map(|(_, place)| *place);
        let first = own.next()?;
        own.all(|place| place == first).then_some(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FieldDescriptor, FieldType};

    /// An SDK and an event as the macros would write them.
    fn declared(wire: &str) -> SdkDescriptor {
        let json = format!(
            r#"{{"sdk":"acme","crate":"acme","version":"1.0.0","role":"library","default":"on","env":"ACME",
            "endpoint":"https://a.example","wire":{wire},"docs":"https://a.example/t","operator":"A","contact":"c",
            "region":"EU","retention":"1 day","shared_with":"nobody","event_case":"snake_case","notice":"next_run",
            "write_on":"worker","sample":1,"transport":"built_in","envelope":[],"headers":[],"server_sees":[],"at":"l:1"}}"#
        );
        serde_json::from_str(&json).unwrap()
    }

    fn event(name: &str, field: FieldType) -> EventDescriptor {
        let json = format!(
            r#"{{"sdk":"acme","crate":"acme","version":"1.0.0","event":"{name}","kind":"event","fields":[],"sample":1,
            "throttle":"daily","at":"l:1"}}"#
        );
        let mut event: EventDescriptor = serde_json::from_str(&json).unwrap();
        event.fields.push(FieldDescriptor {
            name: "field".into(),
            field_type: field,
            doc: String::new(),
            declared_sensitivity: None,
            reason: None,
        });
        event
    }

    #[test]
    fn two_schemas_under_one_key_conflict_and_equal_ones_do_not() {
        let sdk = [declared(r#"{"event_batch":{"strict":false}}"#)];
        let (first, second) = (event("opened", FieldType::Bool), event("opened", FieldType::CountBucket));
        assert_eq!(conflicts(&sdk, &[first.clone(), second]), ["acme/opened"]);
        assert!(conflicts(&sdk, &[first.clone(), first.clone(), event("closed", FieldType::Bool)]).is_empty());
    }

    #[test]
    fn formats_without_a_name_have_room_for_one_event() {
        let events = [event("opened", FieldType::Bool), event("closed", FieldType::Bool)];
        for wire in ["\"beacon\"", "\"report\""] {
            assert_eq!(conflicts(&[declared(wire)], &events), ["acme/closed", "acme/opened"]);
            assert!(conflicts(&[declared(wire)], &events[..1]).is_empty());
        }
    }
}
