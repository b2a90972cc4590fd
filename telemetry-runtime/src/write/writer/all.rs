//! What the worker, or the end of a program, asks the writers of all SDKs.

use std::{
    sync::MutexGuard,
    time::{Duration, Instant},
};

use crate::{
    base::limits::{CALLER_WAIT, EXIT_SAVE},
    decide::settings,
    declare::{
        registry::all_sdks,
        sdk::{Mode, Sdk},
    },
    record::{configurations, waiting},
    write::writer::{
        Files, SdkWriter,
        saves::{self, Due},
        table,
    },
};

/// Saves what is to be remembered of all SDKs, at most as often as the worker would.
pub(crate) fn save_all() {
    for sdk in all_sdks() {
        let due = Due { memory: false, ledger: false };
        let saves = table::within(sdk, CALLER_WAIT).and_then(|mut writer| {
            writer.settle_counts(sdk, false);
            writer.saves(sdk, due)
        });
        if let Some(saves) = saves {
            saves.write(sdk, due, Some(CALLER_WAIT));
        }
    }
}

/// At the end of a program: writes down what these SDKs have counted. Waits for no writer.
pub(crate) fn write_counts(sdks: &[Sdk]) {
    for sdk in sdks {
        if let Some(mut writer) = table::within(*sdk, Duration::ZERO) {
            writer.settle_counts(*sdk, true);
        }
    }
}

/// Tells the senders of events whose time has come; answers when the next ones are due.
pub(crate) fn offer_due(at_once: bool) -> Option<Instant> {
    let due = |sdk: Sdk| {
        let mut writer = table::of(sdk);
        let counted = writer.settle_counts(sdk, at_once);
        let had = writer.unoffered_since.is_some();
        let next = writer.offer_due(sdk, at_once);
        let due = Due { memory: at_once || (had && writer.unoffered_since.is_none()), ledger: false };
        let saves = if had { writer.saves(sdk, due) } else { None };
        drop(writer);
        let saved = saves.and_then(|saves| saves.write(sdk, due, None));
        next.into_iter().chain(saved).chain(counted).min()
    };
    all_sdks().into_iter().filter_map(due).min()
}

/// For the worker: settles what earlier processes have left, once, and writes the ledgers down where they have changed and it is time,
/// or for a flush; answers when to look again. `is_served` says whether a sender works for an SDK.
pub(crate) fn save_ledgers(for_flush: bool, is_served: fn(Sdk) -> bool) -> Option<Instant> {
    let save_one = |sdk: Sdk| {
        // A sender writes it down when the flush is over: what is written before that is written twice.
        let is_served = for_flush && is_served(sdk);
        let mut writer = table::of(sdk);
        if writer.may_settle() && !saves::lock(&writer.ledger_writer()).is_settled() {
            // Nothing may end while it is counted what waits.
            return writer.save_ledger(sdk, for_flush, true);
        }
        // The same of one that is about to begin.
        let at_once = for_flush && !is_served && !writer.has_outgoing();
        save(sdk, writer, at_once)
    };
    all_sdks().into_iter().filter_map(save_one).min()
}

/// Writes the ledger of one SDK down if it has changed and it is time, or at once.
pub(crate) fn save_ledger(sdk: Sdk, at_once: bool) {
    save(sdk, table::of(sdk), at_once);
}

fn save(sdk: Sdk, mut writer: MutexGuard<'_, SdkWriter>, at_once: bool) -> Option<Instant> {
    let due = Due { memory: false, ledger: at_once };
    let saves = writer.saves(sdk, due);
    drop(writer);
    saves.and_then(|saves| saves.write(sdk, due, None))
}

/// At the end of a program: writes down what has ended so far, so that nobody calls it unknown. Waits no longer than
/// [`EXIT_SAVE`] for whoever is busy with the files of an SDK.
pub(crate) fn save_ledgers_at_exit() {
    let due = Due { memory: false, ledger: true };
    for sdk in all_sdks() {
        let saves = table::within(sdk, EXIT_SAVE).and_then(|mut writer| writer.saves(sdk, due));
        saves.and_then(|saves| saves.write(sdk, due, Some(EXIT_SAVE)));
    }
}

/// Gives an SDK its configuration where there was no room for it: the queue has moved on.
pub(crate) fn renew_configurations() {
    for sdk in all_sdks() {
        let waits =
            || sdk.state.configuration.current() == 0 && matches!(sdk.state.resting_mode(), Mode::On | Mode::Pending);
        if waits() {
            let settings = settings::of(sdk);
            // Under the lock, under which every decision is made.
            if waits() {
                configurations::set(sdk, &settings);
            }
        }
    }
}

/// The worker has nothing to do: frees what no event carries any more.
pub(crate) fn free_configurations() {
    let done = waiting::reach().done;
    all_sdks().into_iter().for_each(|sdk| sdk.state.configuration.free(&done));
}

/// As [`free_configurations`], of what only serves the next events.
pub(crate) fn rest() {
    for sdk in all_sdks() {
        if let Files::Open(folder) = &table::of(sdk).files {
            folder.rest();
        }
    }
}

/// A new UTC day: a new sample roll for every SDK that records.
pub(crate) fn begin_day(today: u32) {
    for sdk in all_sdks() {
        if let Files::Open(folder) = &mut table::of(sdk).files {
            folder.roll_for(sdk, today);
        }
    }
}
