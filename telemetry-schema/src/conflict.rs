use std::collections::{HashMap, HashSet};

use crate::{EventDescriptor, SdkDescriptor, Wire, digest};

/// Keys of events that cannot be recorded truthfully, and are not recorded: two schemas claim one key, or an SDK whose
/// wire format has room for one event and no name has several.
pub fn conflicts(sdks: &[SdkDescriptor], events: &[EventDescriptor]) -> Vec<String> {
    let mut digests: HashMap<String, String> = HashMap::new();
    let mut conflicts = Vec::new();
    for event in events {
        let found = digest::event(event);
        match digests.get(&event.key()) {
            Some(known) if *known != found => conflicts.push(event.key()),
            Some(_) => {}
            None => {
                digests.insert(event.key(), found);
            }
        }
    }
    for sdk in sdks.iter().filter(|sdk| matches!(sdk.wire, Wire::Beacon | Wire::Report)) {
        let keys: HashSet<_> = events.iter().filter(|event| event.sdk == sdk.sdk).map(EventDescriptor::key).collect();
        if keys.len() > 1 {
            conflicts.extend(keys);
        }
    }
    conflicts.sort();
    conflicts.dedup();
    conflicts
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
            "append":"worker","sample":1,"transport":"built_in","envelope":[],"headers":[],"server_sees":[],"at":"l:1"}}"#
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
        let (first, second) = (event("opened", FieldType::Bool), event("opened", FieldType::Count));
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
