//! The folder of one program, and how files in it are taken, made and read.

use std::{
    io::{self, Read as _, Seek as _},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use crate::{
    folder::{
        dir::{self, Dir, File},
        no_folder::NoFolder,
        private::PrivateFolder,
    },
    format::{
        frame::Digest,
        names::{self, LOCK, Name},
    },
    limits::{ERASE_POLL, ERASE_WAIT, LISTED_ENTRIES, Limits, SPOOL_BYTES, SPOOL_FILES},
    recent::Recent,
};

/// The folder that holds the spools of all programs.
pub const SPOOL: &str = "spool";

/// A file that this process has locked.
///
/// After a fork the child has the same lock. It closes its file and leaves the lock to its parent; the parent, when it
/// lets go, unlocks for both, or a child that lives long would keep what the parent has given up.
#[derive(Debug)]
pub(crate) struct LockedFile {
    /// The process that took the lock.
    pid: u32,
    pub(crate) name: Name,
    pub(crate) file: File,
}

impl Drop for LockedFile {
    fn drop(&mut self) {
        if self.pid == std::process::id() {
            let _ = self.file.unlock();
        }
    }
}

/// Whose frames: by the folder of the spool, and by where they go, as two owners may share a folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Owner {
    /// What tells this folder from all others.
    pub(crate) folder: String,
    pub(crate) destination: Digest,
}

/// See the module; shared by the appending and the sending half.
#[derive(Debug)]
pub(crate) struct SpoolFolder {
    pid: u32,
    parent: Arc<PrivateFolder>,
    host: String,
    owner: Owner,
    limits: &'static Limits,
    /// What was appended here lately.
    pub(crate) recent: Recent,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    dir: Option<Arc<Dir>>,
    /// Somebody else removed the folder: it is not made again here.
    erased: bool,
}

fn folder(parent: &PrivateFolder, host: &str) -> String {
    format!("{}/{host}", parent.path())
}

impl SpoolFolder {
    pub(crate) fn new(parent: Arc<PrivateFolder>, host: &str, destination: Digest, limits: &'static Limits) -> Self {
        let owner = Owner { folder: folder(&parent, host), destination };
        Self {
            pid: std::process::id(),
            parent,
            host: host.to_owned(),
            owner,
            limits,
            recent: Recent::default(),
            state: Mutex::default(),
        }
    }

    /// The same folder for a forked child.
    pub(crate) fn for_child(&self) -> Self {
        let again = Self::new(Arc::clone(&self.parent), &self.host, self.owner.destination, self.limits);
        Self { owner: self.owner.clone(), ..again }
    }

    pub(crate) fn parent(&self) -> &PrivateFolder {
        &self.parent
    }

    pub(crate) fn limits(&self) -> &'static Limits {
        self.limits
    }

    /// Whether this is a copy that a fork has made.
    pub(crate) fn is_forked(&self) -> bool {
        self.pid != std::process::id()
    }

    /// Whether the program has closed the descriptor of the folder.
    pub(crate) fn is_lost(&self) -> bool {
        self.state().dir.as_ref().is_some_and(|dir| dir.is_lost())
    }

    /// Where frames of this program go.
    pub(crate) fn destination(&self) -> &Digest {
        &self.owner.destination
    }

    /// Whose frames those are that are appended here.
    pub(crate) fn owner(&self) -> &Owner {
        &self.owner
    }

    /// The same for any program.
    pub(crate) fn owner_of(&self, host: &str) -> Owner {
        let folder = if host == self.host { self.owner.folder.clone() } else { folder(&self.parent, host) };
        Owner { folder, destination: self.owner.destination }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing is done under this lock that could panic half-way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The folder; `None` if it does not exist and `create` is false.
    pub(crate) fn dir(&self, create: bool) -> Result<Option<Arc<Dir>>, NoFolder> {
        let mut state = self.state();
        if state.erased {
            return Err(NoFolder::Erased);
        }
        if state.dir.is_none() {
            if !names::is_host(&self.host) {
                return Err(NoFolder::BadName(self.host.clone()));
            }
            let Some(spool) = self.parent.dir().child(SPOOL, create)? else { return Ok(None) };
            state.dir = spool.child(&self.host, create)?.map(Arc::new);
        }
        Ok(state.dir.clone())
    }

    /// The folder was removed by somebody else: nothing is written any more.
    pub(crate) fn mark_erased(&self) {
        self.recent.want(false);
        let mut state = self.state();
        state.erased = true;
        state.dir = None;
    }

    /// The folder was removed by us: the next frame may make it again.
    pub(crate) fn forget_dir(&self) {
        self.recent.want(false);
        self.state().dir = None;
    }
}

