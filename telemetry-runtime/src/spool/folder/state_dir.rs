//! The folder of one SDK in the platform's state directory.

use std::{
    ffi::OsString,
    fmt,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use crate::{
    base::{
        clock,
        limits::{LISTED_ENTRIES, SMALL_FILE_BYTES, TEMPORARY_HOURS},
        process,
        uuid::{unix_ms_of, uuid7},
    },
    spool::folder::dir::{self, Dir, may_write},
};

/// The files that [`SdkDir::replace_small`] writes, each beside what it means; tests there hold that none is missing.
pub(crate) const SMALL_FILES: [&str; 7] =
    [README, "consent.json", "told", "memory.json", "breaker.json", "sent.log", "secret"];
const TEMPORARY: &str = ".tmp";
const README: &str = "README.txt";

/// How a README of ours begins.
pub(crate) const README_BEGINS: &str = "This folder belongs to the usage telemetry of ";

/// Why there is no place to keep consent and events: then nothing is recorded.
#[cfg_attr(not(unix), expect(dead_code, reason = "owners and modes are asked for on Unix only"))]
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NoFolder {
    /// The variable that names the home directory is unset or not an absolute path.
    NoHome,
    /// The home directory, or the state directory that was asked for, does not exist.
    Missing,
    /// We are root in the home of somebody else; files of root there would be in their way.
    OthersHome,
    /// The program has rights that its user does not have; what the user's variables say must not be done with them.
    RaisedRights,
    /// A folder of ours is a symbolic link or no folder at all.
    NotAFolder(String),
    /// A folder of ours belongs to another user.
    OthersFolder(String),
    /// Others may write to a folder of ours.
    Writable(String),
    /// The name is not fit for a folder.
    BadName(String),
    /// The folder was erased while this process ran.
    Erased,
    /// The operating system said no.
    Io(io::ErrorKind),
}

impl fmt::Display for NoFolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoHome => f.write_str("no home directory is set"),
            Self::Missing => f.write_str("the home or state directory does not exist"),
            Self::OthersHome => f.write_str("root in another user's home"),
            Self::RaisedRights => f.write_str("a program with rights that its user does not have"),
            Self::NotAFolder(name) => write!(f, "`{name}` is not a folder, or a symbolic link"),
            Self::OthersFolder(name) => write!(f, "folder `{name}` belongs to another user"),
            Self::Writable(name) => write!(f, "others may write to folder `{name}`"),
            Self::BadName(name) => write!(f, "`{name}` cannot be the name of a folder"),
            Self::Erased => f.write_str("the folder was erased"),
            Self::Io(kind) => write!(f, "{kind}"),
        }
    }
}

impl std::error::Error for NoFolder {}

impl From<io::Error> for NoFolder {
    fn from(error: io::Error) -> Self {
        Self::Io(error.kind())
    }
}

/// Finds the platform's state directory.
pub(crate) struct StateDir;

impl StateDir {
    /// The base for all SDKs, which need not exist yet if the home directory does. Only looks, never creates.
    ///
    /// `$XDG_STATE_HOME` (if it is absolute) or `~/.local/state`; on macOS `~/Library/Application Support`; on Windows
    /// `%LOCALAPPDATA%`.
    ///
    /// # Errors
    ///
    /// [`NoFolder::NoHome`], [`NoFolder::Missing`] or [`NoFolder::RaisedRights`]: there is no folder that lasts.
    pub(crate) fn locate(env: impl Fn(&str) -> Option<OsString>) -> Result<PathBuf, NoFolder> {
        if process::raised_by().is_some() {
            return Err(NoFolder::RaisedRights);
        }
        let absolute = |name| env(name).map(PathBuf::from).filter(|path| path.is_absolute());
        if cfg!(windows) {
            let base = absolute("LOCALAPPDATA").ok_or(NoFolder::NoHome)?;
            return if base.is_dir() { Ok(base) } else { Err(NoFolder::Missing) };
        }
        let home = absolute("HOME");
        if !cfg!(target_vendor = "apple")
            && let Some(base) = absolute("XDG_STATE_HOME")
        {
            // Folders are made below an existing home only: a wrong variable must not litter the root of the disk.
            let makeable = home.as_ref().is_some_and(|home| home.is_dir() && base.starts_with(home));
            return if makeable || base.is_dir() { Ok(base) } else { Err(NoFolder::Missing) };
        }
        let home = home.ok_or(NoFolder::NoHome)?;
        if !home.is_dir() {
            return Err(NoFolder::Missing);
        }
        let below = if cfg!(target_vendor = "apple") { "Library/Application Support" } else { ".local/state" };
        Ok(home.join(below))
    }
}

/// The folder of one SDK, open: whatever happens to its path, this is the folder that was checked.
#[derive(Debug)]
pub(crate) struct SdkDir {
    dir: Dir,
    path: String,
}

impl SdkDir {
    /// Opens `<base>/telemetry/<sdk>`; `None` if it does not exist and `create` is false.
    ///
    /// With `create`, missing folders are made, for the owner alone.
    ///
    /// # Errors
    ///
    /// [`NoFolder`] says why the folder cannot be used.
    pub(crate) fn open(base: &Path, sdk: &str, create: bool) -> Result<Option<Self>, NoFolder> {
        let plain = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
        if sdk.is_empty() || sdk.len() > 64 || !sdk.bytes().all(plain) {
            return Err(NoFolder::BadName(sdk.to_owned()));
        }
        let Some(base_dir) = Dir::open_base(base, create)? else { return Ok(None) };
        let Some(all) = base_dir.child("telemetry", create)? else { return Ok(None) };
        let Some(dir) = all.child(sdk, create)? else { return Ok(None) };
        Ok(Some(Self { dir, path: base.join("telemetry").join(sdk).display().to_string() }))
    }

