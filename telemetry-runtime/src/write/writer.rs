//! One SDK's way to the disk: reads its state folder, asks the layers of the gate that need files, and appends.
//!
//! The worker appends for everybody; a thread that records a command appends for itself, because a short program may end
//! before any worker wakes. Both hold the SDK's writer meanwhile. No lock of a writer is ever taken on the path of an
//! ordinary event.

mod active;
mod admission;
mod all;
mod append;
mod asking;
mod counters;
mod folder;
mod health;
mod installation;
mod ledger_writer;
mod permit;
mod saves;
mod secret;
mod show;
mod table;
mod why_off;

use std::{
    fs::File,
    sync::{Arc, Mutex},
    time::Instant,
};

use telemetry_schema::{Exit, Level};

pub(crate) use self::all::{
    begin_day, free_configurations, offer_due, renew_configurations, rest, save_all, save_ledger, save_ledgers,
    save_ledgers_at_exit, write_counts,
};
pub(crate) use self::asking::ask_again;
pub(crate) use self::folder::{Agreed, Outgoing, StoredView, counted, destination, waiting};
pub(crate) use self::folder::{breaker_entry, renew_readme};
pub(crate) use self::show::is_watched;
use self::{append::Prepared, asking::Asking, counters::Counters, folder::Files};
pub(crate) use self::{
    append::Unwritten,
    permit::SendPermit,
    saves::Due,
    table::{of, within},
};
use crate::{
    base::{
        clock,
        limits::{BATCH_LINGER, MEMORY_SAVE, ROOM_WAIT, batch_events},
        process::{self, Tracked},
    },
    count::ledger::Outcome,
    decide::{
        consent::{Consent, ConsentError},
        settings,
    },
    declare::{
        registry::all_sdks,
        sdk::{Mode, Sdk},
    },
    record::mode,
    write::{
        files::{lock_file, state_dir::SdkDir},
        outbox,
    },
};

/// What one SDK holds between the queue and the sender.
#[derive(Debug)]
pub(crate) struct SdkWriter {
    files: Files,
    /// What is known of each event, by its slot in the table of events.
    prepared: Vec<Option<Box<Prepared>>>,
    /// When the oldest event was appended that the sender was not told of.
    unoffered_since: Option<Instant>,
    /// An event was recorded in this run already; for formats that carry one per run.
    recorded_in_run: bool,
    /// When the sender was told of events in this run, the last time.
    offered: Option<Instant>,
    /// The ledger on disk; whoever writes it does not keep the writer.
    ledger_writer: Option<Arc<Mutex<ledger_writer::LedgerWriter>>>,
    /// A notice that could not be shown.
    asking: Option<Asking>,
    /// What is counted until its day is over.
    counters: Counters,
    /// How many events had been sent when the spool was found full, and since when that is so.
    full_since: Option<(u64, Instant)>,
}

impl SdkWriter {
    pub(crate) const fn new() -> Self {
        Self {
            files: Files::Unread,
            prepared: Vec::new(),
            unoffered_since: None,
            recorded_in_run: false,
            offered: None,
            ledger_writer: None,
            asking: None,
            counters: Counters::new(),
            full_since: None,
        }
    }

    /// Reads the state folder and decides by it, unless that has happened already.
    pub(crate) fn read_state_folder(&mut self, sdk: Sdk) {
        // It said no, and a setting has changed since: the gate waits for its word again.
        let asked_again = sdk.state.resting_mode() == Mode::Pending;
        if asked_again || matches!(self.files, Files::Unread) {
            self.forget_files(sdk);
            let (files, mode, not_shown) = folder::read_and_decide(sdk);
            self.asking = if not_shown { Asking::after(self.asking.take(), sdk) } else { None };
            if matches!(&files, Files::Open(folder) if folder.has_outgoing()) {
                outbox::put(sdk); // The backlog of earlier runs goes first, without linger.
            }
            self.files = files;
            if let Files::Open(folder) = &self.files {
                let dir = Arc::clone(folder.dir());
                let destination = folder.destination();
                saves::lock(&self.ledger_writer()).open(sdk, &dir, destination);
            }
            sdk.state.change_mode(Mode::Pending, mode);
        }
    }

    /// The ledger on disk.
    fn ledger_writer(&mut self) -> Arc<Mutex<ledger_writer::LedgerWriter>> {
        Arc::clone(self.ledger_writer.get_or_insert_with(|| Arc::new(Mutex::new(ledger_writer::LedgerWriter::new()))))
    }

