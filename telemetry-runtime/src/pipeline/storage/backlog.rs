//! The half of the spool that sends.

use std::{io, sync::Arc, thread};

pub(crate) use super::batch::Batch;
use super::{
    Tally, aside,
    batch::{Age, NoBatch, is_expired, stage},
    dir::{self, Dir},
    frame::Frame,
    freeze::{self, Frozen},
    journal::{self, Change, Left},
    names::{self, Kind, Name},
    place::{self, Held, Place, SPOOL, list, lock_file, take_over},
    room,
    state_dir::SdkDir,
};
use crate::{
    control,
    ledger::Outcome,
    pipeline::limits::{ATTEMPTS, FREEZE_PAUSE, FREEZE_TRIES, LISTED_ENTRIES, SPOOL_FILES},
};

/// Whether it is a batch that has used its attempts.
fn is_resting(held: &Held) -> bool {
    held.name.kind() == Kind::Batch && held.attempts >= ATTEMPTS
}

/// Gives out batches, one at a time: those on disk first, then those made of complete segments.
#[derive(Debug)]
pub(crate) struct Backlog {
    place: Arc<Place>,
}

impl Backlog {
    pub(super) fn new(place: Arc<Place>) -> Self {
        Self { place }
    }

    /// Ends what processes that died have begun, and removes what is too old in the folders of all host programs. Once
    /// per process, before the first batch; creates nothing.
    pub(crate) fn start(&mut self, unix_ms: u64, tally: &dyn Tally) {
        self.place.sdk().sweep(unix_ms);
        if let Some(dir) = self.dir() {
            journal::recover(&dir);
        }
        let Ok(Some(spool)) = self.place.sdk().dir().child(SPOOL, false) else { return };
        let hosts = spool.folders(SPOOL_FILES, names::host).unwrap_or_default().0;
        // One budget for all folders together: others may have filled any of them.
        let mut looks = room::Looks { entries: LISTED_ENTRIES, files: SPOOL_FILES };
        for host in hosts {
            if looks.entries > 0
                && let Ok(Some(dir)) = spool.child(&host, false)
            {
                room::expire(&self.place, &dir, unix_ms, &mut looks, tally);
            }
        }
    }

    /// The folder of the SDK, where breaker and log are.
    pub(crate) fn sdk(&self) -> &SdkDir {
        self.place.sdk()
    }

    /// Whether batches wait that have used their attempts.
    pub(crate) fn has_resting(&self) -> bool {
        self.place.count(is_resting) > 0
    }

    /// Gives the batches that have used their attempts new ones; says whether there were any.
    pub(crate) fn renew_attempts(&mut self) -> bool {
        let mut any = false;
        while let Some(mut held) = self.place.lend(is_resting) {
            held.attempts = 0;
            self.place.keep(held);
            any = true;
        }
        any
    }

    /// Whether there is nothing to send, and nothing to end for processes that died.
    pub(crate) fn is_empty(&self) -> bool {
        let is_idle = |names: &[Name]| names.iter().all(|name| name.kind() == Kind::Damaged);
        self.dir().is_none_or(|dir| list(&dir).is_ok_and(|found| is_idle(&found.all)))
    }

    /// The oldest batch that may be tried; `None` if there is nothing to send. It belongs to the caller until it goes to
    /// one of [`Backlog::finish`], [`Backlog::put_back`] or [`Backlog::halve`].
    pub(crate) fn next(&mut self, unix_ms: u64, tally: &dyn Tally) -> Option<Batch> {
        let dir = self.dir()?;
        room::drop_vanished(&self.place, &dir, tally);
        let mut disturbed = 0;
        loop {
            if let Some(batch) = self.own(&dir, unix_ms, tally).or_else(|| self.orphan(&dir, unix_ms, tally)) {
                return Some(batch);
            }
            // A disk that fails here has the events still; they are sent when it works again.
            match freeze::freeze(&self.place, &dir, unix_ms, tally) {
                Ok(Frozen::Changed) => {}
                // Others have events of their own to send; whoever flushes now may not get another chance.
                Ok(Frozen::Disturbed) if disturbed < FREEZE_TRIES && !control::is_shut_down() => {
                    disturbed += 1;
                    thread::sleep(FREEZE_PAUSE);
                }
                Ok(Frozen::Disturbed | Frozen::Nothing) | Err(_) => return None,
            }
        }
    }

