//! The folder of one SDK and host program, and the files in it that this process owns.

use std::{
    collections::BTreeMap,
    io::{self, Read as _},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use super::{
    dir::{Dir, File},
    frame::{BATCH_MAGIC, Head, SEGMENT_MAGIC, head},
    frames::contents,
    journal,
    names::{self, Kind, LOCK, Name},
    state_dir::{NoPlace, SdkDir},
};
use crate::{
    pipeline::limits::{CANCEL_POLL, ERASE_WAIT, LISTED_ENTRIES, SPOOL_BYTES, SPOOL_FILES},
    process::PerProcess,
};

/// The folder that holds the spools of all host programs.
pub(super) const SPOOL: &str = "spool";

/// A file that this process owns: it holds the lock.
///
/// After a fork the child has the same lock. It closes its file and leaves the lock to its parent; the parent, when it
/// lets go, unlocks for both, or a child that lives long would keep what the parent has given up.
#[derive(Debug)]
pub(super) struct Held {
    /// The process that took the lock.
    pid: u32,
    pub(super) name: Name,
    pub(super) file: File,
    pub(super) bytes: u64,
    /// The events in it that the ledger of this process knows of; `None` for a file taken over and not yet counted.
    pub(super) events: Option<u64>,
    /// Whether all of its events were recorded by this process.
    pub(super) own: bool,
    /// Attempts of this process to send it.
    pub(super) attempts: u8,
    /// An attempt ended without a reply, so it may have arrived.
    pub(super) ambiguous: bool,
}

impl Drop for Held {
    fn drop(&mut self) {
        if self.pid == std::process::id() {
            let _ = self.file.unlock();
        }
    }
}

/// See the module; shared by the appending and the sending half.
#[derive(Debug)]
pub(super) struct Place {
    pid: u32,
    sdk: Arc<SdkDir>,
    host: String,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    dir: Option<Arc<Dir>>,
    /// Somebody else removed the folder: it is not made again here.
    erased: bool,
    /// Files that nobody works on at this moment.
    shelf: Vec<Held>,
    /// Names of files that somebody took from the shelf and will bring back or remove, and whether they are our own.
    lent: BTreeMap<String, bool>,
}

/// Files that a [`Place`] of this process has let go: their number of events, and whether they were its own. Whoever
/// takes one over again must not count its events twice.
static KNOWN: PerProcess<Mutex<BTreeMap<String, (u64, bool)>>> =
    PerProcess::new(Mutex::new(BTreeMap::new()), |_| Mutex::default());

fn known() -> MutexGuard<'static, BTreeMap<String, (u64, bool)>> {
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.is_forked() {
            return;
        }
        self.clear().iter().for_each(|held| let_go(held, &held.name));
    }
}

impl Place {
    pub(super) fn new(sdk: Arc<SdkDir>, host: &str) -> Self {
        Self { pid: std::process::id(), sdk, host: host.to_owned(), state: Mutex::default() }
    }

    /// The same folder for a forked child, with nothing on the shelf.
    pub(super) fn for_child(&self) -> Self {
        Self::new(self.sdk.clone(), &self.host)
    }

    pub(super) fn sdk(&self) -> &SdkDir {
        &self.sdk
    }

    /// Whether this is a copy that a fork has made; the files belong to the parent.
    pub(super) fn is_forked(&self) -> bool {
        self.pid != std::process::id()
    }

