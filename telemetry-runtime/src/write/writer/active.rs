//! Counting without ids: one event a day that says whether it is the first of a week, a month, of a version or of all.
//!
//! Dates and versions stand in the state folder, so whoever adds up the flags gets daily, weekly and monthly active
//! installations without anything that would tell one installation from another.

use crate::{
    base::{clock, needs},
    count::ledger::Outcome,
    declare::{
        configuration::Configuration,
        sdk::{
            Sdk,
            meta::{Described, EventMeta},
        },
    },
    record::events,
    write::writer::folder::{ActiveFlags, StateFolder},
};

/// Appends the day's active event, unless today's was appended or the SDK does not count.
pub(crate) fn append_if_due(sdk: Sdk, configuration: &Configuration, folder: &mut StateFolder) {
    if let (Some(meta), Some(append)) = (sdk.info.active_event, needed()) {
        append(meta, sdk, configuration, folder);
    }
}

needs::part!(fn(&'static EventMeta, Sdk, &Configuration, &mut StateFolder) = |meta, sdk, configuration, folder| {
    folder.count_day(clock::today(), sdk.info.version, |folder, flags| {
        // It is an event as any other: listed, agreed to and counted.
        events::register(meta);
        let Some(event) = meta.described() else { return false };
        sdk.state.ledger.take();
        let appended = append(sdk, configuration, folder, &event, flags);
        if let Err(outcome) = appended {
            sdk.state.ledger.count(outcome, 1);
        }
        // Only what was written is counted; else a later run does it.
        appended.is_ok()
    });
});

fn append(
    sdk: Sdk,
    configuration: &Configuration,
    folder: &mut StateFolder,
    event: &Described,
    flags: ActiveFlags,
) -> Result<(), Outcome> {
    if folder.awaits_consent(&event.key()) {
        return Err(Outcome::AwaitingConsent);
    }
    let meta = sdk.info.active_event.ok_or(Outcome::GateClosed)?;
    let ActiveFlags { first_in_week, first_in_month, first_ever, first_of_version } = flags;
    let payload = format!(
        "{{\"first_in_week\":{first_in_week},\"first_in_month\":{first_in_month},\"first_ever\":{first_ever},\
         \"first_of_version\":{first_of_version}}}"
    );
    folder.append_payload(configuration, meta, &event.event, &payload, meta.digest().to_be_bytes())
}
