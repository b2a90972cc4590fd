//! The half of the spool that sends.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use crate::batch::{Batch, LockedUpload, PlanFile};
use crate::{
    folder::{
        dir::{Dir, append_all},
        private::PrivateFolder,
    },
    format::frame::{Digest, Frame},
    format::{
        frame_reader::{Placed, contents},
        names::{Kind, Name},
        plan::Plan,
        upload::Upload,
    },
    known::{self, Tries},
    limits::{Limits, SPOOL_BYTES, TURN_PAUSE, TURN_TRIES},
    own,
    planner::{self, Made, Planned, Ready, why_not},
    spool_folder::{LockedFile, SpoolFolder, list, read, take, turn, write_new},
    standing::{Plans, Standing},
    tally::{Outcome, Tally},
    upkeep::{
        ended::Ended,
        sweep,
        tidy::{self, tidy},
    },
};

/// Whether it has used its attempts.
fn is_used_up(limits: &Limits, tries: &Tries) -> bool {
    tries.attempts >= limits.attempts && !tries.ended
}

/// Whether it has used its attempts and others go first for a while. Whichever way the clock was set since, not for longer.
fn is_resting(limits: &Limits, tries: &Tries, unix_ms: u64) -> bool {
    is_used_up(limits, tries) && u128::from(unix_ms.abs_diff(tries.taken_ms)) < limits.attempts_renewed.as_millis()
}

/// Gives out batches, one at a time, the oldest first. Any process of the program may take any of them.
#[derive(Debug)]
pub struct Backlog {
    folder: Arc<SpoolFolder>,
    /// Everything that waited is in a plan. What comes later is for the next upload: else one would never end where frames
    /// come as fast as requests.
    all_planned: bool,
    /// See [`Backlog::stop_when`].
    is_over: fn() -> bool,
    /// What was read of the plans that stand.
    plans: Plans,
    /// An upload is under way: files that are over go when it looks for further plans, or ends.
    in_upload: bool,
    untidy: bool,
    /// What is left of the upload that this process has made.
    ready: Option<Sending>,
}

/// An upload that is being sent, and those of its requests that were not tried yet.
#[derive(Debug)]
struct Sending {
    held: Arc<LockedUpload>,
    requests: std::vec::IntoIter<(usize, Planned)>,
    /// The file is on the disk.
    flushed: bool,
    /// What stood in the folder at the last look.
    standing: Option<Arc<Standing>>,
}

impl Sending {
    fn new(file: LockedFile, requests: Vec<Planned>) -> Self {
        let held = Arc::new(LockedUpload { file, left: AtomicUsize::new(requests.len()) });
        let requests = requests.into_iter().enumerate().collect::<Vec<_>>().into_iter();
        Self { held, requests, flushed: false, standing: None }
    }

    /// The plan of the request that is next.
    fn first(&self) -> Option<Arc<Plan>> {
        self.requests.as_slice().first().map(|(_, (_, plan, _))| Arc::clone(plan))
    }
}

/// Writes down that a request has ended; `false` if that cannot be done.
fn end(dir: &Dir, held: &PlanFile) -> bool {
    let rename = |name: &Name| match dir.rename(name.as_str(), &name.done()) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => false,
        Ok(()) | Err(_) => true,
    };
    match held {
        PlanFile::Own(file) => rename(&file.name),
        PlanFile::Upload(upload, number) => {
            let is_last = upload.left.fetch_sub(1, Ordering::Relaxed) == 1;
            is_last && rename(&upload.file.name)
                || append_all(&upload.file.file, Upload::mark(*number).as_bytes()).is_ok()
        }
    }
}

/// What came of a look at a plan.
enum Looked {
    Batch(Box<Batch>),
    /// It cannot be sent as it is: what may be sent of it is free for other plans.
    Dissolved,
    /// Somebody else has it.
    Taken,
}

impl Backlog {
    pub(crate) fn new(folder: Arc<SpoolFolder>) -> Self {
        Self {
            folder,
            all_planned: false,
            is_over: || false,
            plans: Plans::default(),
            in_upload: false,
            untidy: false,
            ready: None,
        }
    }

    /// Tells it when the program has no more time to wait, milliseconds, for another process that makes plans.
    pub fn stop_when(&mut self, is_over: fn() -> bool) {
        self.is_over = is_over;
    }

    /// An upload begins: it is to take what waits at this moment.
    pub fn begin_upload(&mut self) {
        self.folder.recent.want(true);
        self.all_planned = false;
        self.in_upload = true;
    }