    pub(super) fn host(&self) -> &str {
        &self.host
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing is done under this lock that could panic half-way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The folder; `None` if it does not exist and `create` is false.
    pub(super) fn dir(&self, create: bool) -> Result<Option<Arc<Dir>>, NoPlace> {
        let mut state = self.state();
        if state.erased {
            return Err(NoPlace::Erased);
        }
        if state.dir.is_none() {
            if !names::is_host(&self.host) {
                return Err(NoPlace::BadName(self.host.clone()));
            }
            let Some(spool) = self.sdk.dir().child(SPOOL, create)? else { return Ok(None) };
            state.dir = spool.child(&self.host, create)?.map(Arc::new);
        }
        Ok(state.dir.clone())
    }

    /// The folder was removed by somebody else: nothing is written any more.
    pub(super) fn mark_erased(&self) {
        let mut state = self.state();
        state.erased = true;
        state.dir = None;
    }

    /// The folder was removed by us: the next event may make it again.
    pub(super) fn forget_dir(&self) {
        self.state().dir = None;
    }

    /// Puts a file of ours on the shelf, or back on it.
    pub(super) fn keep(&self, held: Held) {
        let mut state = self.state();
        state.lent.remove(held.name.as_str());
        state.shelf.push(held);
    }

    /// Takes the oldest file of the shelf that `wanted` accepts.
    pub(super) fn lend(&self, wanted: impl Fn(&Held) -> bool) -> Option<Held> {
        let mut state = self.state();
        let oldest = state
            .shelf
            .iter()
            .enumerate()
            .filter(|(_, held)| wanted(held))
            .min_by(|(_, one), (_, other)| one.name.as_str().cmp(other.name.as_str()))
            .map(|(place, _)| place)?;
        let held = state.shelf.swap_remove(oldest);
        state.lent.insert(held.name.as_str().to_owned(), held.own);
        Some(held)
    }

    /// A file that was lent is no more.
    pub(super) fn end(&self, held: &Held) {
        self.state().lent.remove(held.name.as_str());
    }

    /// A file that cannot be removed: whether it was lent or taken over, nobody here takes it again.
    pub(super) fn give_up(&self, held: &Held) {
        self.state().lent.insert(held.name.as_str().to_owned(), false);
    }

    /// The number of files on the shelf that `wanted` accepts.
    pub(super) fn count(&self, wanted: impl Fn(&Held) -> bool) -> usize {
        self.state().shelf.iter().filter(|held| wanted(held)).count()
    }

    /// Whether this file is ours, on the shelf or lent.
    pub(super) fn owns(&self, name: &Name) -> bool {
        let state = self.state();
        state.lent.contains_key(name.as_str()) || state.shelf.iter().any(|held| held.name == *name)
    }

    /// The names of files of our own that were lent.
    pub(super) fn lent_own(&self) -> Vec<String> {
        self.state().lent.iter().filter(|(_, own)| **own).map(|(name, _)| name.clone()).collect()
    }

    /// All of the shelf; for erasing.
    pub(super) fn clear(&self) -> Vec<Held> {
        std::mem::take(&mut self.state().shelf)
    }
}

/// What a look into a folder has found.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// The files of ours, oldest first.
    pub(super) all: Vec<Name>,
    /// Files that were looked at, foreign ones included.
    pub(super) seen: usize,
    /// Nothing was left unseen.
    pub(super) complete: bool,
}

/// The files of ours in a folder, as far as they are among the first [`LISTED_ENTRIES`] entries.
pub(super) fn list(dir: &Dir) -> io::Result<Listing> {
    list_among(dir, LISTED_ENTRIES)
}

/// As [`list`], among the first so many entries.
pub(super) fn list_among(dir: &Dir, entries: usize) -> io::Result<Listing> {
    let mut seen = 0;
    let (mut all, complete) = dir.files(entries, |name| {
        seen += 1;
        Name::parse(name)
    })?;
    all.sort_by(|one, other| one.as_str().cmp(other.as_str()));
    Ok(Listing { all, seen, complete })
}

/// Takes over a file whose owner is gone; `None` if it has an owner, or is gone itself.
pub(super) fn take_over(dir: &Dir, name: &Name) -> Option<Held> {
    let file = dir.open_file(name.as_str()).ok()?;
    file.try_lock().ok()?;
    // Between opening and locking its owner may have renamed or removed it.
    if !dir.holds(name.as_str(), &file) {
        return None;
    }
    let bytes = file.metadata().ok()?.len();
    let (events, own) = match known().remove(name.as_str()) {
        Some((events, own)) => (Some(events), own),
        None => (None, false),
    };
    let pid = std::process::id();
    Some(Held { pid, name: name.clone(), file, bytes, events, own, attempts: 0, ambiguous: false })
}

/// Makes a new file and owns it.
pub(super) fn create(dir: &Dir, name: Name) -> io::Result<Held> {
    let file = dir.create(name.as_str())?;
    // Somebody who looks for files without owner may have been quicker than this lock; then the file is theirs, or gone
    // already. A folder that was erased is not told by this, but by the next file, which cannot be made in it.
    let owned = file
        .try_lock()
        .map_err(io::Error::from)
        .and_then(|()| if dir.holds(name.as_str(), &file) { Ok(()) } else { Err(io::ErrorKind::WouldBlock.into()) });
    if let Err(error) = owned {
        if error.kind() != io::ErrorKind::WouldBlock {
            let _ = dir.remove(name.as_str()); // A file system without locks.
        }
        return Err(error);
    }
    let pid = std::process::id();
    Ok(Held { pid, name, file, bytes: 0, events: Some(0), own: true, attempts: 0, ambiguous: false })
}

