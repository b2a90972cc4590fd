//! Events on their way to the spool: asked, rendered behind each other, and written together.

use std::sync::{Arc, atomic::Ordering};

use telemetry_schema::{Kind, Throttle};
use telemetry_spool::{Digest, Frame};

use crate::{
    base::{
        clock,
        limits::{EVENT_BYTES, WRITE_BYTES, event_bytes},
    },
    count::ledger::Outcome,
    declare::{
        configuration::Configuration,
        registry::is_conflicting,
        sdk::meta::{Described, EventMeta},
        sdk::{Mode, Sdk},
    },
    record::{events, queued::Queued, throttle},
    wire::{
        envelope,
        format::Envelope,
        layout::{self, Layout},
    },
    write::{
        frame_buffer::FrameBuffer,
        writer::{Files, SdkWriter, active, admission, counters, folder::StateFolder, health},
    },
};

/// What is known of an event, and what goes with each one of it.
#[derive(Debug)]
pub(super) struct Prepared {
    key: String,
    digest: Digest,
    conflicting: bool,
    layout: Layout,
    envelope: Option<Around>,
}

/// What stands around the payload, and what it was rendered for.
#[derive(Debug)]
struct Around {
    configuration: Arc<Configuration>,
    hour: u32,
    /// Whether it stays so for the hour: an id of the installation that is not known yet comes with a later event.
    is_final: bool,
    envelope: Envelope,
}

impl Prepared {
    fn new(meta: &EventMeta, event: &Described) -> Self {
        let (key, layout) = (event.key(), layout::of(event));
        let conflicting = is_conflicting(meta);
        Self { key, digest: meta.digest().to_be_bytes(), conflicting, layout, envelope: None }
    }

    /// Forgets what stands around it: that may name an id of the installation, which ends with the folder it came from.
    pub(super) fn forget_envelope(&mut self) {
        self.envelope = None;
    }

    /// How its payload looks, and what stands around it.
    fn rendering(
        &mut self,
        configuration: &Arc<Configuration>,
        meta: &EventMeta,
        event: &str,
        hour: u32,
        folder: &mut StateFolder,
    ) -> (&Layout, &Envelope) {
        let fits = |around: &Around| {
            let is_same = Arc::ptr_eq(&around.configuration, configuration);
            around.is_final && around.hour == hour && (is_same || around.configuration == *configuration)
        };
        let around = self.envelope.take().filter(fits).unwrap_or_else(|| {
            let installation = folder.installation(meta.sdk, hour / 24);
            let is_final = installation.is_ok();
            let installation = installation.ok().flatten();
            let envelope = envelope::of(configuration, meta, event, hour, installation.as_deref());
            Around { configuration: Arc::clone(configuration), hour, is_final, envelope }
        });
        (&self.layout, &self.envelope.insert(around).envelope)
    }
}

/// Events of one SDK that were rendered and are written next, all of them or none. Whoever holds it holds the SDK's writer,
/// and gives that back after [`SdkWriter::write`] only.
#[derive(Debug, Default)]
pub(crate) struct Unwritten {
    frames: FrameBuffer,
    /// What the throttle has to know of those that are written.
    throttled: Vec<(u64, Throttle)>,
    /// When the first of them was taken, in hours since 1970.
    hour: u32,
}

impl Unwritten {
    pub(crate) fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    fn clear(&mut self) {
        self.frames.clear();
        self.throttled.clear();
    }
}

impl SdkWriter {
    /// Takes one event that the caller's thread let pass; it is on disk after [`SdkWriter::write`]. Says whether that is due.
    pub(crate) fn take(
        &mut self,
        meta: &'static EventMeta,
        event: &Described,
        configuration: &Arc<Configuration>,
        queued: &Queued<'_>,
        unwritten: &mut Unwritten,
    ) -> bool {
        if let Err(outcome) = self.try_take(meta, event, configuration, queued, unwritten) {
            end(meta.sdk, queued.mark, outcome);
        }
        // Of a wire that carries one event for each run the next one has to see that this one was recorded.
        unwritten.frames.bytes() >= WRITE_BYTES || meta.sdk.info.wire.format().once_per_run
    }

    fn try_take(
        &mut self,
        meta: &'static EventMeta,
        event: &Described,
        configuration: &Arc<Configuration>,
        queued: &Queued<'_>,
        unwritten: &mut Unwritten,
    ) -> Result<(), Outcome> {
        let sdk = meta.sdk;
        if unwritten.frames.is_empty() {
            self.reload_consent(sdk);
            unwritten.hour = clock::now_hours();
        } else if sdk.state.resting_mode() == Mode::Pending || !matches!(self.files, Files::Open(_)) {
            // A setting has changed meanwhile, and the folder is read again: what was taken before belongs to what holds now.
            self.write(sdk, unwritten);
        }
        self.read_state_folder(sdk);
        match sdk.state.resting_mode() {
            Mode::On => {}
            Mode::AwaitingNotice => return Err(Outcome::BeforeNotice),
            _ => return Err(self.why_off(sdk)),
        }
        let slot = meta.slot.load(Ordering::Acquire) & events::INDEX;
        let place = slot as usize;
        if self.prepared.len() <= place {
            self.prepared.resize_with(place + 1, || None);
        }
        let Some(known) = self.prepared.get_mut(place) else { return Err(self.why_off(sdk)) };
        let prepared = known.get_or_insert_with(|| Box::new(Prepared::new(meta, event)));
        if prepared.conflicting {
            events::flag(meta, events::DISABLED, true);
            return Err(Outcome::Conflict);
        }
        let Files::Open(folder) = &mut self.files else { return Err(self.why_off(sdk)) };
        if folder.awaits_consent(&prepared.key) {
            // From now on the caller's thread knows it too.
            events::flag(meta, events::AWAITING_CONSENT, true);
            return Err(Outcome::AwaitingConsent);
        }
        if event.level() > folder.level() {
            events::flag(meta, events::ABOVE_LEVEL, true);
            return Err(Outcome::AboveLevel);
        }
        if queued.pending && folder.told_in_this_run() {
            return Err(Outcome::BeforeNotice); // It was queued before the user had read anything.
        }
        admission::admit_late(sdk, meta, configuration, queued, folder)?;
        if sdk.info.wire.format().once_per_run && self.recorded_in_run {
            return Err(Outcome::Throttled); // One per run, however often it is recorded.
        }
        active::append_if_due(sdk, configuration, folder);
        health::append_if_due(sdk, configuration, folder);
        if meta.kind == Kind::Counter {
            let Some(counting) = counters::needed() else { return Err(Outcome::Corrupt) }; // None is linked.
            // All of a day are one event, so its hour is that of none.
            let (day, digest) = (unwritten.hour / 24, prepared.digest);
            let around = prepared.rendering(configuration, meta, &event.event, day * 24, folder);
            return (counting.count)(&mut self.counters, sdk, event, around, digest, queued.payload, (day, folder));
        }
        unwritten.render(meta, event, configuration, queued, prepared, folder)
    }