    /// Whether no event of this SDK can end at this moment, as long as the writer is held.
    fn may_settle(&self) -> bool {
        matches!(&self.files, Files::Open(folder) if !folder.is_sending())
    }

    /// Writes the ledger down while the writer is held: where nothing may end meanwhile, or nothing comes after it.
    fn save_ledger(&mut self, sdk: Sdk, at_once: bool, settles: bool) -> Option<Instant> {
        // After `off` in another process nothing is written any more.
        if !matches!(self.files, Files::Open(_)) || self.reload_consent(sdk) {
            return None;
        }
        let Files::Open(folder) = &self.files else { return None };
        let (dir, settles) = (Arc::clone(folder.dir()), settles && !folder.is_sending());
        saves::lock(&self.ledger_writer()).save(sdk, &dir, at_once, settles)
    }

    /// Forgets what was read when another process has stored a decision since; says whether one has.
    pub(crate) fn reload_consent(&mut self, sdk: Sdk) -> bool {
        let Files::Open(folder) = &mut self.files else { return false };
        let changed = folder.consent_changed(sdk);
        if changed {
            if folder.is_removed() {
                self.end(sdk);
            } else {
                self.forget_files(sdk);
                sdk.state.change_mode(Mode::On, Mode::Pending);
            }
        }
        changed
    }

    /// The user has removed the folder: neither the notice nor the folder comes back in this run.
    pub(crate) fn end(&mut self, sdk: Sdk) {
        self.counters.opt_out(sdk);
        self.forget_files(sdk);
        self.files = Files::Closed(Outcome::OptedOut);
        sdk.state.set_mode(Mode::Off);
    }

    /// Tells the sender of what was appended if its time has come, or at once; answers when to look again.
    fn offer_due(&mut self, sdk: Sdk, at_once: bool) -> Option<Instant> {
        let since = self.unoffered_since?;
        let Files::Open(folder) = &mut self.files else { return None };
        // A program that will end soon, and may wait a moment then, begins to connect while it still works.
        let at_once = at_once || (self.offered.is_none() && matches!(sdk.info.exit, Exit::Grace(_)));
        let now = clock::instant();
        let due = match batch_events(sdk.info.wire) {
            // A request holds one event: there is no company to wait for. A burst must not make a file of each all the same.
            1 => self.offered.map_or(now, |offered| offered + BATCH_LINGER).min(since + BATCH_LINGER),
            _ => since + BATCH_LINGER,
        };
        if !at_once && now < due {
            return Some(due.min(now + MEMORY_SAVE));
        }
        self.unoffered_since = None;
        self.offered = Some(now);
        if folder.may_send() {
            outbox::put(sdk);
        }
        None
    }

    /// Whether what comes next should stay in the queue: its room in the spool is taken by events that are being sent. Not for
    /// longer than [`ROOM_WAIT`] where none is; then the oldest go.
    pub(crate) fn waits_for_room(&mut self, sdk: Sdk) -> bool {
        let since = self.full_since.filter(|(sent, _)| *sent == sdk.state.ledger.sent()).map(|(_, since)| since);
        if since.is_some_and(|since| clock::since(since) >= ROOM_WAIT) {
            return false;
        }
        let Files::Open(folder) = &mut self.files else { return false };
        if sdk.state.resting_mode() != Mode::On || !folder.may_send() || !folder.is_full() {
            return false;
        }
        // Events of other SDKs stand behind these, and have room of their own.
        let is_another = |other: &Sdk| !std::ptr::eq(other.state, sdk.state);
        if all_sdks().iter().any(|other| is_another(other) && other.state.ledger.in_memory() > 0) {
            return false;
        }
        if since.is_none() {
            let now = clock::instant();
            self.full_since = Some((sdk.state.ledger.sent(), now));
            // Whatever its time is.
            if self.unoffered_since.take().is_some() {
                self.offered = Some(now);
                outbox::put(sdk);
            }
        }
        true
    }

    /// The folder of an SDK that has something to deliver at the end of the program, and may.
    pub(crate) fn deliverable(&mut self, sdk: Sdk) -> Option<Arc<SdkDir>> {
        self.reload_consent(sdk);
        self.read_state_folder(sdk);
        match &self.files {
            Files::Open(folder) if folder.may_deliver(sdk) => Some(Arc::clone(folder.dir())),
            _ => None,
        }
    }

