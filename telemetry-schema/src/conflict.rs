use crate::{EventDescriptor, SdkDescriptor, belongs, digest, order};

/// Keys of events that cannot be recorded truthfully, and are not recorded: two schemas claim one key at one destination, or an
/// SDK whose wire format has room for one event and no name has several.
pub fn conflicts(sdks: &[SdkDescriptor], events: &[EventDescriptor]) -> Vec<String> {
    let places = Places::of(sdks);
    let claim = |event: &EventDescriptor| (event.key(), places.of_event(event), digest::event_parts(event).digest);
    let mut claims: Vec<_> = events.iter().map(claim).collect();
    order::set(&mut claims);
    let mut conflicts = Vec::new();
    for of_key in claims.chunk_by(|(key, ..), (next, ..)| key == next) {
        let clash = |(_, place, schema): &(String, Option<u128>, u128)| {
            let other_schema =
                |(_, at, other): &(String, Option<u128>, u128)| other != schema && (place.is_none() || at == place);
            of_key.iter().any(other_schema)
        };
        conflicts.extend(of_key.iter().find(|claim| clash(claim)).map(|(key, ..)| key.clone()));
    }
    for sdk in sdks.iter().filter(|sdk| !sdk.wire.is_list()) {
        let here = digest::destination(sdk);
        let is_its = |event: &EventDescriptor| places.of_event(event).is_none_or(|place| place == here || place == 0);
        let own = |event: &&EventDescriptor| event.sdk == sdk.sdk && is_its(event);
        let mut keys: Vec<_> = events.iter().filter(own).map(EventDescriptor::key).collect();
        order::set(&mut keys);
        if keys.len() > 1 {
            conflicts.extend(keys);
        }
    }
    order::set(&mut conflicts);
    conflicts
}

/// The SDKs of each name that has several destinations, with where they send to.
struct Places<'a>(Vec<(&'a SdkDescriptor, u128)>);

impl<'a> Places<'a> {
    fn of(sdks: &'a [SdkDescriptor]) -> Self {
        let mut places: Vec<_> = sdks.iter().map(|sdk| (sdk, digest::destination(sdk))).collect();
        let all = places.clone();
        places.retain(|(sdk, place)| all.iter().any(|(other, at)| other.sdk == sdk.sdk && at != place));
        Self(places)
    }

    /// Where an event goes; 0 where its name has one destination, `None` where that cannot be told.
    fn of_event(&self, event: &EventDescriptor) -> Option<u128> {
        let named = self.0.iter().filter(|(sdk, _)| sdk.sdk == event.sdk);
        if named.clone().next().is_none() {
            return Some(0);
        }
        let mut own = named.filter(|(sdk, _)| belongs::declares(sdk, event)).map(|(_, place)| *place);
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