    /// Writes `README.txt`. One that another version has written is replaced; what somebody else has written stays.
    pub(crate) fn write_readme(&self, text: &str) {
        match self.read_small(README) {
            Ok(Some(there)) if there != text.as_bytes() && there.starts_with(README_BEGINS.as_bytes()) => {
                let _ = self.replace_small(README, text.as_bytes(), false);
                return;
            }
            Ok(None) => {}
            Ok(Some(_)) | Err(_) => return,
        }
        // A folder without explanation is no reason to fail; half of one would never be completed.
        if let Ok(mut file) = self.dir.create(README)
            && dir::append_all(&mut file, text.as_bytes()).is_err()
        {
            let _ = self.dir.remove(README);
        }
    }

    /// Whether the system would let us write to the folder, or make it where it does not exist; asks and changes nothing.
    ///
    /// # Errors
    ///
    /// [`NoFolder::Io`] with the reason, such as a file system that can only be read. A yes is no promise: a disk may be full.
    pub(crate) fn may_write(base: &Path, sdk: &str) -> Result<(), NoFolder> {
        let folder = base.join("telemetry").join(sdk);
        match folder.ancestors().find(|path| path.symlink_metadata().is_ok()) {
            Some(existing) => Ok(may_write(existing)?),
            None => Err(NoFolder::Missing),
        }
    }

    /// Whether the host has closed the descriptor of this folder, with all others that it did not know perhaps.
    pub(crate) fn is_lost(&self) -> bool {
        self.dir.is_lost()
    }

    pub(crate) fn dir(&self) -> &Dir {
        &self.dir
    }

    /// Where it was opened; it tells this folder from others and is never walked again.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The contents of a small file; `None` if there is none.
    ///
    /// # Errors
    ///
    /// If it cannot be read, is not a regular file of ours or larger than [`SMALL_FILE_BYTES`].
    pub(crate) fn read_small(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        self.read_bounded(name, SMALL_FILE_BYTES)
    }

    /// As [`SdkDir::read_small`], of a file of at most `most` bytes.
    pub(crate) fn read_bounded(&self, name: &str, most: u64) -> io::Result<Option<Vec<u8>>> {
        let file = match self.dir.open_file(name) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file?,
        };
        let mut bytes = Vec::new();
        (&*file).take(most + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > most {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(Some(bytes))
    }

    /// Replaces a small file: whoever reads it meanwhile sees the old one or the new one, whole. With `durable`, also
    /// after the power failed.
    pub(crate) fn replace_small(&self, name: &str, bytes: &[u8], durable: bool) -> io::Result<()> {
        self.stage_small(name, bytes, durable)?.take_place()
    }

    /// Writes the next version of a small file whole, under a name of its own; see [`Staged::take_place`].
    pub(crate) fn stage_small(&self, name: &str, bytes: &[u8], durable: bool) -> io::Result<Staged<'_>> {
        let id = uuid7(clock::now_ms()).ok_or(io::ErrorKind::Other)?;
        let temporary = format!("{name}.{id}{TEMPORARY}");
        let mut file = self.dir.create(&temporary)?;
        let staged = Staged { dir: &self.dir, temporary, name: name.to_owned() };
        dir::append_all(&mut file, bytes)?;
        if durable {
            file.sync_data()?;
        }
        Ok(staged)
    }

    /// Removes what writers of small files left that died half-way.
    pub(crate) fn sweep(&self, unix_ms: u64) {
        for name in self.dir.files(LISTED_ENTRIES, |name| Some(name.to_owned())).unwrap_or_default().0 {
            let begun = name
                .strip_suffix(TEMPORARY)
                .and_then(|name| name.rsplit_once('.'))
                .filter(|(small, _)| SMALL_FILES.contains(small) || is_ledger(small))
                .and_then(|(_, id)| unix_ms_of(id));
            if begun.is_some_and(|begun| unix_ms.saturating_sub(begun) > TEMPORARY_HOURS * 60 * 60 * 1000) {
                let _ = self.dir.remove(&name);
            }
        }
    }
}

/// Whether this is the name of a ledger, `ledger.<identity of a destination>.json`.
fn is_ledger(name: &str) -> bool {
    let identity = name.strip_prefix("ledger.").and_then(|name| name.strip_suffix(".json"));
    identity.is_some_and(|identity| {
        identity.len() == 16 && identity.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    })
}

/// The next version of a small file, on disk and not yet in its place. Dropped, it is removed.
#[derive(Debug)]
pub(crate) struct Staged<'a> {
    dir: &'a Dir,
    temporary: String,
    name: String,
}

impl Staged<'_> {
    /// Takes the place of the version before.
    pub(crate) fn take_place(mut self) -> io::Result<()> {
        self.dir.rename(&self.temporary, &self.name)?;
        self.temporary.clear();
        Ok(())
    }
}

impl Drop for Staged<'_> {
    fn drop(&mut self) {
        if !self.temporary.is_empty() {
            let _ = self.dir.remove(&self.temporary);
        }
    }
}

#[cfg(all(test, unix))]
mod tests;
