//! All events and SDKs that are linked into this program.

use std::{fmt, sync::OnceLock};

use telemetry_schema::{EventDescriptor, Manifest, Record, SdkDescriptor, conflicts, order, record};

use crate::base::collections::HashSet;
use crate::{
    base::{
        needs,
        process::{Inside, PerProcess},
    },
    declare::{
        registry_types::{Registry, RegistryError},
        sdk::{
            Sdk, SdkInfo,
            meta::{EventMeta, Key, linked},
        },
        used,
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

/// Every SDK of this program: those that are registered, and those that were used where registration does not work.
pub(crate) fn all_sdks() -> Vec<Sdk> {
    let mut sdks: Vec<Sdk> = linked::sdks().collect();
    sdks.extend(used::metas().map(|meta| meta.sdk));
    order::sort_by_key(&mut sdks, |sdk| std::ptr::from_ref(sdk.info));
    sdks.dedup_by_key(|sdk| std::ptr::from_ref(sdk.info));
    sdks
}

/// What the dispatcher knows of the events of one SDK that are linked into this program.
pub(crate) fn metas_of(sdk: &SdkInfo) -> Vec<&'static EventMeta> {
    linked_metas().into_iter().filter(|meta| meta.sdk.info.is_same(sdk)).collect()
}

/// Their descriptors; damaged records are left out, because they cannot be recorded either.
pub(crate) fn events_of(sdk: &SdkInfo) -> Vec<EventDescriptor> {
    descriptors(metas_of(sdk))
}

/// Whether an event is off because of another one; see [`conflicts`].
pub(crate) fn is_conflicting(meta: &EventMeta) -> bool {
    off().binary_search(&meta.key()).is_ok()
}

/// The keys of events that are off; see [`conflicts`].
pub(crate) fn conflicting_keys() -> Vec<String> {
    let off = linked_metas().into_iter().filter(|meta| is_conflicting(meta)).collect();
    let mut keys: Vec<_> = descriptors(off).iter().map(EventDescriptor::key).collect();
    order::set(&mut keys);
    keys
}

/// The same keys as the statics have them, in order.
fn off() -> &'static [Key] {
    // A child that is forked while another thread reads the registry must not wait for it.
    static OFF: PerProcess<OnceLock<Vec<Key>>> = PerProcess::new(OnceLock::new(), |_| OnceLock::new());
    OFF.get_or_init(|| {
        let (sdks, metas) = (declared_sdks(), linked_metas());
        let is_split = |sdk: &&'static SdkInfo| sdks.iter().any(|other| other.name == sdk.name && !other.is_same(sdk));
        let mut off = match needs::same_names() && sdks.iter().any(is_split) {
            true => off_by_records(metas),
            false => off_by_digests(&sdks, &metas),
        };
        order::set(&mut off);
        off
    })
}

/// As [`conflicts`] says, where each name of an SDK has one destination, or each event belongs to the SDK that its static names; no record is
/// read.
fn off_by_digests(sdks: &[&SdkInfo], metas: &[&EventMeta]) -> Vec<Key> {
    let mut claims: Vec<_> = metas.iter().map(|meta| (meta.key(), meta.sdk.info.destination, meta.digest())).collect();
    order::set(&mut claims);
    let both = claims.iter().zip(claims.iter().skip(1));
    let is_one =
        |((key, place, _), (next, at, _)): &(&(Key, u128, u128), &(Key, u128, u128))| key == next && place == at;
    let mut off: Vec<_> = both.filter(is_one).map(|((key, ..), _)| *key).collect();
    // What carries a bare payload cannot name the event.
    for sdk in sdks.iter().filter(|sdk| !sdk.wire.is_list()) {
        let keys: HashSet<_> = metas.iter().filter(|meta| meta.sdk.info.is_same(sdk)).map(|meta| meta.key()).collect();
        if keys.len() > 1 {
            off.extend(keys);
        }
    }
    off
}

/// As [`conflicts`] says, by the records: two SDKs of one name send to different places.
fn off_by_records(metas: Vec<&EventMeta>) -> Vec<Key> {
    let keys: HashSet<_> = conflicts(&linked_sdks(), &descriptors(metas.clone())).into_iter().collect();
    let is_off = |meta: &&EventMeta| descriptors(vec![meta]).iter().any(|event| keys.contains(&event.key()));
    metas.into_iter().filter(is_off).map(|meta| meta.key()).collect()
}

/// Where the events with this key are declared, and by which crates.
#[cfg(feature = "testing")]
pub(crate) fn places_of(key: &str) -> Vec<String> {
    let mut places: Vec<_> = descriptors(linked_metas())
        .into_iter()
        .filter(|event| event.key() == key)
        .map(|event| format!("{} ({})", event.at, event.crate_name))
        .collect();
    places.sort();
    places
}

/// The declarations of all SDKs in this program.
fn declared_sdks() -> Vec<&'static SdkInfo> {
    let mut declared: Vec<_> = linked::sdks().map(|sdk| sdk.info).collect();
    declared.extend(used::metas().map(|meta| meta.sdk.info));
    order::sort_by_key(&mut declared, |info| std::ptr::from_ref(*info));
    declared.dedup_by_key(|info| std::ptr::from_ref(*info));
    declared
}

fn linked_sdks() -> Vec<SdkDescriptor> {
    let parsed = declared_sdks().into_iter().map(|info| record::read(info.record));
    parsed
        .filter_map(|record| match record {
            Ok(Record::Sdk(sdk)) => Some(sdk),
            _ => None,
        })
        .collect()
}

/// All events of this program: those that are registered, and those that were used where registration does not work.
fn linked_metas() -> Vec<&'static EventMeta> {
    let mut metas = linked::metas();
    metas.extend(used::metas());
    order::sort_by_key(&mut metas, |meta| std::ptr::from_ref(*meta));
    metas.dedup_by_key(|meta| std::ptr::from_ref(*meta));
    metas
}

fn descriptors(metas: Vec<&EventMeta>) -> Vec<EventDescriptor> {
    metas.into_iter().filter_map(EventMeta::described).collect()
}

fn damaged(cause: impl fmt::Display) -> RegistryError {
    RegistryError::Damaged { cause: cause.to_string() }
}