/// Files that a journal has given their final names. One that has not got its name, because the disk failed just then, is
/// let go: whoever ends what the journal says finds it under that name, and if it is us, its events are counted already.
pub(super) fn named(dir: &Dir, staged: Vec<Held>, names: Vec<Name>) -> Vec<Held> {
    let mut all = Vec::new();
    for (mut held, name) in staged.into_iter().zip(names) {
        // One that was erased meanwhile is kept under its final name, and counted where it is missed.
        if dir.holds(name.as_str(), &held.file) || dir.is_gone(held.name.as_str(), &held.file) {
            held.name = name;
            all.push(held);
        } else {
            let_go(&held, &name);
        }
    }
    all
}

/// Remembers a file that this process owned and whoever comes first takes over, under the name that it will have then.
pub(super) fn let_go(held: &Held, name: &Name) {
    if let Some(events) = held.events {
        known().insert(name.as_str().to_owned(), (events, held.own));
    }
}

/// The contents of a file. `None` if it cannot be read, or is larger than any that we write.
pub(super) fn read(file: &File) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut from_start: &std::fs::File = file;
    io::Seek::seek(&mut from_start, io::SeekFrom::Start(0)).ok()?;
    from_start.take(SPOOL_BYTES + 1).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 <= SPOOL_BYTES).then_some(bytes)
}

/// How many events are in the spools of all host programs, damaged ones included. `None` if that cannot be said. Ends what
/// processes that died have begun: until then some events stand there twice.
pub(crate) fn spooled_events(sdk: &SdkDir) -> Option<u64> {
    let Some(spool) = sdk.dir().child(SPOOL, false).ok()? else { return Some(0) };
    let (hosts, all_hosts) = spool.folders(SPOOL_FILES, names::host).ok()?;
    let (mut events, mut files) = (0, 0);
    for host in hosts {
        let dir = spool.child(&host, false).ok()??;
        journal::recover(&dir);
        let found = list(&dir).ok()?;
        files += found.all.len();
        // What was begun cannot be ended, or there is too much to count.
        let unsettled = found.all.iter().any(|name| matches!(name.kind(), Kind::Journal | Kind::Staged));
        if unsettled || !found.complete || files > SPOOL_FILES {
            return None;
        }
        for name in &found.all {
            events += events_in(name, &dir.open_file(name.as_str()).ok()?);
        }
    }
    all_hosts.then_some(events)
}

/// How many events a file stands for, damaged ones included.
pub(super) fn count_events(held: &Held) -> u64 {
    held.events.unwrap_or_else(|| events_in(&held.name, &held.file))
}

fn events_in(name: &Name, file: &File) -> u64 {
    let magic = match name.kind() {
        Kind::Batch => BATCH_MAGIC,
        Kind::Part | Kind::Ready => SEGMENT_MAGIC,
        // What they speak of is counted elsewhere, or was when they were set aside.
        Kind::Journal | Kind::Staged | Kind::Damaged => return 0,
    };
    match read(file) {
        None => 1,
        Some(bytes) => match head(&bytes, magic) {
            Head::Newer => 1,
            Head::Empty | Head::Ours(_) | Head::Damaged => {
                let (frames, damaged) = contents(&bytes, magic);
                frames.len() as u64 + damaged
            }
        },
    }
}

/// Waits for a lock that others keep for milliseconds; `None` if somebody keeps it longer.
pub(super) fn wait_for(lock: File) -> Option<File> {
    let begun = Instant::now();
    while lock.try_lock().is_err() {
        if begun.elapsed() > ERASE_WAIT {
            return None;
        }
        std::thread::sleep(CANCEL_POLL / 10);
    }
    Some(lock)
}

/// The file that is locked while a folder changes as a whole: batches are made, all is erased, rows are added up.
pub(super) fn lock_file(dir: &Dir) -> io::Result<File> {
    match dir.create(LOCK) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => dir.open_file(LOCK),
        other => other,
    }
}

/// Forgets that this process ever owned the files of a folder, as if another process had left them.
#[cfg(test)]
pub(super) fn disown(names: &[String]) {
    for name in names {
        known().remove(name);
    }
}
