//! Events on their way to the spool: asked, rendered behind each other, and written together.

use std::sync::atomic::Ordering;

use telemetry_schema::{EventDescriptor, Throttle};
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
        sdk::meta::EventMeta,
        sdk::{Mode, Sdk},
    },
    record::{events, queue::Queued, throttle},
    wire::{envelope, format::Envelope, render},
    write::writer::{Files, SdkWriter, active, admission, folder::StateFolder, health},
};

/// What is known of an event, and what goes with each one of it.
#[derive(Debug)]
pub(super) struct Prepared {
    key: String,
    digest: Digest,
    conflicting: bool,
    envelope: Option<Around>,
}

/// What stands around the payload, and what it was rendered for.
#[derive(Debug)]
struct Around {
    configuration: Configuration,
    hour: u32,
    envelope: Envelope,
}

impl Prepared {
    fn new(meta: &EventMeta, event: &EventDescriptor) -> Self {
        let key = event.key();
        let conflicting = is_conflicting(meta);
        Self { key, digest: meta.digest.to_be_bytes(), conflicting, envelope: None }
    }

    fn envelope(&mut self, configuration: &Configuration, meta: &EventMeta, event: &str, hour: u32) -> &Envelope {
        let fits = |around: &Around| around.hour == hour && around.configuration == *configuration;
        let around = self.envelope.take().filter(fits).unwrap_or_else(|| Around {
            configuration: configuration.clone(),
            hour,
            envelope: envelope::of(configuration, meta, event, hour),
        });
        &self.envelope.insert(around).envelope
    }
}

/// Events of one SDK that were rendered and are written next, all of them or none. Whoever holds it holds the SDK's writer,
/// and gives that back after [`SdkWriter::write`] only.
#[derive(Debug, Default)]
pub(crate) struct Unwritten {
    /// The events, one behind the other.
    json: String,
    events: Vec<Rendered>,
    /// When the first of them was taken, in hours since 1970.
    hour: u32,
}

#[derive(Debug)]
struct Rendered {
    /// Where it ends in the text.
    end: usize,
    digest: Digest,
    mark: u64,
    throttle: Throttle,
}

impl Unwritten {
    fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    fn clear(&mut self) {
        self.json.clear();
        self.events.clear();
    }
}

impl SdkWriter {
    /// Takes one event that the caller's thread let pass; it is on disk after [`SdkWriter::write`]. Says whether that is due.
    pub(crate) fn take(
        &mut self,
        meta: &'static EventMeta,
        event: &EventDescriptor,
        configuration: &Configuration,
        queued: &Queued<'_>,
        unwritten: &mut Unwritten,
    ) -> bool {
        if let Err(outcome) = self.try_take(meta, event, configuration, queued, unwritten) {
            end(meta.sdk, queued.mark, outcome);
        }
        // Of a wire that carries one event for each run the next one has to see that this one was recorded.
        unwritten.json.len() >= WRITE_BYTES || meta.sdk.info.wire.format().once_per_run
    }

