//! What the caller's thread could not ask, because the answer is in the state folder.

use crate::{
    count::ledger::Outcome,
    declare::{configuration::Configuration, sdk::Sdk, sdk::meta::EventMeta},
    record::queued::Queued,
    write::writer::folder::StateFolder,
};

/// Asks sampling by the rates under which the event was recorded, for all: the settings may have changed between the
/// caller's question and its answer. And the remembered throttle for an event that was taken before the state folder was read.
pub(crate) fn admit_late(
    sdk: Sdk,
    meta: &EventMeta,
    configuration: &Configuration,
    queued: &Queued<'_>,
    folder: &StateFolder,
) -> Result<(), Outcome> {
    let sample_roll = u64::from(sdk.state.sample_roll.load(std::sync::atomic::Ordering::Relaxed));
    if sample_roll >= meta.threshold || sample_roll >= sdk.threshold(configuration) {
        return Err(Outcome::SampledOut);
    }
    if queued.pending && queued.mark != 0 && folder.is_remembered(queued.mark) {
        return Err(Outcome::Throttled);
    }
    Ok(())
}
