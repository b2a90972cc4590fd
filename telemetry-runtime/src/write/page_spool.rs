//! The events of one page load, as one key of `localStorage`.
//!
//! Each load has a key of its own with a random name and is the only one that writes it, so no two pages ever write to the same one. A page that goes away
//! says that it leaves its key; the next page that opens the state of this SDK takes over what was left, in turn with other pages. A page
//! that comes back from the back-forward cache begins another key. A page that dies says nothing, and its key is taken over after a day.
//! Pages are processes of their own, each of which sees what another one has stored a moment later. So a page says first, in a key that all share,
//! that it takes over, and does so a second later if no other has said so since.
//! A page that lives and finds its key gone ends what was in it: somebody has taken that over, or wants it to be gone.
//!
//! A batch is written down with its key before it is sent. Whoever sends it again sends the same events under the same key.

pub(crate) mod contents;

use telemetry_schema::{Carries, Wire, cut};
use telemetry_spool::Digest;

use self::contents::Contents;
use crate::{
    base::{
        clock,
        limits::{PAGE_ABANDONED_HOURS, PAGE_BATCH_BYTES, PAGE_SPOOL_BYTES, PAGE_SPOOL_SHARE, batch_events, kept_days},
        needs, page,
        uuid::uuid7_hour,
    },
    count::ledger::{Ledger, Outcome},
    write::{files::state_dir::SdkDir, frame_buffer::FrameBuffer},
};

/// What the names of all such keys begin with.
const FOLDER: &str = "events/";

/// The key that names the page that takes over what others have left.
const ADOPTER: &str = "adopter";

/// What one request carries.
#[derive(Debug, Clone)]
pub(crate) struct Outgoing {
    pub(crate) key: String,
    /// Of its last event; where the request tells it, of all.
    pub(crate) day: u32,
    pub(crate) bodies: Vec<String>,
}

impl Outgoing {
    fn of(contents: &Contents, key: &str) -> Self {
        let mut outgoing = Self { key: key.to_owned(), day: 0, bodies: Vec::new() };
        for event in contents.events.iter().filter(|event| event.batch == key) {
            outgoing.day = event.day;
            outgoing.bodies.push(event.body.clone());
        }
        outgoing
    }
}

/// See the module.
#[derive(Debug)]
pub(crate) struct PageSpool {
    name: String,
    contents: Contents,
    /// The key was written, and not removed here since.
    written: bool,
    /// The key says what is here: the browser has refused nothing since.
    saved: bool,
}

impl PageSpool {
    /// An empty one, of which nothing is written. `None` where there are no random numbers: two pages would share a key.
    pub(crate) fn new() -> Option<Self> {
        let name = cut::joined(&[FOLDER, &uuid7_hour(clock::now_hours().into())?]);
        Some(Self { name, contents: Contents::default(), written: false, saved: true })
    }

    /// Adds frames, all of them or none. The oldest events make room.
    pub(crate) fn append(&mut self, dir: &SdkDir, frames: &mut FrameBuffer, ledger: &Ledger) -> Result<(), Outcome> {
        self.end_if_gone(dir, ledger);
        let before = self.contents.events.len();
        self.contents.events.append(&mut frames.take());
        let added = self.contents.events.len() - before;
        let free = self.contents.events.iter().filter(|event| event.is_free()).count();
        let evicted = self.make_room(dir);
        if self.save(dir).is_err() {
            // The caller counts what is new; what was evicted before that stays so. The new ones are the last that are in no batch.
            let new = added.min(free - evicted);
            self.contents.events.truncate(self.contents.events.len() - new);
            ledger.count_spooled(Outcome::Evicted, (evicted + new - added) as u64);
            return Err(Outcome::Disk);
        }
        ledger.spooled(frames.len() as u64);
        ledger.count_spooled(Outcome::Evicted, evicted as u64);
        Ok(())
    }

    /// Removes the oldest events here until all pages have room; answers with how many those were. A page with few does not look what others have.
    fn make_room(&mut self, dir: &SdkDir) -> usize {
        if self.contents.bytes() <= PAGE_SPOOL_SHARE {
            return 0;
        }
        let size = |name: &String| dir.read(name).ok().flatten().map_or(0, |text| text.len());
        let others: usize = self.others(dir).iter().map(size).sum();
        self.contents.evict(PAGE_SPOOL_BYTES.saturating_sub(others).max(PAGE_SPOOL_SHARE))
    }