    /// The upload is over: files that are over go.
    pub fn end_upload(&mut self, unix_ms: u64, tally: &dyn Tally) {
        self.in_upload = false;
        // What is left of it is for whoever comes.
        self.untidy |= self.ready.take().is_some();
        if let Some(dir) = self.dir().filter(|_| self.untidy) {
            self.tidy(&dir, unix_ms, tally);
        }
        self.plans = Plans::default();
    }

    /// Removes what is too old or too much in the folders of all programs. Once per process, before the first batch;
    /// creates no folder.
    pub fn start(&mut self, unix_ms: u64, tally: &dyn Tally) {
        sweep::all(&self.folder, unix_ms, tally);
    }

    /// The folder that the spool is in.
    pub fn parent(&self) -> &PrivateFolder {
        self.folder.parent()
    }

    /// Whether batches wait that have used their attempts.
    pub fn has_resting(&self) -> bool {
        known::any_tries(self.folder.owner(), |tries| is_used_up(self.folder.limits(), tries))
    }

    /// Gives the batches that have used their attempts new ones; says whether there were any.
    pub fn renew_attempts(&mut self) -> bool {
        let any = self.has_resting();
        known::for_all_tries(self.folder.owner(), |tries| tries.attempts = 0);
        any
    }

    /// Whether there is nothing to send, and nothing to end for processes that died.
    pub fn is_empty(&self) -> bool {
        // A plan or what became of one is there beside its segment, or was left by somebody who died before it was removed.
        let is_left = |name: &Name| matches!(name.kind(), Kind::Segment | Kind::Plan | Kind::Upload | Kind::Done);
        let is_idle = |names: &[Name]| !names.iter().any(is_left);
        self.dir().is_none_or(|dir| list(&dir).is_ok_and(|found| is_idle(&found.all)))
    }

    /// Whether so much stands here that older frames would soon have to go: a quarter of what a spool may hold, whoever's it is.
    pub fn is_filling(&self) -> bool {
        let Some(dir) = self.dir() else { return false };
        let listing = list(&dir).unwrap_or_default();
        let segments = listing.all.iter().filter(|name| name.kind() == Kind::Segment);
        let bytes: u64 = segments.filter_map(|name| dir.len(name.as_str()).ok()).sum();
        bytes >= SPOOL_BYTES / 4
    }

