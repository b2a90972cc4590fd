//! All events and SDKs that are linked into this program.

use crate::registry_types::{Registry, RegistryError};

use std::{
    collections::{HashMap, HashSet},
    fmt,
    sync::OnceLock,
};

use telemetry_schema::{EventDescriptor, Manifest, Record, SdkDescriptor, Wire, digest, record};

use crate::{
    event::Event,
    meta::{EventRegistration, SdkRegistration},
    pipeline::events,
    sdk::SdkInfo,
};

/// Registers an event type by hand, for targets on which registration before `main` does not work.
///
/// Elsewhere it does nothing that has not happened already. Functions with `#[track_mount]` or `#[track_call]` register
/// themselves with their first call.
pub fn register<E: Event>() {
    events::register(E::META);
}

/// Lists everything that is linked into this program.
///
/// # Errors
///
/// [`RegistryError`], also when the list is empty: an audit must never take a failed registration for a clean bill.
pub fn registry() -> Result<Registry, RegistryError> {
    let mut sdks = Vec::new();
    let mut events = Vec::new();
    let mut seen = HashSet::new();
    let registered = inventory::iter::<EventRegistration>.into_iter().map(|registration| registration.0);
    for meta in registered.chain(events::used()) {
        if !seen.insert(std::ptr::from_ref(meta)) {
            continue;
        }
        match record::parse(meta.record) {
            Ok(Record::Event(event)) => events.push(event),
            Ok(_) => return Err(damaged("an event's record holds something else")),
            Err(error) => return Err(damaged(error)),
        }
    }
    for info in declared_sdks() {
        match record::parse(info.record) {
            Ok(Record::Sdk(sdk)) => sdks.push(sdk),
            Ok(_) => return Err(damaged("an SDK's record holds something else")),
            Err(error) => return Err(damaged(error)),
        }
    }
    if sdks.is_empty() && events.is_empty() {
        return Err(RegistryError::Empty);
    }
    if let Some(sdk) = sdks.iter().find(|sdk| !events.iter().any(|event| event.sdk == sdk.sdk)) {
        return Err(RegistryError::NoEvents { sdk: sdk.sdk.clone() });
    }
    let conflicts = conflicts(&sdks, &events);
    Ok(Registry { manifest: Manifest::new(sdks, events), conflicts })
}

/// The registry as a JSON document; `docs/event-record.md` describes it.
///
/// # Errors
///
/// As [`registry`].
pub fn manifest() -> Result<String, RegistryError> {
    registry().map(|registry| registry.manifest.to_json())
}

/// The events of one SDK that are linked into this program; damaged records are left out, because they cannot be
/// recorded either.
pub(crate) fn events_of(sdk: &str) -> Vec<EventDescriptor> {
    linked_events().into_iter().filter(|event| event.sdk == sdk).collect()
}

/// Keys of events that are off; see [`conflicts`].
pub(crate) fn conflicting_keys() -> &'static [String] {
    static KEYS: OnceLock<Vec<String>> = OnceLock::new();
    KEYS.get_or_init(|| conflicts(&linked_sdks(), &linked_events()))
}

/// The declarations of all SDKs in this program.
fn declared_sdks() -> Vec<&'static SdkInfo> {
    let mut declared: Vec<_> =
        inventory::iter::<SdkRegistration>.into_iter().map(|registration| registration.0.info).collect();
    declared.extend(events::used().into_iter().map(|meta| meta.sdk.info));
    declared.sort_by_key(|info| std::ptr::from_ref(*info));
    declared.dedup_by_key(|info| std::ptr::from_ref(*info));
    declared
}

fn linked_sdks() -> Vec<SdkDescriptor> {
    let parsed = declared_sdks().into_iter().map(|info| record::parse(info.record));
    parsed
        .filter_map(|record| match record {
            Ok(Record::Sdk(sdk)) => Some(sdk),
            _ => None,
        })
        .collect()
}

fn linked_events() -> Vec<EventDescriptor> {
    let registered = inventory::iter::<EventRegistration>.into_iter().map(|registration| registration.0);
    let mut seen = HashSet::new();
    registered
        .chain(events::used())
        .filter(|meta| seen.insert(std::ptr::from_ref(*meta)))
        .filter_map(|meta| match record::parse(meta.record) {
            Ok(Record::Event(event)) => Some(event),
            _ => None,
        })
        .collect()
}

fn damaged(cause: impl fmt::Display) -> RegistryError {
    RegistryError::Damaged { cause: cause.to_string() }
}

/// Keys that cannot be recorded truthfully: two schemas claim one key, or an SDK whose wire format has room for one event
/// and no name has several.
fn conflicts(sdks: &[SdkDescriptor], events: &[EventDescriptor]) -> Vec<String> {
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
    use telemetry_schema::{FieldDescriptor, FieldType};

    use super::*;

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
