//! All events and SDKs that are linked into this program.

use crate::registry_types::{Registry, RegistryError};

use std::{
    collections::{HashMap, HashSet},
    fmt,
    sync::OnceLock,
};

use telemetry_schema::{EventDescriptor, Manifest, Record, digest, record};

use crate::{
    event::Event,
    meta::{EventRegistration, SdkRegistration},
    pipeline::events,
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
    let mut declared: Vec<_> =
        inventory::iter::<SdkRegistration>.into_iter().map(|registration| registration.0.info).collect();
    declared.extend(events::used().into_iter().map(|meta| meta.sdk.info));
    declared.sort_by_key(|info| std::ptr::from_ref(*info));
    declared.dedup_by_key(|info| std::ptr::from_ref(*info));
    for info in declared {
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
    let conflicts = conflicts(&events);
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

/// Keys that two events with different schemas claim: both are off.
pub(crate) fn conflicting_keys() -> &'static [String] {
    static KEYS: OnceLock<Vec<String>> = OnceLock::new();
    KEYS.get_or_init(|| conflicts(&linked_events()))
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

fn conflicts(events: &[EventDescriptor]) -> Vec<String> {
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
    conflicts.sort();
    conflicts.dedup();
    conflicts
}