    /// Whether frames wait that have the destination of this program. Where the disk cannot say, there may be.
    pub fn holds_ours(&self) -> bool {
        let Some(dir) = self.dir() else { return false };
        let Ok(standing) = Standing::read(&dir) else { return true };
        standing.segments().any(|name| {
            let Some(bytes) = dir.open_file(name.as_str()).ok().and_then(|file| read(&file)) else { return false };
            let waits = |placed: &Placed<'_>| {
                placed.frame.destination == *self.folder.destination() && !standing.ended.has(name.stem(), placed.at)
            };
            contents(&bytes).0.iter().any(waits)
        })
    }

    /// The oldest batch that may be tried; `None` if there is nothing to send. It belongs to the caller until it goes to
    /// one of [`Backlog::finish`], [`Backlog::put_back`] or [`Backlog::halve`].
    ///
    /// `agrees` says whether a frame with this digest may be sent; one that may not waits, in no batch.
    pub fn next(&mut self, unix_ms: u64, agrees: &dyn Fn(&Digest) -> bool, tally: &dyn Tally) -> Option<Batch> {
        let dir = self.dir()?;
        let mut disturbed = 0;
        loop {
            // A disk that fails here has the frames still; they are sent when it works again.
            let standing = self.standing(&dir).ok()?;
            let mut dissolved = false;
            let ready = self.ready.as_ref().and_then(Sending::first);
            let is_older = |plan: &Plan| ready.as_ref().is_none_or(|ready| plan.position() < ready.position());
            // In a crowded folder it may stand in a file that was not seen that a plan is over.
            let plans = self.in_order(&standing, unix_ms, is_older).into_iter().filter(|_| standing.complete);
            for (name, _) in plans {
                match self.look_at(&dir, name, &standing, unix_ms, agrees, tally) {
                    Looked::Batch(batch) => return Some(*batch),
                    Looked::Dissolved => {
                        dissolved = true;
                        self.all_planned = false;
                    }
                    Looked::Taken => {}
                }
            }
            if self.ready.is_some() {
                match self.next_ready(&dir, &standing, unix_ms, agrees) {
                    Some(batch) => return Some(batch),
                    // What is left of it, and what is behind it, the next look finds.
                    None => continue,
                }
            }
            let made = planner::make(&self.folder, &dir, unix_ms, agrees, !self.all_planned, &mut self.plans, tally);
            self.untidy &= !matches!(made, Ok((Made::Changed { .. } | Made::Nothing, _)));
            // Somebody who looks for what was left behind had a new file before it was locked.
            let made = made.or_else(|error| match error.kind() {
                io::ErrorKind::WouldBlock => Ok((Made::Disturbed, None)),
                _ => Err(error),
            });
            let made = made.map(|(made, ready)| {
                self.ready = ready.map(|Ready { file, upload, requests }| {
                    self.plans.send(Some((file.name.clone(), upload)));
                    Sending::new(file, requests)
                });
                made
            });
            match made {
                Ok(Made::Changed { all }) => self.all_planned = all,
                // Others have frames of their own to send; whoever flushes now may not get another chance.
                Ok(Made::Disturbed) if disturbed < TURN_TRIES && !(self.is_over)() => {
                    disturbed += 1;
                    thread::sleep(TURN_PAUSE);
                }
                Ok(Made::Nothing) if dissolved => {}
                Ok(Made::Disturbed | Made::Nothing) | Err(_) => return None,
            }
        }
    }

    /// What stands in the folder. Between two requests of one upload it is looked at once, and read again where it has changed.
    fn standing(&mut self, dir: &Dir) -> io::Result<Arc<Standing>> {
        let known = self.ready.as_ref().and_then(|ready| ready.standing.clone());
        if let Some(standing) = known.filter(|standing| standing.is_unchanged(dir)) {
            return Ok(standing);
        }
        let standing = Arc::new(Standing::read_again(dir, &mut self.plans)?);
        if let Some(ready) = &mut self.ready {
            ready.standing = Some(Arc::clone(&standing));
        }
        Ok(standing)
    }

    /// The next request of the upload that this process has made, as it was read when that was made. `None` where there is none,
    /// and where what is left of the upload has to be planned anew: something in it has ended, or may not be sent any more.
    fn next_ready(
        &mut self,
        dir: &Dir,
        standing: &Standing,
        unix_ms: u64,
        agrees: &dyn Fn(&Digest) -> bool,
    ) -> Option<Batch> {
        // Dropped on each way out but the last: then nobody holds it, and it is taken apart.
        let mut sending = self.ready.take()?;
        let plans = std::mem::take(&mut self.plans);
        let (number, (name, plan, contents)) = sending.requests.next()?;
        if !standing.complete
            || standing.ended.touches(&plan)
            || !dir.holds(sending.held.file.name.as_str(), &sending.held.file.file)
        {
            return None;
        }
        let tries = known::tries(self.folder.owner(), name.stem());
        let mut batch = Batch::new(name, PlanFile::Upload(Arc::clone(&sending.held), number), plan, tries, contents);
        let may_go = |frame: &Frame<'_>| agrees(&frame.digest) && why_not(&self.folder, frame, unix_ms).is_none();
        // Nearly all are alike.
        let mut last: Option<Frame<'_>> = None;
        let may_all_go = batch.frames().all(|frame| {
            let is_known = last.is_some_and(|last| frame.is_like(&last));
            is_known || may_go(last.insert(frame))
        });
        if !may_all_go {
            return None;
        }
        // Once for all of its requests, before the first one.
        if !sending.flushed && sending.held.file.file.sync_data().and_then(|()| dir.sync()).is_err() {
            return None;
        }
        sending.flushed = true;
        batch.tries.taken_ms = unix_ms;
        batch.take_off(self.folder.owner());
        self.ready = Some(sending);
        self.plans = plans;
        Some(batch)
    }

    /// The plans that are wanted and may be tried, in the order of their first frames.
    fn in_order<'a>(
        &self,
        standing: &'a Standing,
        unix_ms: u64,
        wanted: impl Fn(&Plan) -> bool,
    ) -> Vec<&'a (Name, Arc<Plan>)> {
        let may_be_tried = |(name, plan): &&(Name, Arc<Plan>)| {
            if !wanted(plan) {
                return false;
            }
            let tries = known::tries(self.folder.owner(), name.stem());
            !is_resting(self.folder.limits(), &tries, unix_ms)
                && !tries.ended
                && !standing.is_in_upload(name)
                && !standing.is_half_made(name)
        };
        let mut plans: Vec<_> = standing.plans.iter().filter(may_be_tried).collect();
        plans.sort_by(|(_, one), (_, other)| one.position().cmp(&other.position()));
        plans
    }

    fn look_at(
        &self,
        dir: &Arc<Dir>,
        name: &Name,
        standing: &Standing,
        unix_ms: u64,
        agrees: &dyn Fn(&Digest) -> bool,
        tally: &dyn Tally,
    ) -> Looked {
        let Some(held) = take(dir, name) else { return Looked::Taken };
        let Some((_, plan)) = standing.plans.iter().find(|(other, _)| other == name) else { return Looked::Taken };
        let dissolve = || match dir.remove(name.as_str()) {
            Ok(()) => Looked::Dissolved,
            Err(_) => Looked::Taken,
        };
        if standing.ended.touches(plan) {
            return dissolve();
        }
        let mut batch = match Batch::load(
            dir,
            held,
            Arc::clone(plan),
            known::tries(self.folder.owner(), name.stem()),
            self.folder.limits(),
        ) {
            Ok(Some(batch)) => batch,
            Ok(None) => {
                // Or the next plan would be made of what was written, and not of what is left of it.
                self.folder.recent.forget();
                return dissolve();
            }
            // What cannot be read just now is not damaged: it keeps its key, which may have arrived.
            Err(_) => return Looked::Taken,
        };
        let mut over = Ended::default();
        let mut is_agreed = true;
        for piece in batch.pieces() {
            let agreed = agrees(&piece.frame.digest);
            is_agreed &= agreed;
            match why_not(&self.folder, &piece.frame, unix_ms) {
                // It may have arrived: it must not wait to be sent again under another key.
                why if batch.tries.ambiguous && (why.is_some() || !agreed) => over.push_piece(Outcome::Unknown, &piece),
                Some(outcome) => over.push_piece(outcome, &piece),
                None => {}
            }
        }
        if !over.is_empty() {
            // First written down that they have ended, then gone; who dies in between leaves a plan that touches them.
            return match over.write_down(&self.folder, dir, unix_ms, tally) {
                Ok(_) => dissolve(),
                Err(_) => Looked::Taken,
            };
        }
        if !is_agreed {
            return dissolve(); // The others get a plan of their own, and so a key.
        }
        if batch.pieces().any(|piece| piece.frame.destination != *self.folder.destination()) {
            // It takes no room from the plans of this program.
            known::set_tries(self.folder.owner(), name.stem(), Tries { foreign: true, ..batch.tries });
            return Looked::Taken;
        }
        // What has been sent once must have the same key after a power failure. Not when it is made: others wait for the turn.
        if batch.held.file().file.sync_data().and_then(|()| dir.sync()).is_err() {
            return Looked::Taken;
        }
        batch.tries.taken_ms = unix_ms;
        batch.take_off(self.folder.owner());
        Looked::Batch(Box::new(batch))
    }

    /// Whether the batch still is on disk; `false` after somebody erased it, and where the disk cannot say. To be asked
    /// before every request.
    pub fn holds(&self, batch: &Batch) -> bool {
        self.dir().is_some_and(|dir| dir.holds(batch.held.file().name.as_str(), &batch.held.file().file))
    }

    /// Ends a batch. `sent` of its frames ended as `outcome`; the rest was not sent, because it may
    /// not be, and counts as [`Outcome::Erased`].
    pub fn finish(&mut self, mut batch: Batch, outcome: Outcome, sent: u64, tally: &dyn Tally) {
        let own = batch.end();
        let events = batch.len() as u64;
        let dir = self.dir();
        let ended = dir.as_ref().is_none_or(|dir| end(dir, &batch.held));
        if let PlanFile::Upload(upload, number) = &batch.held
            && ended
        {
            self.plans.mark(&upload.file.name, *number);
        }
        // Where it cannot be written down the next process sends it again, under the same key.
        known::set_tries(self.folder.owner(), batch.key(), Tries { ended: !ended, ..Tries::default() });
        let recovered = events.saturating_sub(own);
        if recovered > 0 {
            tally.recover(recovered);
        }
        tally.count(outcome, sent.min(events));
        tally.count(Outcome::Erased, events.saturating_sub(sent));
        let unix_ms = batch.name.unix_ms();
        drop(batch);
        match dir {
            Some(_) if self.in_upload => self.untidy = true,
            Some(dir) => self.tidy(&dir, unix_ms, tally),
            None => {}
        }
    }

    /// The files that are over go now, or with the next look where somebody else has the turn.
    fn tidy(&mut self, dir: &Dir, unix_ms: u64, tally: &dyn Tally) {
        if let Ok(Some(turn)) = turn(dir)
            && let Ok(mut standing) = Standing::read_again(dir, &mut self.plans)
        {
            self.untidy = false;
            tidy(&self.folder, dir, &mut standing, &turn, unix_ms, tally);
        }
    }

    /// Keeps a batch for a later attempt; says whether there is one. If somebody erased it meanwhile, its frames are
    /// counted as erased, or as unknown where they may have arrived.
    pub fn put_back(&mut self, mut batch: Batch, tally: &dyn Tally) -> bool {
        // What is left of the upload is no longer this process's alone.
        self.untidy |= self.ready.take().is_some();
        self.plans.send(None);
        // Who knows when it will be sent.
        self.folder.recent.want(false);
        let may_have_arrived = batch.tries.ambiguous;
        let unless_arrived = |outcome| if may_have_arrived { Outcome::Unknown } else { outcome };
        let dir = self.dir().filter(|dir| !dir.is_gone(batch.held.file().name.as_str(), &batch.held.file().file));
        let Some(dir) = dir else {
            let own = batch.end();
            if own > 0 {
                tally.count(unless_arrived(Outcome::Erased), own);
            }
            known::set_tries(self.folder.owner(), batch.key(), Tries::default());
            return false;
        };
        known::set_tries(self.folder.owner(), batch.key(), batch.tries);
        if let Some(outcome) = batch.turn_back() {
            let mut over = Ended::default();
            for piece in batch.pieces().filter(|piece| own::is_own(self.folder.owner(), piece.segment, piece.number)) {
                over.push_piece(unless_arrived(outcome), &piece);
            }
            // Where that cannot be written down, what was discarded stays so for this process.
            if over.write_down(&self.folder, &dir, batch.name.unix_ms(), tally).is_err() {
                over.count(&self.folder, tally);
                known::set_tries(self.folder.owner(), batch.key(), Tries { ended: true, ..batch.tries });
            }
            let unix_ms = batch.name.unix_ms();
            drop(batch);
            self.tidy(&dir, unix_ms, tally);
        }
        true
    }

    /// Replaces a batch by two halves, whose keys are its own with `-0` and `-1`. `false` if that cannot be done; then
    /// the batch waits for the next process. What was discarded meanwhile ends as in [`Backlog::put_back`].
    pub fn halve(&mut self, mut batch: Batch, tally: &dyn Tally) -> bool {
        if batch.is_discarded() {
            self.put_back(batch, tally);
            return false;
        }
        if let Some(outcome) = batch.turn_back() {
            // In this very moment.
            batch.take_off(self.folder.owner());
            known::discard_flying(self.folder.owner(), outcome);
            self.put_back(batch, tally);
            return false;
        }
        self.untidy |= self.ready.take().is_some();
        self.plans.send(None);
        let halved = self.dir().is_some_and(|dir| self.replace(&dir, &batch).is_ok());
        if halved {
            for half in [0, 1] {
                let tries = Tries { attempts: 0, ..batch.tries };
                known::set_tries(self.folder.owner(), &format!("{}-{half}", batch.key()), tries);
            }
            known::set_tries(self.folder.owner(), batch.key(), Tries::default());
        } else {
            batch.tries.attempts = self.folder.limits().attempts;
            known::set_tries(self.folder.owner(), batch.key(), batch.tries);
        }
        halved
    }

    /// Makes plans of the two halves, and then removes that of the whole. Nobody takes a half while the whole stands. Tries
    /// again where another process held the turn.
    fn replace(&self, dir: &Dir, batch: &Batch) -> io::Result<()> {
        let mut disturbed = 0;
        let _turn = loop {
            match turn(dir)? {
                Some(turn) => break turn,
                None if disturbed < TURN_TRIES => {
                    disturbed += 1;
                    thread::sleep(TURN_PAUSE);
                }
                None => return Err(io::ErrorKind::WouldBlock.into()),
            }
        };
        if let PlanFile::Upload(upload, _) = &batch.held {
            // It has a plan of its own from here on, and so have the others.
            tidy::split(dir, &upload.file)?;
        }
        let middle = batch.len() / 2;
        let mut halves = [Plan::default(), Plan::default()];
        for (number, piece) in batch.pieces().enumerate() {
            let [first, second] = &mut halves;
            let half = if number < middle { first } else { second };
            half.push(piece.segment, piece.at, piece.bytes);
        }
        let mut names = Vec::new();
        for half in [0, 1] {
            let name = Name::parse(&format!("{}-{half}.plan", batch.key())).ok_or(io::ErrorKind::Other)?;
            // What a process that died here has left.
            let _ = dir.remove(name.as_str());
            names.push(name);
        }
        for (name, half) in names.iter().zip(&halves) {
            write_new(dir, name.clone(), half.render().as_bytes(), false)?;
        }
        dir.remove(batch.name.as_str())
    }

    fn dir(&self) -> Option<Arc<Dir>> {
        self.folder.dir(false).ok().flatten()
    }
}
