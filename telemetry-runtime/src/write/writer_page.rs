//! One SDK's way to `localStorage`; the same names as in `writer.rs`. A page has one thread, so nobody waits for a writer.

#[path = "writer/active.rs"]
pub(crate) mod active;
#[path = "writer/admission.rs"]
mod admission;
#[path = "writer/append.rs"]
mod append;
#[path = "writer/counters.rs"]
pub(crate) mod counters;
#[path = "writer/page/folder.rs"]
mod folder;
#[path = "writer/health.rs"]
pub(crate) mod health;
#[path = "writer/permit.rs"]
mod permit;
#[path = "writer/secret.rs"]
pub(crate) mod secret;
#[path = "writer/page/table.rs"]
mod table;
#[path = "writer/why_off.rs"]
mod why_off;

use std::sync::Arc;

use telemetry_schema::Level;

use self::{append::Prepared, counters::Counters, folder::Files};
pub(crate) use self::{
    append::Unwritten,
    folder::{Agreed, Outgoing, StoredView, breaker_entry, counted},
    table::{of, within},
};
use crate::{
    base::{
        clock::{self, Instant},
        limits::{BATCH_LINGER, PAGE_SEES},
    },
    count::{LedgerCounts, ledger::Outcome},
    decide::{
        consent::{Consent, ConsentError},
        settings,
    },
    declare::sdk::{Mode, Sdk},
    record::mode,
    write::{
        files::{ledger_file, state_dir::SdkDir},
        page_spool::{self, PageSpool},
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
    /// An event was recorded in this page already; for formats that carry one per run.
    recorded_in_run: bool,
    /// What is told when the day is over.
    counters: Counters,
    /// What this page has added to the ledger of all pages.
    counted: Option<LedgerCounts>,
    /// The state was opened, and nobody has looked yet what other pages have left.
    to_adopt: bool,
    /// When this page has said last that it takes that over, and has not done so.
    claimed: Option<Instant>,
}

impl SdkWriter {
    pub(crate) const fn new() -> Self {
        Self {
            files: Files::Unread,
            prepared: Vec::new(),
            unoffered_since: None,
            recorded_in_run: false,
            counters: Counters::new(),
            counted: None,
            to_adopt: false,
            claimed: None,
        }
    }

    /// Reads the state and decides by it, unless that has happened already.
    pub(crate) fn read_state_folder(&mut self, sdk: Sdk) {
        // It said no, and a setting has changed since: the gate waits for its word again.
        let asked_again = sdk.state.resting_mode() == Mode::Pending;
        if asked_again || matches!(self.files, Files::Unread) {
            self.forget_files(sdk);
            let (files, mode) = folder::read_and_decide(sdk);
            self.to_adopt = matches!(files, Files::Open(_));
            self.files = files;
            sdk.state.change_mode(Mode::Pending, mode);
        }
    }

    /// Whether events may still be written, after a look at what other pages have decided.
    pub(crate) fn is_still_open(&mut self, sdk: Sdk) -> bool {
        if self.reload_consent(sdk) {
            self.read_state_folder(sdk);
        }
        matches!(self.files, Files::Open(_))
    }

    /// Forgets what was read when another page has stored a decision since; says whether one has.
    pub(crate) fn reload_consent(&mut self, sdk: Sdk) -> bool {
        let Files::Open(folder) = &mut self.files else { return false };
        let changed = folder.consent_changed(sdk);
        if changed {
            self.forget_files(sdk);
            sdk.state.change_mode(Mode::On, Mode::Pending);
        }
        changed
    }

    /// Reads the state again while the SDK is in `mode`: the host has told its user meanwhile.
    pub(crate) fn read_again(&mut self, sdk: Sdk, mode: Mode) {
        self.forget_files(sdk);
        sdk.state.change_mode(mode, Mode::Pending);
        self.read_state_folder(sdk);
    }

    /// Nothing more is recorded in this page.
    pub(crate) fn end(&mut self, sdk: Sdk) {
        self.forget_files(sdk);
        self.files = Files::Closed(Outcome::OptedOut);
        sdk.state.set_mode(Mode::Off);
    }

    /// Whether what was appended is to be sent now; else when.
    pub(crate) fn offer_due(&mut self, at_once: bool) -> Result<bool, Instant> {
        let Some(since) = self.unoffered_since else { return Ok(at_once && self.has_outgoing()) };
        if !at_once && clock::instant() < since + BATCH_LINGER {
            return Err(since + BATCH_LINGER);
        }
        self.unoffered_since = None;
        Ok(self.has_outgoing())
    }

    /// Nothing stays in the queue of a page, which may be gone at any moment: what is full loses its oldest events.
    #[expect(clippy::unused_self, reason = "the same as in `writer.rs`")]
    pub(crate) fn waits_for_room(&mut self, _sdk: Sdk) -> bool {
        false
    }

    /// Whether something waits that may be sent.
    pub(crate) fn has_outgoing(&self) -> bool {
        matches!(&self.files, Files::Open(folder) if folder.may_send() && !folder.spool.is_empty())
    }

    /// What the sender needs, if the gate permits it.
    pub(crate) fn outgoing(&mut self, sdk: Sdk) -> Option<Outgoing> {
        self.is_still_open(sdk);
        let Files::Open(folder) = &mut self.files else { return None };
        folder.outgoing(sdk)
    }

    /// What the next request carries.
    pub(crate) fn next_batch(&mut self, sdk: Sdk, agreed: &Agreed) -> Option<page_spool::Outgoing> {
        let Files::Open(folder) = &mut self.files else { return None };
        let (dir, destination) = (Arc::clone(folder.dir()), folder.destination());
        let agrees = |digest: &_| agreed.contains(digest);
        folder.spool.next(&dir, sdk.info.wire, &destination, &agrees, &sdk.state.ledger)
    }

    /// Changes what waits, where it is open still: a page may have left it meanwhile.
    pub(crate) fn spool<T>(&mut self, change: impl FnOnce(&mut PageSpool, &SdkDir) -> T) -> Option<T> {
        let Files::Open(folder) = &mut self.files else { return None };
        let dir = Arc::clone(folder.dir());
        Some(change(&mut folder.spool, &dir))
    }

    /// Whether somebody has to look what other pages have left; asked once for each opening.
    pub(crate) fn take_to_adopt(&mut self) -> bool {
        std::mem::take(&mut self.to_adopt)
    }

    /// Whether this page will take over what other pages have left.
    pub(crate) fn claim(&mut self, sdk: Sdk) -> bool {
        self.is_still_open(sdk);
        let claims = matches!(&self.files, Files::Open(folder) if folder.claim());
        self.claimed = claims.then(clock::instant);
        claims
    }

    /// Takes it over, if its time has come and no other page has said since that it does. The timer may be of another SDK, or of what this page had
    /// said before it opened the state again.
    pub(crate) fn adopt(&mut self, sdk: Sdk) {
        self.is_still_open(sdk);
        let is_due = self.claimed.take_if(|at| *at + PAGE_SEES <= clock::instant()).is_some();
        if let (Files::Open(folder), true) = (&mut self.files, is_due) {
            folder.adopt(sdk);
        }
    }

    /// The page goes away.
    pub(crate) fn leave(&mut self, sdk: Sdk) {
        self.is_still_open(sdk);
        self.settle_counts(sdk, true);
        if let Files::Open(folder) = &mut self.files {
            folder.save_memory();
            folder.leave(sdk);
            // Perhaps it comes back.
            self.to_adopt = true;
        }
        self.save_ledger(sdk);
    }

    /// Writes the memory down if it changed.
    pub(crate) fn save_memory(&mut self) {
        if let Files::Open(folder) = &mut self.files {
            folder.save_memory();
        }
    }

    /// Writes down what was counted, if it changed and somebody is to be told of it.
    pub(crate) fn save_ledger(&mut self, sdk: Sdk) {
        if let (Files::Open(folder), Some(keep)) = (&self.files, ledger_file::needed()) {
            keep(folder.dir(), &sdk.state.ledger, &mut self.counted);
        }
    }

    /// A new UTC day: a new sample roll.
    pub(crate) fn begin_day(&mut self, sdk: Sdk, today: u32) {
        if let Files::Open(folder) = &mut self.files {
            folder.roll_for(sdk, today);
        }
    }

    /// The server answered 410: nothing more from this version.
    pub(crate) fn mark_gone(&mut self, sdk: Sdk) {
        if let Files::Open(folder) = &mut self.files {
            folder.mark_gone(sdk);
        }
        self.files = Files::Closed(Outcome::GateClosed);
        sdk.state.change_mode(Mode::On, Mode::Off);
    }

    /// Forgets what was read; the next event reads it again. What waits is left to whoever opens the state next.
    pub(crate) fn forget_files(&mut self, sdk: Sdk) {
        sdk.state.may_send.store(false, std::sync::atomic::Ordering::SeqCst);
        if let Files::Open(folder) = &mut self.files {
            folder.leave(sdk);
        }
        self.prepared.iter_mut().flatten().for_each(|prepared| prepared.forget_envelope());
        self.files = Files::Unread;
        self.unoffered_since = None;
    }

    /// Nobody removes what a page keeps but by a decision.
    #[expect(clippy::unused_self, reason = "the same as in `writer.rs`")]
    pub(crate) fn leave_removed_folder(&mut self, _sdk: Sdk) -> bool {
        false
    }

    /// What the next requests carry, at most so many. They stay planned as they are.
    pub(crate) fn planned(&mut self, sdk: Sdk, most: usize) -> Vec<page_spool::Outgoing> {
        self.is_still_open(sdk);
        let Files::Open(folder) = &mut self.files else { return Vec::new() };
        let (dir, destination, agreed) = (Arc::clone(folder.dir()), folder.destination(), folder.agreed());
        let agrees = |digest: &_| agreed.contains(digest);
        folder.spool.plan(&dir, sdk.info.wire, &destination, &agrees, &sdk.state.ledger, most)
    }

    /// Deletes what this page holds. Where nothing was ever opened, nothing is touched.
    pub(crate) fn discard(&mut self, sdk: Sdk) {
        self.discard_counts(sdk);
        if let Files::Open(folder) = &mut self.files {
            folder.discard(sdk, Outcome::Vetoed);
        }
        self.forget_files(sdk);
    }

    /// What the state says, for `status`; writes nothing.
    pub(crate) fn stored_view(writer: Option<&Self>, sdk: Sdk) -> StoredView {
        folder::view(sdk, writer.map_or(&Files::Unread, |writer| &writer.files))
    }

    /// Stores a decision of the user, with everything that follows from it.
    pub(crate) fn store_consent(
        &mut self,
        sdk: Sdk,
        consent: Consent,
        level: Option<Level>,
    ) -> Result<(), ConsentError> {
        if consent == Consent::Off {
            self.counters.opt_out(sdk);
            if let Files::Open(folder) = &mut self.files {
                folder.discard(sdk, Outcome::OptedOut);
            }
        }
        self.forget_files(sdk);
        let stored = folder::store_consent(sdk, consent, level);
        let refused = stored.is_err();
        drop(settings::change(sdk, |settings| settings.refused = refused));
        sdk.state.set_mode(Mode::Undecided);
        mode::decide(sdk);
        stored
    }
}