    /// Becomes the one process that delivers after the end of another, for as long as it lives. `None` if there is
    /// one, or nothing to deliver.
    pub(crate) fn deliver_alone(&mut self, sdk: Sdk) -> Option<Tracked<File>> {
        self.read_state_folder(sdk);
        match &self.files {
            Files::Open(folder) if folder.has_events_of_its_own() => {
                lock_file::lock_delivery(folder.dir(), &folder.destination())
            }
            _ => None,
        }
    }

    /// Whether something waits for a sender that was never started.
    pub(crate) fn has_outgoing(&self) -> bool {
        matches!(&self.files, Files::Open(folder) if folder.has_outgoing())
    }

    /// What the sender needs, if the gate permits it.
    pub(crate) fn outgoing(&mut self, sdk: Sdk) -> Option<Outgoing> {
        let lost = matches!(&self.files, Files::Open(folder) if folder.is_lost());
        if lost {
            self.forget_files(sdk);
            sdk.state.change_mode(Mode::On, Mode::Pending);
        }
        if lost || self.reload_consent(sdk) {
            self.read_state_folder(sdk);
        }
        let Files::Open(folder) = &mut self.files else { return None };
        folder.outgoing(sdk)
    }

    /// The server answered 410: nothing more from this version.
    pub(crate) fn mark_gone(&mut self, sdk: Sdk) {
        if let Files::Open(folder) = &mut self.files {
            folder.mark_gone(sdk);
        }
        // The last word of this process: with the folder the ledger is closed as well.
        self.save_ledger(sdk, true, false);
        self.files = Files::Closed(Outcome::GateClosed);
        sdk.state.change_mode(Mode::On, Mode::Off);
    }

    /// Forgets what was read from the state folder; the next event reads it again.
    pub(crate) fn forget_files(&mut self, sdk: Sdk) {
        sdk.state.may_send.store(false, std::sync::atomic::Ordering::SeqCst);
        self.prepared.iter_mut().flatten().for_each(|prepared| prepared.forget_envelope());
        self.files = Files::Unread;
        self.unoffered_since = None;
    }

    /// Lets go of a folder that the user has removed; what this process held in it ends. Answers whether there was one.
    pub(crate) fn leave_removed_folder(&mut self, sdk: Sdk) -> bool {
        match &mut self.files {
            Files::Open(folder) if folder.is_removed() => {
                folder.discard_held(sdk);
                self.counters.opt_out(sdk);
                self.forget_files(sdk);
                true
            }
            _ => false,
        }
    }

    /// Deletes what this process spooled. Where no file was ever opened, nothing is touched.
    pub(crate) fn discard(&mut self, sdk: Sdk) {
        self.discard_counts(sdk);
        if let Files::Open(folder) = &mut self.files {
            folder.discard_own(sdk);
        }
        self.forget_files(sdk);
    }

    /// What the state folder says, for `status`; writes nothing. The writer knows why the folder cannot be written, if it
    /// cannot; where somebody keeps it, a notice on a terminal that nobody reads perhaps, that remains unknown.
    pub(crate) fn stored_view(writer: Option<&Self>, sdk: Sdk) -> StoredView {
        folder::view(sdk, writer.map_or(&Files::Unread, |writer| &writer.files))
    }

    /// After `shutdown`: closes every file; what is in them waits for a later run.
    pub(crate) fn close(&mut self, sdk: Sdk) {
        self.settle_counts(sdk, true);
        if let Files::Open(folder) = &mut self.files {
            folder.save_memory();
        }
        self.save_ledger(sdk, true, false);
        self.ledger_writer = None;
        self.forget_files(sdk);
    }

    /// Stores a decision of the user, with everything that follows from it.
    pub(crate) fn store_consent(
        &mut self,
        sdk: Sdk,
        consent: Consent,
        level: Option<Level>,
    ) -> Result<(), ConsentError> {
        process::enter(); // It opens files and locks them, perhaps before any event.
        self.forget_files(sdk);
        match level {
            _ if consent == Consent::Off => self.counters.opt_out(sdk),
            Some(level) => self.counters.keep_to(sdk, level),
            None => {}
        }
        let stored = folder::store_consent(sdk, consent, level);
        let refused = stored.is_err();
        drop(settings::change(sdk, |settings| settings.refused = refused));
        sdk.state.set_mode(Mode::Undecided);
        mode::decide(sdk);
        stored
    }
}