    /// The names of the keys of other pages.
    fn others(&self, dir: &SdkDir) -> Vec<String> {
        let mut names = dir.names(FOLDER);
        names.retain(|name| *name != self.name);
        names
    }

    /// Whether there is anything to send.
    pub(crate) fn is_empty(&self) -> bool {
        self.contents.events.is_empty()
    }

    /// What the next request carries: the batch that was tried longest ago, or a new one of what waits.
    pub(crate) fn next(
        &mut self,
        dir: &SdkDir,
        wire: Wire,
        destination: &Digest,
        agrees: &dyn Fn(&Digest) -> bool,
        ledger: &Ledger,
    ) -> Option<Outgoing> {
        self.end_if_gone(dir, ledger);
        self.end_tried(wire, ledger);
        self.clean(dir, wire, destination, agrees, ledger);
        if self.contents.batches().is_empty() {
            self.plan_one(wire, agrees)?;
        }
        // Sent under a key that nobody could find again, its repeat would be a second event.
        if !self.saved {
            self.save(dir).ok()?;
        }
        self.contents.batches().first().map(|key| Outgoing::of(&self.contents, key))
    }

    /// Makes a batch of what waits; `None` if there is nothing.
    fn plan_one(&mut self, wire: Wire, agrees: &dyn Fn(&Digest) -> bool) -> Option<()> {
        let key = uuid7_hour(clock::now_hours().into())?;
        let planned = self.contents.plan(&key, batch_events(wire), PAGE_BATCH_BYTES, !wire.has_ids(), agrees);
        self.saved &= !planned;
        planned.then_some(())
    }

    /// What the next requests carry, at most so many: they are planned as they will be sent.
    pub(crate) fn plan(
        &mut self,
        dir: &SdkDir,
        wire: Wire,
        destination: &Digest,
        agrees: &dyn Fn(&Digest) -> bool,
        ledger: &Ledger,
        most: usize,
    ) -> Vec<Outgoing> {
        self.end_if_gone(dir, ledger);
        self.clean(dir, wire, destination, agrees, ledger);
        while self.contents.batches().len() < most && self.plan_one(wire, agrees).is_some() {}
        let _ = self.save(dir);
        self.contents.batches().iter().take(most).map(|key| Outgoing::of(&self.contents, key)).collect()
    }

    /// The server has decided about a batch, of which it did not take `rejected` events.
    pub(crate) fn finish(&mut self, dir: &SdkDir, key: &str, outcome: Outcome, rejected: u64, ledger: &Ledger) {
        self.end_if_gone(dir, ledger);
        let events = self.contents.take_batch(key).len() as u64;
        if events == 0 {
            return;
        }
        let rejected = rejected.min(events);
        ledger.count_spooled(Outcome::Rejected, rejected);
        ledger.count_spooled(outcome, events - rejected);
        let _ = self.save(dir);
    }

    /// Notes that a batch is about to be sent; it comes again behind the others. `false` where it may not be sent: it has no key by which a server would
    /// know its repeat, and a later page would find it as one that nobody has sent.
    pub(crate) fn begin_attempt(&mut self, dir: &SdkDir, key: &str, wire: Wire) -> bool {
        let mut events = self.contents.take_batch(key);
        if events.is_empty() {
            return false;
        }
        self.contents.events.append(&mut events);
        let was_attempted = self.contents.mark(key, true);
        let may_be_sent = self.save(dir).is_ok() || !is_sent_once(wire);
        if !may_be_sent {
            self.contents.mark(key, was_attempted);
        }
        may_be_sent
    }

    /// A batch was too large: two come in its place.
    pub(crate) fn halve(&mut self, dir: &SdkDir, key: &str, ledger: &Ledger) {
        self.end_if_gone(dir, ledger);
        self.contents.halve(key);
        let _ = self.save(dir);
    }

    /// The page goes away: what is here is for the next one. Answers with how many events those are.
    pub(crate) fn leave(&mut self, dir: &SdkDir, wire: Wire, ledger: &Ledger) -> u64 {
        self.end_if_gone(dir, ledger);
        self.end_tried(wire, ledger);
        let events = self.contents.events.len() as u64;
        self.contents.left = true;
        let _ = self.save(dir);
        events
    }