    /// A batch that this process made or took over before.
    fn own(&self, dir: &Dir, unix_ms: u64, tally: &dyn Tally) -> Option<Batch> {
        loop {
            let held = self.place.lend(|held| held.name.kind() == Kind::Batch && held.attempts < ATTEMPTS)?;
            match Batch::load(held) {
                Ok(batch) => {
                    if let Some(batch) = self.young(dir, batch, unix_ms, tally) {
                        return Some(batch);
                    }
                }
                Err((held, NoBatch::Corrupt)) => {
                    room::discard(&self.place, dir, &held, Outcome::Corrupt, tally);
                }
                Err((mut held, NoBatch::LeaveAlone)) => {
                    held.attempts = ATTEMPTS; // Not again in this process, or this loop would not end.
                    self.place.keep(held);
                }
            }
        }
    }

    /// The batch, if none of its events is too old. Otherwise it ends, and what is young enough is a batch of its own.
    fn young(&self, dir: &Dir, mut batch: Batch, unix_ms: u64, tally: &dyn Tally) -> Option<Batch> {
        match batch.age(unix_ms) {
            Age::Young => return Some(batch),
            Age::Over => {
                room::discard(&self.place, dir, &batch.held, Outcome::Expired, tally);
                return None;
            }
            Age::Mixed => {}
        }
        // Days share a batch only where events have ids, so nobody needs the key to tell a repeat.
        let rest: Vec<_> = batch.frames().filter(|frame| !is_expired(frame.wire, frame.day, unix_ms)).collect();
        let readable = batch.frames().count() as u64;
        let old = readable.saturating_sub(rest.len() as u64);
        // As old as the whole: the name tells whoever finds it when its time is over.
        let name = freeze::batch_name(batch.held.name.unix_ms());
        let replaced = self.replace(dir, &batch, &[(name, &rest)]).is_ok();
        drop(rest);
        if replaced {
            tally.count(if batch.held.ambiguous { Outcome::Unknown } else { Outcome::Expired }, old);
            tally.count(Outcome::Corrupt, batch.events().saturating_sub(readable));
            self.place.end(&batch.held);
        } else {
            batch.held.attempts = ATTEMPTS; // The disk failed; not again at once.
            self.place.keep(batch.held);
        }
        None
    }

    /// A batch whose process is gone.
    fn orphan(&self, dir: &Dir, unix_ms: u64, tally: &dyn Tally) -> Option<Batch> {
        for name in list(dir).ok()?.all.iter().filter(|name| name.kind() == Kind::Batch && !self.place.owns(name)) {
            let Some(held) = take_over(dir, name) else { continue };
            // The rule of segments holds for batches as well: somebody may have replaced it by parts and died, or failed,
            // before it was removed. Who freezes next ends that.
            if !matches!(journal::left(dir), Ok(Left::None | Left::Unknown)) {
                place::let_go(&held, name);
                return None;
            }
            if !dir.holds(name.as_str(), &held.file) {
                continue; // It was ended just now, and its parts are in the folder.
            }
            match Batch::load(held) {
                Ok(mut batch) => {
                    if batch.held.events.is_none() {
                        let events = batch.events();
                        batch.held.events = Some(events);
                        tally.recover(events);
                    }
                    let young = self.young(dir, batch, unix_ms, tally).or_else(|| self.own(dir, unix_ms, tally));
                    if young.is_some() {
                        return young;
                    }
                }
                Err((held, NoBatch::Corrupt)) => {
                    room::recover(&held, tally);
                    room::discard(&self.place, dir, &held, Outcome::Corrupt, tally);
                }
                Err((held, NoBatch::LeaveAlone)) => place::let_go(&held, name),
            }
        }
        None
    }

    /// Whether the batch still is on disk; `false` after somebody erased it, and where the disk cannot say. To be asked
    /// before every request.
    pub(crate) fn holds(&self, batch: &Batch) -> bool {
        self.dir().is_some_and(|dir| dir.holds(batch.held.name.as_str(), &batch.held.file))
    }

    /// Whether somebody erased the batch, for sure.
    fn is_gone(&self, batch: &Batch) -> bool {
        self.dir().is_none_or(|dir| dir.is_gone(batch.held.name.as_str(), &batch.held.file))
    }

