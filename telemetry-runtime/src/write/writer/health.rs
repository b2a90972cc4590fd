//! `telemetry_health`: once a day, if events were lost, one listed event says how many and how.
//!
//! It speaks for all programs of this SDK and user, by the ledger on disk. A loss is told once: it counts as told from the
//! moment before the event is recorded, so neither a crash nor a second process tells it twice. Whether the event arrives
//! is then the matter of any event: delivered once by its id, or counted as one more loss. Its numbers are not sent
//! again in that case.

use crate::{
    base::{clock, limits::HEALTH_MOST, needs},
    count::LedgerCounts,
    declare::{
        configuration::Configuration,
        sdk::{Sdk, meta::EventMeta},
    },
    record::events,
    write::writer::folder::StateFolder,
};

/// Appends the day's report, unless nothing was lost, somebody has told it, or the SDK does not tell.
pub(crate) fn append_if_due(sdk: Sdk, configuration: &Configuration, folder: &mut StateFolder) {
    if let (Some(meta), Some(append)) = (sdk.info.health_event, needed()) {
        append(meta, sdk, configuration, folder);
    }
}

needs::part!(fn(&'static EventMeta, Sdk, &Configuration, &mut StateFolder) = |meta, sdk, configuration, folder| {
    let today = clock::today();
    if !folder.begin_health_day(today) {
        return;
    }
    events::register(meta);
    let Some(event) = meta.described() else { return };
    // Nothing is taken as told that the user has not agreed to tell.
    if folder.awaits_consent(&event.key()) {
        return;
    }
    let Some(losses) = folder.losses_to_tell(today, tellable) else { return };
    if losses == LedgerCounts::default() {
        return;
    }
    sdk.state.ledger.take();
    let digest = meta.digest().to_be_bytes();
    if let Err(outcome) = folder.append_payload(configuration, meta, &event.event, &payload(&losses), digest) {
        sdk.state.ledger.count(outcome, 1);
    }
});

/// As much of the losses as one report has room for; the rest is left for the next one.
fn tellable(losses: &LedgerCounts) -> LedgerCounts {
    let LedgerCounts { unknown, queue_full, oversize, disk, evicted, expired, corrupt, rejected, .. } = *losses;
    let most = |count: u64| count.min(HEALTH_MOST);
    LedgerCounts {
        unknown: most(unknown),
        queue_full: most(queue_full),
        oversize: most(oversize),
        disk: most(disk),
        evicted: most(evicted),
        expired: most(expired),
        corrupt: most(corrupt),
        rejected: most(rejected),
        ..LedgerCounts::default()
    }
}

/// The fields in the order of the record.
fn payload(losses: &LedgerCounts) -> String {
    let LedgerCounts { unknown, queue_full, oversize, disk, evicted, expired, corrupt, rejected, .. } = *losses;
    format!(
        "{{\"unknown\":{unknown},\"queue_full\":{queue_full},\"oversize\":{oversize},\"disk\":{disk},\
         \"evicted\":{evicted},\"expired\":{expired},\"corrupt\":{corrupt},\"rejected\":{rejected}}}"
    )
}
