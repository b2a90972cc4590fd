//! All events and SDKs that are linked into this program.

#[cfg_attr(in_page, path = "registry/conflicting_page.rs")]
mod conflicting;
#[cfg_attr(in_page, path = "registry/listed_page.rs")]
mod listed;
#[cfg(all(test, native))]
#[allow(dead_code, reason = "pages use it; tested where tests run")]
#[path = "registry/conflicting_page.rs"]
mod page_conflicting;

use std::fmt;

use telemetry_schema::{EventDescriptor, Manifest, Record, conflicts, order, record};

use self::listed::{declared_sdks, linked_metas};
pub(crate) use self::{conflicting::is_conflicting, listed::all_sdks};

use crate::{
    base::process::Inside,
    declare::{
        registry_types::{Registry, RegistryError},
        sdk::{SdkInfo, meta::EventMeta},
    },
};

/// Lists everything that is linked into this program.
///
/// # Errors
///
/// [`RegistryError`], also when the list is empty: a failed registration must never look like a program without events.
pub fn registry() -> Result<Registry, RegistryError> {
    let _inside = Inside::enter();
    let mut sdks = Vec::new();
    let mut events = Vec::new();
    for meta in linked_metas() {
        match record::read(meta.record) {
            Ok(Record::Event(event)) => events.push(event),
            Ok(_) => return Err(damaged("an event's record holds something else")),
            Err(error) => return Err(damaged(error)),
        }
    }
    for info in declared_sdks() {
        match record::read(info.record) {
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
    let _inside = Inside::enter();
    registry().map(|registry| registry.manifest.to_json())
}

/// The endpoints of other SDKs in this program that have the same name.
pub(crate) fn same_named(sdk: &SdkInfo) -> Vec<String> {
    let others = declared_sdks().into_iter().filter(|other| other.name == sdk.name && !other.is_same(sdk));
    let mut endpoints: Vec<_> = others.map(|other| other.endpoint.to_owned()).collect();
    order::set(&mut endpoints);
    endpoints
}

/// What the dispatcher knows of the events of one SDK that are linked into this program.
pub(crate) fn metas_of(sdk: &SdkInfo) -> Vec<&'static EventMeta> {
    linked_metas().into_iter().filter(|meta| meta.sdk.info.is_same(sdk)).collect()
}

/// Their descriptors; damaged records are left out, because they cannot be recorded either.
pub(crate) fn events_of(sdk: &SdkInfo) -> Vec<EventDescriptor> {
    descriptors(metas_of(sdk))
}

/// As [`events_of`], of those whose records hold this text. There may be ten thousand, and to read all of them takes a while.
pub(crate) fn events_that_say(sdk: &SdkInfo, text: &str) -> Vec<EventDescriptor> {
    let says = |meta: &&EventMeta| std::str::from_utf8(meta.record).is_ok_and(|record| record.contains(text));
    descriptors(metas_of(sdk).into_iter().filter(says).collect())
}

/// The keys of events that are off; see [`conflicts`].
pub(crate) fn conflicting_keys() -> Vec<String> {
    let off = linked_metas().into_iter().filter(|meta| is_conflicting(meta));
    let mut keys: Vec<_> = off.filter_map(|meta| Some(meta.described()?.key())).collect();
    order::set(&mut keys);
    keys
}

/// Where the events with this key are declared, and by which crates.
#[cfg(all(native, feature = "testing"))]
pub(crate) fn places_of(key: &str) -> Vec<String> {
    let mut places: Vec<_> = descriptors(linked_metas())
        .into_iter()
        .filter(|event| event.key() == key)
        .map(|event| format!("{} ({})", event.at, event.crate_name))
        .collect();
    places.sort();
    places
}

fn descriptors(metas: Vec<&EventMeta>) -> Vec<EventDescriptor> {
    metas.into_iter().filter_map(EventMeta::descriptor).collect()
}

fn damaged(cause: impl fmt::Display) -> RegistryError {
    RegistryError::Damaged { cause: cause.to_string() }
}
