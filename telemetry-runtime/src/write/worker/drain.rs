//! Takes events from the queue to the writers of their SDKs. What follows each other for one SDK is written together.

use std::sync::{Arc, MutexGuard, atomic::Ordering};

use crate::{
    count::ledger::Outcome,
    declare::{
        configuration::Configuration,
        sdk::meta::{Described, EventMeta},
        sdk::{Mode, Sdk},
    },
    record::{events, queued::Queued, throttle},
    write::writer::{SdkWriter, Unwritten},
};

/// By whoever has the turn. When it is dropped, everything that it has taken is written or counted.
pub(super) struct Drain<F> {
    writer: F,
    /// The writer of the SDK whose events are being taken. No other one is asked for meanwhile.
    held: Option<(Sdk, MutexGuard<'static, SdkWriter>)>,
    unwritten: Unwritten,
    /// The events that came last, so that a burst of one kind looks them up once.
    event: Option<(u32, &'static EventMeta, Arc<Described>)>,
    configuration: Option<(Sdk, u32, Arc<Configuration>)>,
}

impl<F: Fn(Sdk) -> Option<MutexGuard<'static, SdkWriter>>> Drain<F> {
    /// `writer` gives the writer of an SDK; without one an event is lost to the disk.
    pub(super) fn new(writer: F) -> Self {
        Self { writer, held: None, unwritten: Unwritten::default(), event: None, configuration: None }
    }

    /// Whether the writer of the event in this slot is there, so that the event is not lost.
    pub(super) fn may_take(&mut self, slot: u32) -> bool {
        self.meta(slot).is_none_or(|meta| self.hold(meta.sdk))
    }

    /// Whether an event of this slot should stay where it is, as the spool is full of what is being sent. Asked before each write.
    pub(super) fn waits_for_room(&mut self, slot: u32) -> bool {
        let Some(meta) = self.meta(slot) else { return false };
        let goes_on = self.held.as_ref().is_some_and(|(held, _)| is_same(*held, meta.sdk));
        if goes_on && !self.unwritten.is_empty() || !self.hold(meta.sdk) {
            return false;
        }
        self.held.as_mut().is_some_and(|(sdk, writer)| writer.waits_for_room(*sdk))
    }

    /// Takes an event.
    pub(super) fn take(&mut self, queued: &Queued<'_>) {
        let Some((meta, descriptor)) = self.event(queued.slot) else { return };
        let sdk = meta.sdk;
        if !self.hold(sdk) {
            return sdk.state.ledger.count(Outcome::Disk, 1);
        }
        let configuration = self.configuration(sdk, queued.configuration);
        let Some((_, writer)) = &mut self.held else { return };
        let discarded_to = sdk.state.discarded_to.get(queued.shard).map_or(0, |end| end.load(Ordering::SeqCst));
        let discarded = queued.position < discarded_to;
        match (sdk.state.resting_mode(), configuration) {
            _ if discarded => sdk.state.ledger.count(Outcome::Vetoed, 1),
            (Mode::Off, _) => sdk.state.ledger.count(writer.why_off(sdk), 1),
            (_, Some(configuration)) => {
                if writer.take(meta, &descriptor, &configuration, queued, &mut self.unwritten) {
                    self.let_go();
                }
            }
            // Its thread stood still between two instructions while the queue was emptied and the table filled.
            (_, None) => {
                throttle::table().release(queued.mark);
                sdk.state.ledger.count(Outcome::QueueFull, 1);
            }
        }
    }

    /// Holds the writer of this SDK; `false` if it is not to be had.
    fn hold(&mut self, sdk: Sdk) -> bool {
        if self.held.as_ref().is_some_and(|(held, _)| is_same(*held, sdk)) {
            return true;
        }
        self.let_go();
        self.held = (self.writer)(sdk).map(|writer| (sdk, writer));
        self.held.is_some()
    }

    fn meta(&mut self, slot: u32) -> Option<&'static EventMeta> {
        self.known(slot).map(|(_, meta, _)| *meta)
    }

    fn event(&mut self, slot: u32) -> Option<(&'static EventMeta, Arc<Described>)> {
        self.known(slot).map(|(_, meta, descriptor)| (*meta, Arc::clone(descriptor)))
    }

    /// Looks the event up, unless it came last.
    fn known(&mut self, slot: u32) -> Option<&(u32, &'static EventMeta, Arc<Described>)> {
        if self.event.as_ref().is_none_or(|(known, ..)| *known != slot) {
            self.event = events::at(slot).map(|(meta, descriptor)| (slot, meta, descriptor));
        }
        self.event.as_ref()
    }

    fn configuration(&mut self, sdk: Sdk, number: u32) -> Option<Arc<Configuration>> {
        if self.configuration.as_ref().is_none_or(|(of, known, _)| *known != number || !is_same(*of, sdk)) {
            self.configuration = sdk.state.configuration.get(number).map(|configuration| (sdk, number, configuration));
        }
        self.configuration.as_ref().map(|(.., configuration)| Arc::clone(configuration))
    }
}

impl<F> Drain<F> {
    /// Writes what was taken, and gives the writer back.
    fn let_go(&mut self) {
        if let Some((sdk, mut writer)) = self.held.take() {
            writer.write(sdk, &mut self.unwritten);
        }
    }
}

impl<F> Drop for Drain<F> {
    fn drop(&mut self) {
        self.let_go();
    }
}

fn is_same(one: Sdk, other: Sdk) -> bool {
    std::ptr::eq(one.state, other.state)
}