/// What a look into a folder has found.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// The files of ours, oldest first.
    pub(crate) all: Vec<Name>,
    /// Files that were looked at, foreign ones included.
    pub(crate) seen: usize,
    /// Nothing was left unseen.
    pub(crate) complete: bool,
}

/// The files of ours in a folder, as far as they are among the first [`LISTED_ENTRIES`] entries.
pub(crate) fn list(dir: &Dir) -> io::Result<Listing> {
    list_among(dir, LISTED_ENTRIES)
}

/// As [`list`], among the first so many entries.
pub(crate) fn list_among(dir: &Dir, entries: usize) -> io::Result<Listing> {
    let mut seen = 0;
    let (mut all, complete) = dir.files(entries, |name| {
        seen += 1;
        Name::parse(name)
    })?;
    all.sort_by(|one, other| one.as_str().cmp(other.as_str()));
    Ok(Listing { all, seen, complete })
}

/// Locks a file; `None` if somebody else has locked it, or it is gone.
pub(crate) fn take(dir: &Dir, name: &Name) -> Option<LockedFile> {
    let file = dir.open_file(name.as_str()).ok()?;
    file.try_lock().ok()?;
    // From here on the lock is given back whatever happens.
    let held = LockedFile { pid: std::process::id(), name: name.clone(), file };
    // Between opening and locking somebody may have renamed or removed it.
    dir.holds(name.as_str(), &held.file).then_some(held)
}

/// Makes a new file and locks it. Somebody who looks for files without owner may be quicker than the lock; then this is
/// [`io::ErrorKind::WouldBlock`], and the file is theirs, or gone already.
pub(crate) fn create(dir: &Dir, name: Name) -> io::Result<LockedFile> {
    let file = dir.create(name.as_str())?;
    let locked = file.try_lock();
    let held = LockedFile { pid: std::process::id(), name, file };
    match locked {
        Ok(()) if dir.holds(held.name.as_str(), &held.file) => Ok(held),
        Ok(()) => Err(io::ErrorKind::WouldBlock.into()),
        Err(error) => {
            if error.kind() != io::ErrorKind::WouldBlock {
                let _ = dir.remove(held.name.as_str()); // A file system without locks.
            }
            Err(error)
        }
    }
}

/// Makes a new file with this contents, durable if that is wanted, and removes it again where that fails.
pub(crate) fn write_new(dir: &Dir, name: Name, bytes: &[u8], durable: bool) -> io::Result<()> {
    write_held(dir, name, bytes, durable).map(drop)
}

/// As [`write_new`]; it stays locked.
pub(crate) fn write_held(dir: &Dir, name: Name, bytes: &[u8], durable: bool) -> io::Result<LockedFile> {
    let held = create(dir, name)?;
    let written = dir::append_all(&held.file, bytes)
        .and_then(|()| if durable { held.file.sync_data().and_then(|()| dir.sync()) } else { Ok(()) });
    if written.is_err() {
        let _ = dir.remove(held.name.as_str());
    }
    written.map(|()| held)
}

/// The contents of a file. `None` if it cannot be read, or is larger than any that we write.
pub(crate) fn read(file: &File) -> Option<Vec<u8>> {
    try_read(file).ok().flatten()
}

