//! The table of events that were used in this process, and what the caller must know of each.

use std::sync::{Arc, Mutex, MutexGuard, atomic::Ordering};

use telemetry_schema::Level;

use crate::{
    base::{
        clock,
        collections::HashSet,
        process::{self, PerProcess},
    },
    declare::{
        sdk::{
            Sdk,
            meta::{Described, EventMeta},
        },
        used::{self, Used},
    },
    record::throttle,
};

/// The event may not be recorded: its record is damaged, it expired, or another schema claims its key.
pub(crate) const DISABLED: u32 = 1 << 31;

/// The event is wider than what the user agreed to.
pub(crate) const AWAITING_CONSENT: u32 = 1 << 30;

/// Its level is above the one that the user has chosen.
pub(crate) const ABOVE_LEVEL: u32 = 1 << 29;

/// What is left of a slot without its flags.
pub(crate) const INDEX: u32 = ABOVE_LEVEL - 1;

/// The entries by their slot, counted from 1.
static TABLE: PerProcess<Mutex<Vec<&'static Used>>> = PerProcess::new(Mutex::new(Vec::new()), |_| {
    let mut entries: Vec<_> = used::entries().collect();
    entries.reverse();
    Mutex::new(entries)
});

fn table() -> MutexGuard<'static, Vec<&'static Used>> {
    process::lock(&TABLE)
}

/// Gives the event its slot in the table, once; answers with slot and flags.
#[cold]
pub(crate) fn register(meta: &'static EventMeta) -> u32 {
    let mut table = table();
    let slot = meta.slot.load(Ordering::Acquire);
    if slot != 0 {
        return slot;
    }
    meta.needs.note();
    meta.sdk.info.needs.note();
    let today = clock::today();
    throttle::set_now();
    // A record that was removed from the binary reads as zeros: without it nobody could list the event, so it may not be
    // recorded either.
    let descriptor = meta.described();
    // Two SDKs of one name may record the same for different destinations: each is throttled by itself.
    let destination = u64::try_from(meta.sdk.info.destination >> 64).unwrap_or(u64::MAX);
    let seed = descriptor.as_ref().map_or(0, |descriptor| {
        descriptor.key().bytes().fold(throttle::mix(1, destination), |hash, byte| throttle::mix(hash, u64::from(byte)))
    });
    let disabled = if descriptor.is_none() || meta.expires_day < today { DISABLED } else { 0 };
    // The list first, in the order of slots: a child that is forked between the two finds the entry.
    table.push(used::push(Used { meta, descriptor: descriptor.map(Arc::new) }));
    let slot = u32::try_from(table.len()).unwrap_or(INDEX) & INDEX;
    meta.seed.store(seed, Ordering::Release);
    meta.slot.store(slot | disabled, Ordering::Release);
    slot | disabled
}

/// The event in a slot that [`register`] gave, and its descriptor.
pub(crate) fn at(slot: u32) -> Option<(&'static EventMeta, Arc<Described>)> {
    let index = usize::try_from((slot & INDEX).checked_sub(1)?).ok()?;
    let table = table();
    let entry = table.get(index)?;
    Some((entry.meta, entry.descriptor.clone()?))
}

/// Sets or clears a flag of an event.
pub(crate) fn flag(meta: &EventMeta, flag: u32, set: bool) {
    if set {
        meta.slot.fetch_or(flag, Ordering::AcqRel);
    } else {
        meta.slot.fetch_and(!flag, Ordering::AcqRel);
    }
}

/// Marks the events of an SDK that its user was not told of, and those above the level, so that callers count them without asking
/// anybody.
pub(crate) fn flag_all(sdk: Sdk, awaiting_consent: &HashSet<String>, level: Level) {
    for meta in used::metas().filter(|meta| std::ptr::eq(meta.sdk.info, sdk.info)) {
        if let Some((_, event)) = at(meta.slot.load(Ordering::Acquire)) {
            flag(meta, AWAITING_CONSENT, awaiting_consent.contains(&event.key()));
            flag(meta, ABOVE_LEVEL, event.level() > level);
        }
    }
}

/// Marks the events whose last day has passed.
pub(crate) fn expire(today: u32) {
    for entry in table().iter().filter(|entry| entry.meta.expires_day < today) {
        flag(entry.meta, DISABLED, true);
    }
}