    fn try_take(
        &mut self,
        meta: &'static EventMeta,
        event: &EventDescriptor,
        configuration: &Configuration,
        queued: &Queued<'_>,
        unwritten: &mut Unwritten,
    ) -> Result<(), Outcome> {
        let sdk = meta.sdk;
        if unwritten.is_empty() {
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
        let slot = meta.slot.load(Ordering::Acquire) & (events::AWAITING_CONSENT - 1);
        let known = self.prepared.get_or_insert_default();
        let prepared = known.entry(slot).or_insert_with(|| Prepared::new(meta, event));
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
        if queued.pending && folder.told_in_this_run() {
            return Err(Outcome::BeforeNotice); // It was queued before the user had read anything.
        }
        admission::admit_late(sdk, meta, configuration, queued, folder)?;
        if sdk.info.wire.format().once_per_run && self.recorded_in_run {
            return Err(Outcome::Throttled); // One per run, however often it is recorded.
        }
        active::append_if_due(sdk, configuration, folder);
        health::append_if_due(sdk, configuration, folder);
        unwritten.render(meta, event, configuration, queued, prepared, folder)
    }

    /// Writes what was taken, with one `write`.
    pub(crate) fn write(&mut self, sdk: Sdk, unwritten: &mut Unwritten) {
        if unwritten.is_empty() {
            return;
        }
        match self.try_write(sdk, unwritten) {
            Ok(()) => {
                self.recorded_in_run = true;
                self.unoffered_since.get_or_insert_with(clock::instant);
            }
            Err(outcome) => unwritten.events.iter().for_each(|event| end(sdk, event.mark, outcome)),
        }
        unwritten.clear();
    }

    fn try_write(&mut self, sdk: Sdk, unwritten: &Unwritten) -> Result<(), Outcome> {
        let Files::Open(folder) = &mut self.files else { return Err(self.why_off(sdk)) };
        let (day, destination, kind) = (unwritten.hour / 24, folder.destination(), sdk.info.wire.format().code);
        let mut begin = 0;
        let frames: Vec<_> = unwritten
            .events
            .iter()
            .map(|event| {
                let json = unwritten.json.as_bytes().get(begin..event.end).unwrap_or_default();
                begin = event.end;
                Frame { day, digest: event.digest, destination, kind, body: json }
            })
            .collect();
        if let Err(outcome) = folder.append_frames(sdk, &frames) {
            if outcome == Outcome::OptedOut || folder.is_lost() {
                // Another process opted out and deleted the spool, or the host has closed our files: the next event reads the
                // folder again.
                self.forget_files(sdk);
                sdk.state.change_mode(Mode::On, Mode::Pending);
            }
            return Err(outcome);
        }
        for event in unwritten.events.iter().filter(|event| event.mark != 0) {
            folder.remember(event.mark, event.throttle);
        }
        Ok(())
    }
}

impl Unwritten {
    fn render(
        &mut self,
        meta: &EventMeta,
        event: &EventDescriptor,
        configuration: &Configuration,
        queued: &Queued<'_>,
        prepared: &mut Prepared,
        folder: &mut StateFolder,
    ) -> Result<(), Outcome> {
        if self.json.capacity() == 0 && queued.position != u64::MAX {
            // All that is ever in it. One event of a caller's needs far less.
            self.json.reserve(WRITE_BYTES + EVENT_BYTES / 4);
        }
        let (begin, digest) = (self.json.len(), prepared.digest);
        let envelope = prepared.envelope(configuration, meta, &event.event, self.hour);
        envelope.begin(&mut self.json);
        let destination = meta.sdk.info.destination;
        let mut pseudonyms = |field: &str, input: &[u8; 32]| folder.pseudonym(destination, &event.key(), field, input);
        let rendered = render::push_payload(&mut self.json, &event.fields, queued.payload, &mut pseudonyms);
        envelope.end(&mut self.json);
        let refused = match rendered {
            None => Some(Outcome::Corrupt),
            Some(_) if self.json.len() - begin > event_bytes(meta.sdk.info.wire) => Some(Outcome::Oversize),
            Some(redacted) => {
                meta.sdk.state.ledger.redact(redacted.len() as u64);
                None
            }
        };
        if let Some(outcome) = refused {
            self.json.truncate(begin);
            return Err(outcome);
        }
        let end = self.json.len();
        self.events.push(Rendered { end, digest, mark: queued.mark, throttle: meta.throttle });
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
        let json = envelope::of(configuration, meta, event, hour).around(payload);
        if json.len() > event_bytes(sdk.info.wire) {
            return Err(Outcome::Oversize);
        }
        let (destination, kind) = (self.destination(), sdk.info.wire.format().code);
        self.append_frames(sdk, &[Frame { day: hour / 24, digest, destination, kind, body: json.as_bytes() }])
    }
}
