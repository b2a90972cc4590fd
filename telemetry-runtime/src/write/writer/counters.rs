//! Counters: how often an event was recorded on a day, told by one event when the day is over.
//!
//! Calls are added up in memory, and written to `memory.json` at most once a second, in turn with other processes; from then on they are
//! `counted`. A process that is killed takes with it what it has not written. When a day is over, whichever process of this program
//! comes first appends its events and removes their rows, in one turn; so each is appended once.

use std::{io, mem, sync::Arc};

use telemetry_schema::{COUNT, Level};
use telemetry_spool::Frame;

use crate::base::collections::BTreeMap;
use crate::{
    base::{
        clock::{self, Instant},
        limits::{COUNT_GRACE, EVENT_BYTES, MEMORY_SAVE},
        needs,
    },
    count::ledger::Outcome,
    declare::sdk::{Mode, Sdk, meta::Described},
    wire::{format::Envelope, layout::Layout},
    write::{
        files::{
            day_counts::{self, Counted, DayCounts, Sum},
            memory_file::{self, Memory},
            state_dir::SdkDir,
        },
        frame_buffer::FrameBuffer,
        writer::{Files, SdkWriter, folder::StateFolder},
    },
};

/// What one SDK counts in this process.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    /// What is not in `memory.json` yet.
    unwritten: DayCounts,
    /// The level up to which that was counted.
    level: Option<Level>,
    /// What this process has added to `memory.json`: a veto takes it back.
    written: BTreeMap<Counted, u64>,
    /// Where that lies, whether or not it is open when the veto comes.
    dir: Option<Arc<SdkDir>>,
    /// When that was last done, or tried while another process had its turn.
    saved: Option<Instant>,
    /// The day on which events of days that are over could not be appended.
    failed: Option<u32>,
}

/// What is done where a declaration has a counter.
pub(crate) struct Counting {
    pub(super) count: CountOne,
    end: fn(&mut Counters, Sdk, Outcome),
    settle: fn(&mut SdkWriter, Sdk, bool) -> Option<Instant>,
    discard: fn(&mut SdkWriter, Sdk),
}

type CountOne = fn(
    &mut Counters,
    Sdk,
    &Described,
    (&Layout, &Envelope),
    telemetry_spool::Digest,
    &[u8],
    (u32, &mut StateFolder),
) -> Result<(), Outcome>;

needs::part!(&'static Counting = &Counting {
    count: Counters::count,
    end: Counters::end_unwritten,
    settle: SdkWriter::write_and_append_counts,
    discard: SdkWriter::take_back_counts,
});

impl Counters {
    pub(crate) const fn new() -> Self {
        Self {
            unwritten: DayCounts::new(),
            level: None,
            written: BTreeMap::new(),
            dir: None,
            saved: None,
            failed: None,
        }
    }

