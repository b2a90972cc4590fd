//! Counting without ids: one event a day that says whether it is the first of a week, a month or of all.
//!
//! The dates stand in the state folder, so whoever adds up the flags gets daily, weekly and monthly active
//! installations without anything that would tell one installation from another.

use telemetry_schema::{EventDescriptor, Record, record};

use crate::{
    base::clock,
    count::ledger::Outcome,
    declare::{configuration::Configuration, sdk::Sdk},
    record::events,
    write::writer::folder::StateFolder,
};

/// Appends the day's active event, unless today's was appended or the SDK does not count.
pub(crate) fn append_if_due(sdk: Sdk, configuration: &Configuration, folder: &mut StateFolder) {
    let Some(meta) = sdk.info.active_event else { return };
    let today = clock::today();
    let Some(flags) = folder.begin_active_day(today) else { return };
    // It is an event as any other: listed, agreed to and counted.
    events::register(meta);
    let Ok(Record::Event(event)) = record::parse(meta.record) else { return };
    sdk.state.ledger.take();
    match append(sdk, configuration, folder, &event, flags) {
        // Only now: a day that was not written is counted by a later run.
        Ok(()) => folder.end_active_day(today),
        Err(outcome) => sdk.state.ledger.count(outcome, 1),
    }
}

fn append(
    sdk: Sdk,
    configuration: &Configuration,
    folder: &mut StateFolder,
    event: &EventDescriptor,
    flags: ActiveFlags,
) -> Result<(), Outcome> {
    if folder.awaits_consent(&event.key()) {
        return Err(Outcome::AwaitingConsent);
    }
    let meta = sdk.info.active_event.ok_or(Outcome::GateClosed)?;
    let ActiveFlags { first_in_week, first_in_month, first_ever } = flags;
    let payload = format!(
        "{{\"first_in_week\":{first_in_week},\"first_in_month\":{first_in_month},\"first_ever\":{first_ever}}}"
    );
    folder.append_payload(configuration, meta, &event.event, &payload, meta.digest.to_be_bytes())
}

/// What the dates in the state folder say of today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ActiveFlags {
    pub(crate) first_in_week: bool,
    pub(crate) first_in_month: bool,
    pub(crate) first_ever: bool,
}

impl ActiveFlags {
    /// `None` if `today` is no later than the last day; a clock that was set back counts nothing twice.
    pub(crate) fn of(last_day: Option<u32>, today: u32) -> Option<Self> {
        match last_day {
            None => Some(Self { first_in_week: true, first_in_month: true, first_ever: true }),
            Some(last) if last >= today => None,
            Some(last) => Some(Self {
                first_in_week: !clock::same_week(last, today),
                first_in_month: !clock::same_month(last, today),
                first_ever: false,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_of_the_flags_count_each_installation_once() {
        // Every day of 2026 but Wednesdays: weekly flags must add up to weeks, monthly ones to months.
        let (mut last, mut weeks, mut months, mut ever) = (None, 0, 0, 0);
        for today in 20_454..20_454 + 365 {
            if today % 7 == 6 {
                continue;
            }
            let flags = ActiveFlags::of(last, today).unwrap();
            assert_eq!(ActiveFlags::of(Some(today), today), None);
            weeks += u32::from(flags.first_in_week);
            months += u32::from(flags.first_in_month);
            ever += u32::from(flags.first_ever);
            last = Some(today);
        }
        assert_eq!((weeks, months, ever), (53, 12, 1));
    }
}