    /// Says that this page takes over what others have left, if there is anything of others; the caller has the turn.
    pub(crate) fn claim(&self, dir: &SdkDir) -> bool {
        !self.others(dir).is_empty() && dir.put(ADOPTER, &self.name).is_ok()
    }

    /// Takes over what other pages have left, unless another page has said since that it does.
    pub(crate) fn adopt(&mut self, dir: &SdkDir, wire: Wire, ledger: &Ledger) {
        if !matches!(dir.read(ADOPTER), Ok(Some(adopter)) if adopter == self.name) {
            return;
        }
        let _ = dir.remove(ADOPTER);
        self.end_if_gone(dir, ledger);
        for name in self.others(dir) {
            let Ok(Some(text)) = dir.read(&name) else { continue };
            let Some(mut contents) = Contents::parse(&text, page::is_object_of) else {
                // A later version looks after it.
                continue;
            };
            // One that is far ahead is of a clock that was wrong.
            let age = clock::now_hours().abs_diff(contents.hour);
            if !contents.left && age < PAGE_ABANDONED_HOURS {
                continue;
            }
            let unread = contents.unread;
            let events = contents.events.len() as u64 + unread;
            let unknown = if is_sent_once(wire) { contents.end_tried() } else { 0 };
            let taken = self.contents.take_over(contents);
            // Written here before it is removed there: a page that dies in between sends it again under the same keys.
            if self.save(dir).is_err() {
                self.contents.give_back(taken);
                return;
            }
            let _ = dir.remove(&name);
            ledger.recover(events);
            ledger.count_spooled(Outcome::Unknown, unknown);
            ledger.count_spooled(Outcome::Corrupt, unread);
        }
    }

    /// Ends everything here.
    pub(crate) fn discard(&mut self, dir: &SdkDir, outcome: Outcome, ledger: &Ledger) {
        ledger.count_spooled(outcome, self.contents.events.len() as u64);
        self.contents = Contents::default();
        let _ = self.save(dir);
    }

    /// Ends what is here if its key is gone: another page has taken it over, or somebody has removed it. Written again it would come back.
    fn end_if_gone(&mut self, dir: &SdkDir, ledger: &Ledger) {
        if self.written && matches!(dir.read(&self.name), Ok(None)) {
            ledger.end_elsewhere(self.contents.events.len() as u64);
            self.contents = Contents::default();
            (self.written, self.saved) = (false, true);
        }
    }

    /// Ends what was sent and has no key by which a server would know its repeat.
    fn end_tried(&mut self, wire: Wire, ledger: &Ledger) {
        if is_sent_once(wire) {
            ledger.count_spooled(Outcome::Unknown, self.contents.end_tried());
        }
    }

    /// Ends what is too old, goes elsewhere, or is not agreed to any more.
    fn clean(
        &mut self,
        dir: &SdkDir,
        wire: Wire,
        destination: &Digest,
        agrees: &dyn Fn(&Digest) -> bool,
        ledger: &Ledger,
    ) {
        let oldest = clock::today().saturating_sub(kept_days(wire));
        let (expired, elsewhere) = self.contents.clean(oldest, destination, wire.format().code, agrees);
        if expired + elsewhere > 0 {
            ledger.count_spooled(Outcome::Expired, expired);
            ledger.count_spooled(Outcome::OtherDestination, elsewhere);
            let _ = self.save(dir);
        }
    }

    fn save(&mut self, dir: &SdkDir) -> std::io::Result<()> {
        self.saved = false;
        if self.contents.events.is_empty() {
            if self.written {
                dir.remove(&self.name)?;
                self.written = false;
            }
        } else {
            self.contents.hour = clock::now_hours();
            dir.put(&self.name, &self.contents.render())?;
            self.written = true;
        }
        self.saved = true;
        Ok(())
    }
}

/// What is one address has no key, and is sent once, whatever comes of it.
pub(crate) fn is_sent_once(wire: Wire) -> bool {
    needs::addresses() && wire.carries() == Carries::Address
}

/// Whether a key has events of a page, or names one of them.
pub(crate) fn is_of_pages(name: &str) -> bool {
    name.starts_with(FOLDER) || name == ADOPTER
}