    /// Removes a batch whose end is known. `sent` of its events ended as `outcome`; the rest was not sent, because the
    /// user does not agree to it (`opted_out`) or it could not be read (`corrupt`).
    pub(crate) fn finish(&mut self, batch: Batch, outcome: Outcome, sent: u64, tally: &dyn Tally) {
        let events = batch.events();
        let readable = batch.frames().count() as u64;
        tally.count(outcome, sent);
        tally.count(Outcome::OptedOut, readable.saturating_sub(sent));
        tally.count(Outcome::Corrupt, events.saturating_sub(readable.max(sent)));
        let stays = self.dir().is_some_and(|dir| {
            !dir.is_gone(batch.held.name.as_str(), &batch.held.file)
                && match readable < events {
                    true => aside::put(&dir, &batch.held.name).is_err(),
                    false => dir.remove(batch.held.name.as_str()).is_err(),
                }
                // It would be sent again by the next process: emptied, it is nothing any more.
                && dir::cut(&batch.held.file, 0).is_err()
        });
        if stays {
            self.place.give_up(&batch.held);
        } else {
            self.place.end(&batch.held);
        }
    }

    /// Keeps a batch for a later attempt; says whether there is one. If somebody removed it meanwhile, its events are
    /// counted as erased, or as unknown where they may have arrived.
    pub(crate) fn put_back(&mut self, batch: Batch, tally: &dyn Tally) -> bool {
        let gone = self.is_gone(&batch);
        if gone {
            room::count_vanished(&self.place, &batch.held, tally);
        } else {
            self.place.keep(batch.held);
        }
        !gone
    }

    /// Replaces a batch by two halves, whose keys are its own with `-0` and `-1`. `false` if that cannot be done; then
    /// the batch waits for the next process.
    pub(crate) fn halve(&mut self, mut batch: Batch, tally: &dyn Tally) -> bool {
        let frames: Vec<_> = batch.frames().collect();
        let (first, second) = frames.split_at_checked(frames.len() / 2).unwrap_or((&frames, &[]));
        let name = |half: u8| Name::parse(&format!("{}-{half}.batch", batch.key()));
        let halved = self.dir().map(|dir| self.replace(&dir, &batch, &[(name(0), first), (name(1), second)]));
        drop(frames);
        match halved {
            Some(Ok(())) => {
                let readable = batch.frames().count() as u64;
                tally.count(Outcome::Corrupt, batch.events().saturating_sub(readable));
                self.place.end(&batch.held);
                true
            }
            Some(Err(_)) | None => {
                batch.held.attempts = ATTEMPTS;
                self.place.keep(batch.held);
                false
            }
        }
    }

    /// Replaces a batch by parts of it, under these names. Tries again where others were at it in the same moment.
    fn replace(&self, dir: &Dir, batch: &Batch, parts: &[(Option<Name>, &[Frame<'_>])]) -> io::Result<()> {
        let mut disturbed = 0;
        loop {
            match self.try_replace(dir, batch, parts) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock && disturbed < FREEZE_TRIES => {
                    disturbed += 1;
                    thread::sleep(FREEZE_PAUSE);
                }
                other => return other,
            }
        }
    }

    fn try_replace(&self, dir: &Dir, batch: &Batch, parts: &[(Option<Name>, &[Frame<'_>])]) -> io::Result<()> {
        let lock = lock_file(dir)?;
        lock.try_lock_shared()?;
        let (mut made, mut come) = (Vec::new(), Vec::new());
        let mut commit = || {
            for (name, frames) in parts {
                let name = name.clone().ok_or(io::ErrorKind::Other)?;
                // What a process that died here has left.
                let _ = dir.remove(&format!("{}{}", name.as_str(), names::STAGED));
                made.push(stage(dir, &name, batch.held.own, frames)?);
                come.push(name);
            }
            let change = Change { come: come.clone(), go: vec![batch.held.name.clone()], aside: Vec::new() };
            journal::commit(dir, change, batch.held.name.unix_ms())
        };
        // As with a freeze: while the whole and its parts stand beside each other there is a journal, and nobody else
        // sends any of them.
        match commit() {
            Ok(journal) => drop(journal::apply(dir, journal)),
            Err(error) => {
                freeze::undo(dir, &made);
                return Err(error);
            }
        }
        for mut held in place::named(dir, made, come) {
            held.ambiguous = batch.held.ambiguous;
            self.place.keep(held);
        }
        Ok(())
    }

    fn dir(&self) -> Option<Arc<Dir>> {
        self.place.dir(false).ok().flatten()
    }
}