    /// Counts one call. `envelope` is that of the beginning of `day`.
    fn count(
        &mut self,
        sdk: Sdk,
        event: &Described,
        (layout, envelope): (&Layout, &Envelope),
        digest: telemetry_spool::Digest,
        payload: &[u8],
        (day, folder): (u32, &mut StateFolder),
    ) -> Result<(), Outcome> {
        let info = sdk.info;
        self.keep_to(sdk, folder.level());
        let mut before = envelope.before().to_vec();
        let mut pseudonyms = |field: &str, input: &[u8; 32]| folder.pseudonym(info, (&event.key(), day), field, input);
        let redacted = layout.push(&mut before, payload, &mut pseudonyms).ok_or(Outcome::Corrupt)?;
        // What one call is.
        if !before.ends_with(format!("\"{COUNT}\":1}}").as_bytes()) {
            return Err(Outcome::Corrupt);
        }
        let id = envelope.cut(&mut before, envelope.before().len()).ok_or(Outcome::Corrupt)?;
        if before.len() + 128 + envelope.after().len() > EVENT_BYTES {
            return Err(Outcome::Oversize);
        }
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).map_err(|_| Outcome::Corrupt);
        let hex = |digest: telemetry_spool::Digest| format!("{:032x}", u128::from_be_bytes(digest));
        let counted = Counted {
            day,
            host: folder.host().to_owned(),
            destination: hex(folder.destination()),
            digest: hex(digest),
            kind: info.wire.format().code,
            before: text(&before)?,
            after: text(envelope.after())?,
        };
        if !day_counts::add(&mut self.unwritten, &counted, &Sum { count: 1, id: text(&id)? }) {
            return Err(Outcome::QueueFull);
        }
        sdk.state.ledger.redact(redacted.len() as u64);
        Ok(())
    }

    /// The user lets be recorded up to `level`. Where that is less than before, what was counted ends like what is spooled: nobody can
    /// tell any more which of it they still let go.
    pub(super) fn keep_to(&mut self, sdk: Sdk, level: Level) {
        if self.level.replace(level).is_some_and(|before| level < before) {
            self.opt_out(sdk);
        }
    }

    /// The user has said no: `memory.json` is emptied by whoever stores that.
    pub(super) fn opt_out(&mut self, sdk: Sdk) {
        self.end(sdk, Outcome::OptedOut);
        self.written.clear();
    }

    /// Ends what was not written.
    fn end(&mut self, sdk: Sdk, outcome: Outcome) {
        if let Some(counting) = needed() {
            (counting.end)(self, sdk, outcome);
        }
    }

    fn end_unwritten(&mut self, sdk: Sdk, outcome: Outcome) {
        let lost = mem::take(&mut self.unwritten);
        sdk.state.ledger.count(outcome, lost.values().map(|row| row.count).sum());
    }
}

impl SdkWriter {
    /// Writes down what was counted, if it is time or at once, and appends the events of days that are over. Answers when to look
    /// again.
    pub(crate) fn settle_counts(&mut self, sdk: Sdk, at_once: bool) -> Option<Instant> {
        let next = needed().and_then(|counting| (counting.settle)(self, sdk, at_once));
        if let Files::Open(folder) = &mut self.files
            && folder.has_appended()
        {
            self.unoffered_since.get_or_insert_with(clock::instant);
        }
        next
    }

    fn write_and_append_counts(&mut self, sdk: Sdk, at_once: bool) -> Option<Instant> {
        let next = self.write_counts(sdk, at_once);
        if let Files::Open(folder) = &mut self.files {
            folder.append_due_counts(sdk, &mut self.counters);
        }
        next
    }

    fn write_counts(&mut self, sdk: Sdk, at_once: bool) -> Option<Instant> {
        if self.counters.unwritten.is_empty() {
            return None;
        }
        let due = self.counters.saved.map(|at| at + MEMORY_SAVE);
        if let Some(due) = due.filter(|due| !at_once && clock::instant() < *due) {
            return Some(due);
        }
        self.read_state_folder(sdk);
        let Files::Open(folder) = &mut self.files else {
            let outcome = self.why_off(sdk);
            self.counters.end(sdk, outcome);
            return None;
        };
        self.counters.keep_to(sdk, folder.level());
        match folder.write_counts(sdk, &mut self.counters) {
            Ok(true) => None,
            // Decided otherwise meanwhile: the folder is read again, and says whether what was counted may still be.
            Ok(false) => {
                if folder.is_removed() {
                    self.end(sdk);
                } else {
                    self.forget_files(sdk);
                    sdk.state.change_mode(Mode::On, Mode::Pending);
                }
                self.write_counts(sdk, at_once)
            }
            // Another process has its turn.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                let now = *self.counters.saved.insert(clock::instant());
                Some(now + MEMORY_SAVE)
            }
            Err(_) => {
                self.counters.end(sdk, Outcome::Disk);
                None
            }
        }
    }

    /// The host's veto: what this process has counted is taken back.
    pub(super) fn discard_counts(&mut self, sdk: Sdk) {
        if let Some(counting) = needed() {
            (counting.discard)(self, sdk);
        }
    }

    fn take_back_counts(&mut self, sdk: Sdk) {
        self.counters.end(sdk, Outcome::Vetoed);
        let written = mem::take(&mut self.counters.written);
        let Some(dir) = self.counters.dir.take() else { return };
        if !written.is_empty() {
            let take_back = |mut there: Memory| {
                written.iter().for_each(|(row, count)| day_counts::take_back(&mut there.counts, row, *count));
                there
            };
            let _ = (0..memory_file::TRIES).any(|_| memory_file::update(&dir, take_back).is_ok());
        }
    }
}