/// The contents of a file; `None` if it is larger than any that we write.
///
/// # Errors
///
/// If the disk failed: that says nothing about what stands in the file.
pub(crate) fn try_read(file: &File) -> io::Result<Option<Vec<u8>>> {
    // In one piece: one byte more, to see the end.
    let len = file.checked()?.metadata()?.len().min(SPOOL_BYTES);
    let mut bytes = Vec::with_capacity(usize::try_from(len + 1).unwrap_or_default());
    let mut from_start: &std::fs::File = file.checked()?;
    #[cfg(all(test, unix))]
    super::tests::crash::read()?;
    from_start.seek(io::SeekFrom::Start(0))?;
    from_start.take(SPOOL_BYTES + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= SPOOL_BYTES).then_some(bytes))
}

/// Some bytes of a file; `None` if they are not there, or cannot be read.
pub(crate) fn read_at(file: &File, at: u64, len: u64) -> Option<Vec<u8>> {
    try_read_at(file, at, len).ok().flatten()
}

/// Some bytes of a file; `None` if they are not there.
///
/// # Errors
///
/// As with [`try_read`].
pub(crate) fn try_read_at(file: &File, at: u64, len: u64) -> io::Result<Option<Vec<u8>>> {
    // Whatever a damaged plan says: no file of ours is larger.
    if at.saturating_add(len) > SPOOL_BYTES {
        return Ok(None);
    }
    let mut bytes = vec![0; usize::try_from(len).map_err(io::Error::other)?];
    let mut from: &std::fs::File = file.checked()?;
    #[cfg(all(test, unix))]
    super::tests::crash::read()?;
    from.seek(io::SeekFrom::Start(at))?;
    match from.read_exact(&mut bytes) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        read => read.map(|()| Some(bytes)),
    }
}

/// Whether opening a file failed because there is none of ours, and not because the system could not do it just now.
pub(crate) fn is_not_there(error: &io::Error) -> bool {
    // The system's own refusal has a number; ours, of a link or a folder, has none.
    let is_refused = error.kind() == io::ErrorKind::PermissionDenied && error.raw_os_error().is_none();
    error.kind() == io::ErrorKind::NotFound || is_refused
}

/// Waits for a lock that others keep for milliseconds; `None` if somebody keeps it longer.
pub fn wait_for(lock: File) -> Option<File> {
    let begun = Instant::now();
    while lock.try_lock().is_err() {
        if begun.elapsed() > ERASE_WAIT {
            return None;
        }
        std::thread::sleep(ERASE_POLL);
    }
    Some(lock)
}

/// The file that is locked while a folder changes as a whole: plans are made, files removed, rows added up.
pub fn lock_file(dir: &Dir) -> io::Result<File> {
    match dir.create(LOCK) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => dir.open_file(LOCK),
        other => other,
    }
}

/// The right to make plans in a folder and to remove files of it, until it is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    _lock: LockedFile,
}

/// Takes the turn; `None` if another process has it at this moment, for milliseconds.
///
/// # Errors
///
/// If the disk failed, or has no locks.
pub(crate) fn turn(dir: &Dir) -> io::Result<Option<Turn>> {
    for _ in 0..3 {
        let file = lock_file(dir)?;
        match file.try_lock() {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
            locked => locked?,
        }
        let Some(name) = Name::lock() else { break };
        let held = LockedFile { pid: std::process::id(), name, file };
        // It may have been removed with everything else in between; then somebody may hold another one.
        if dir.holds(LOCK, &held.file) {
            return Ok(Some(Turn { _lock: held }));
        }
    }
    Ok(None)
}

/// Lets this one stand for a process of its own, beside others of a test.
#[cfg(test)]
pub(crate) fn set_apart(folder: &mut SpoolFolder, number: u64) {
    folder.owner.folder = format!("{} {number}", folder.owner.folder);
}

/// Files of one spool, at most: see [`SPOOL_FILES`].
const _: () = assert!(SPOOL_FILES < LISTED_ENTRIES);
