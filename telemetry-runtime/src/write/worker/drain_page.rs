//! Takes events from the queue of a page to the writers of their SDKs. What follows each other for one SDK is written together.

use std::{ptr, sync::atomic::Ordering};

use crate::{
    count::ledger::Outcome,
    declare::sdk::{Mode, Sdk},
    record::{events, queued::Queued, throttle, waiting::QUEUE},
    write::writer::{self, Unwritten},
};

/// Takes all of them, and has them written.
pub(super) fn drain() {
    let (mut unwritten, mut last) = (Unwritten::default(), None::<Sdk>);
    QUEUE.drain(|queued| {
        let Some((meta, event)) = events::at(queued.slot) else { return };
        let sdk = meta.sdk;
        if let Some(before) = last.replace(sdk).filter(|before| !ptr::eq(before.state, sdk.state)) {
            writer::of(before).write(before, &mut unwritten);
        }
        let mut writer = writer::of(sdk);
        let ended = match sdk.state.configuration.get(queued.configuration) {
            _ if is_discarded(sdk, queued) => Outcome::Vetoed,
            _ if sdk.state.resting_mode() == Mode::Off => writer.why_off(sdk),
            Some(configuration) => {
                if writer.take(meta, &event, &configuration, queued, &mut unwritten) {
                    writer.write(sdk, &mut unwritten);
                }
                return;
            }
            None => {
                throttle::table().release(queued.mark);
                Outcome::QueueFull
            }
        };
        sdk.state.ledger.count(ended, 1);
    });
    if let Some(sdk) = last {
        writer::of(sdk).write(sdk, &mut unwritten);
    }
}

fn is_discarded(sdk: Sdk, queued: &Queued<'_>) -> bool {
    let [discarded_to] = &sdk.state.discarded_to;
    queued.position < discarded_to.load(Ordering::SeqCst)
}