    /// Writes what was taken, with one `write`.
    pub(crate) fn write(&mut self, sdk: Sdk, unwritten: &mut Unwritten) {
        self.settle_counts(sdk, false);
        if unwritten.frames.is_empty() {
            return;
        }
        match self.try_write(sdk, unwritten) {
            Ok(()) => {
                self.recorded_in_run = true;
                self.unoffered_since.get_or_insert_with(clock::instant);
            }
            Err(outcome) => {
                sdk.state.ledger.count(outcome, unwritten.frames.len() as u64);
                unwritten.throttled.iter().for_each(|(mark, _)| throttle::table().release(*mark));
            }
        }
        unwritten.clear();
    }

    fn try_write(&mut self, sdk: Sdk, unwritten: &mut Unwritten) -> Result<(), Outcome> {
        let Files::Open(folder) = &mut self.files else { return Err(self.why_off(sdk)) };
        if let Err(outcome) = folder.append_frames(sdk, &mut unwritten.frames) {
            if outcome == Outcome::OptedOut || folder.is_lost() {
                // Another process opted out and deleted the spool, or the host has closed our files: the next event reads the
                // folder again.
                self.forget_files(sdk);
                sdk.state.change_mode(Mode::On, Mode::Pending);
            }
            return Err(outcome);
        }
        for (mark, throttle) in &unwritten.throttled {
            folder.remember(*mark, *throttle);
        }
        Ok(())
    }
}

impl Unwritten {
    fn render(
        &mut self,
        meta: &EventMeta,
        event: &Described,
        configuration: &Arc<Configuration>,
        queued: &Queued<'_>,
        prepared: &mut Prepared,
        folder: &mut StateFolder,
    ) -> Result<(), Outcome> {
        if self.frames.is_empty() && queued.position != u64::MAX {
            // All that is ever in it. One event of a caller's needs far less.
            self.frames.reserve(WRITE_BYTES + EVENT_BYTES / 4);
        }
        let digest = prepared.digest;
        let (layout, envelope) = prepared.rendering(configuration, meta, &event.event, self.hour, folder);
        let (wire, info) = (meta.sdk.info.wire, meta.sdk.info);
        let head = Frame {
            day: self.hour / 24,
            digest,
            destination: folder.destination(),
            kind: wire.format().code,
            body: envelope.before(),
        };
        let mut pseudonyms =
            |field: &str, input: &[u8; 32]| folder.pseudonym(info, (&event.key(), head.day), field, input);
        self.frames.add(&head, |out| {
            let payload = out.len();
            let redacted = layout.push(out, queued.payload, &mut pseudonyms).ok_or(Outcome::Corrupt)?;
            envelope.end(out, payload);
            if out.len() - (payload - head.body.len()) > event_bytes(wire) {
                return Err(Outcome::Oversize);
            }
            meta.sdk.state.ledger.redact(redacted.len() as u64);
            Ok(())
        })?;
        if queued.mark != 0 {
            self.throttled.push((queued.mark, meta.throttle));
        }
        Ok(())
    }
}

/// An event that was not recorded: an identical one may be. One that was recorded before keeps its cell.
fn end(sdk: Sdk, mark: u64, outcome: Outcome) {
    if mark != 0 && outcome != Outcome::Throttled {
        throttle::table().release(mark);
    }
    sdk.state.ledger.count(outcome, 1);
}

/// Events of ours, of which there is one a day.
impl StateFolder {
    pub(super) fn append_payload(
        &mut self,
        configuration: &Configuration,
        meta: &EventMeta,
        event: &str,
        payload: &str,
        digest: Digest,
    ) -> Result<(), Outcome> {
        let (sdk, hour) = (meta.sdk, clock::now_hours());
        let installation = self.installation(sdk, hour / 24).ok().flatten();
        let json = envelope::of(configuration, meta, event, hour, installation.as_deref()).around(payload);
        if json.len() > event_bytes(sdk.info.wire) {
            return Err(Outcome::Oversize);
        }
        let (destination, kind) = (self.destination(), sdk.info.wire.format().code);
        let mut frames = FrameBuffer::new();
        frames.add(&Frame { day: hour / 24, digest, destination, kind, body: json.as_bytes() }, |_| {
            Ok::<_, Outcome>(())
        })?;
        self.append_frames(sdk, &mut frames)
    }
}
