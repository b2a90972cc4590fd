//! What the caller's thread could not ask, because the answer is in the state folder.

use super::open::Open;
use crate::{ledger::Outcome, meta::EventMeta, pipeline::Queued, sdk::Sdk};

/// Asks sampling and remembered throttle for an event that was taken before the state folder was read.
pub(super) fn admit_late(sdk: Sdk, meta: &EventMeta, queued: &Queued, open: &Open) -> Result<(), Outcome> {
    let draw = u64::from(sdk.state.draw.load(std::sync::atomic::Ordering::Relaxed));
    let threshold = sdk.state.threshold.load(std::sync::atomic::Ordering::Relaxed);
    if draw >= meta.threshold || draw >= threshold {
        return Err(Outcome::SampledOut);
    }
    if queued.mark != 0 && open.is_remembered(queued.mark) {
        return Err(Outcome::Throttled);
    }
    Ok(())
}