impl StateFolder {
    /// Adds what was counted to `memory.json`; `false` if the user or a policy has decided otherwise: then nothing is written.
    fn write_counts(&mut self, sdk: Sdk, counters: &mut Counters) -> io::Result<bool> {
        let dir = Arc::clone(self.dir());
        let (mut agreed, mut full) = (true, 0);
        let today = clock::today();
        let updated = memory_file::update(&dir, |mut there| {
            // In turn: `off` is stored before the counts are removed, so what comes after the removal sees it.
            agreed = !self.has_decided_otherwise(sdk);
            if agreed {
                day_counts::forget_old(&mut there.counts, today);
                full = day_counts::add_all(&mut there.counts, &mut counters.unwritten);
            }
            self.set_counts(there.counts.clone());
            there
        });
        sdk.state.ledger.count(Outcome::QueueFull, full);
        updated?;
        if agreed {
            counters.saved = Some(clock::instant());
            counters.written.retain(|counted, _| counted.day == today);
            let mut all = 0;
            for (counted, more) in mem::take(&mut counters.unwritten) {
                all += more.count;
                let before = counters.written.get(&counted).copied().unwrap_or_default();
                counters.written.insert(counted, before + more.count);
            }
            counters.dir = Some(dir);
            sdk.state.ledger.count(Outcome::Counted, all);
        }
        Ok(agreed)
    }

    /// Appends the events of days that are over, once, and removes their rows.
    fn append_due_counts(&mut self, sdk: Sdk, counters: &mut Counters) {
        if self.counts().is_empty() {
            return;
        }
        let (host, destination) = (self.host().to_owned(), format!("{:032x}", u128::from_be_bytes(self.destination())));
        let is_due =
            |counted: &Counted| counted.host == host && counted.destination == destination && is_over(counted.day);
        let today = clock::today();
        if counters.failed == Some(today) || !self.counts().keys().any(&is_due) {
            return;
        }
        let dir = Arc::clone(self.dir());
        let Some(_turn) = memory_file::turn_if_any(&dir) else { return };
        let mut there = memory_file::load(&dir);
        let due: Vec<_> = there.counts.iter().filter(|(counted, _)| is_due(counted)).collect();
        let mut frames = FrameBuffer::new();
        for (counted, count) in due {
            let Some((digest, destination)) = counted.digests() else { continue };
            let event = counted.event(count);
            let frame = Frame { day: counted.day, digest, destination, kind: counted.kind, body: event.as_bytes() };
            let _ = frames.add(&frame, |_| Ok::<_, Outcome>(()));
        }
        if !frames.is_empty() {
            // They are events as any other: offered and accepted now.
            let events = frames.len() as u64;
            (0..events).for_each(|_| sdk.state.ledger.take());
            if let Err(outcome) = self.append_frames(sdk, &mut frames) {
                sdk.state.ledger.count(outcome, events);
                counters.failed = Some(today);
                return;
            }
        }
        there.counts.retain(|counted, _| !is_due(counted));
        if memory_file::store(&dir, &there).is_err() {
            // They have their ids: a server takes each once.
            counters.failed = Some(today);
        }
        self.set_counts(there.counts);
    }
}

/// Whether a day is over, also where a clock was ahead.
fn is_over(day: u32) -> bool {
    let end = (u64::from(day) + 1) * 24 * 60 * 60 * 1_000;
    day > clock::today() || clock::now_ms() >= end + COUNT_GRACE.as_millis() as u64
}
