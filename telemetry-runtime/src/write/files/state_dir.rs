//! The folder of one SDK in the platform's state directory.

use std::{
    ffi::OsString,
    fmt, io,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use telemetry_spool::{
    NoFolder, PrivateFolder,
    folder::{
        dir::{self, append_all},
        private::TEMPORARY,
    },
    limits::LISTED_ENTRIES,
};

use crate::base::{limits::TEMPORARY_HOURS, process, uuid::unix_ms_of};

/// The next version of a small file, beside it.
pub(crate) use telemetry_spool::Staged;

/// The folder of one SDK, open.
pub(crate) type SdkDir = PrivateFolder;

/// The files that [`SdkDir`]'s writers replace, each beside what it means; tests there hold that none is missing.
pub(crate) const SMALL_FILES: [&str; 8] =
    [README, "consent.json", "told", "memory.json", "breaker.json", "sent.log", "secret", "installation"];
const README: &str = "README.txt";

/// Files of ours that are not replaced whole: the log before the last, and what is locked.
pub(crate) const OTHER_FILES: [&str; 4] = ["sent.log.1", "memory.lock", "breaker.lock", "installation.lock"];

/// How a README of ours begins.
pub(crate) const README_BEGINS: &str = "This folder belongs to the usage telemetry of ";

/// Why there is no place to keep consent and events: then nothing is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoState {
    /// The variable that names the home directory is unset or not an absolute path.
    NoHome,
    /// The home directory, or the state directory that was asked for, does not exist.
    Missing,
    /// The program has rights that its user does not have; what the user's variables say must not be done with them.
    RaisedRights,
}

impl fmt::Display for NoState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoHome => f.write_str("no home directory is set"),
            Self::Missing => f.write_str("the home or state directory does not exist"),
            Self::RaisedRights => f.write_str("a program with rights that its user does not have"),
        }
    }
}

impl std::error::Error for NoState {}

/// The base for all SDKs, which need not exist yet if the home directory does. Only looks, never creates.
///
/// `$XDG_STATE_HOME` (if it is absolute) or `~/.local/state`; on macOS `~/Library/Application Support`; on Windows
/// `%LOCALAPPDATA%`.
///
/// # Errors
///
/// [`NoState::NoHome`], [`NoState::Missing`] or [`NoState::RaisedRights`]: there is no folder that lasts.
pub(crate) fn locate(env: impl Fn(&str) -> Option<OsString>) -> Result<PathBuf, NoState> {
    if process::raised_by().is_some() {
        return Err(NoState::RaisedRights);
    }
    let absolute = |name| env(name).map(PathBuf::from).filter(|path| path.is_absolute());
    if cfg!(windows) {
        let base = absolute("LOCALAPPDATA").ok_or(NoState::NoHome)?;
        return if base.is_dir() { Ok(base) } else { Err(NoState::Missing) };
    }
    let home = absolute("HOME");
    if !cfg!(target_vendor = "apple")
        && let Some(base) = absolute("XDG_STATE_HOME")
    {
        // Folders are made below an existing home only: a wrong variable must not litter the root of the disk.
        let makeable = home.as_ref().is_some_and(|home| home.is_dir() && base.starts_with(home));
        return if makeable || base.is_dir() { Ok(base) } else { Err(NoState::Missing) };
    }
    let home = home.ok_or(NoState::NoHome)?;
    if !home.is_dir() {
        return Err(NoState::Missing);
    }
    let below = if cfg!(target_vendor = "apple") { "Library/Application Support" } else { ".local/state" };
    Ok(home.join(below))
}
/// Opens `<base>/telemetry/<sdk>`; `None` if it does not exist and `create` is false.
///
/// With `create`, missing folders are made, for the owner alone.
///
/// # Errors
///
/// [`NoFolder`] says why the folder cannot be used.
pub(crate) fn open(base: &Path, sdk: &str, create: bool) -> Result<Option<SdkDir>, NoFolder> {
    let plain = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
    if sdk.is_empty() || sdk.len() > 64 || !sdk.bytes().all(plain) {
        return Err(NoFolder::BadName(sdk.to_owned()));
    }
    PrivateFolder::open(base, &["telemetry", sdk], create)
}

/// Bytes that are no text; a file takes any.
pub(crate) fn read_bytes(dir: &SdkDir, name: &str) -> io::Result<Option<Vec<u8>>> {
    dir.read_small(name)
}

/// As [`read_bytes`], the other way round.
pub(crate) fn replace_bytes(dir: &SdkDir, name: &str, bytes: &[u8]) -> io::Result<()> {
    dir.replace_small(name, bytes, false)
}

/// Writes `README.txt`. One that another version has written is replaced; what somebody else has written stays.
pub(crate) fn write_readme(dir: &SdkDir, text: &str) {
    match dir.read_small(README) {
        Ok(Some(there)) if there != text.as_bytes() && there.starts_with(README_BEGINS.as_bytes()) => {
            let _ = dir.replace_small(README, text.as_bytes(), false);
            return;
        }
        Ok(None) => {}
        Ok(Some(_)) | Err(_) => return,
    }
    // A folder without explanation is no reason to fail; half of one would never be completed.
    if let Ok(file) = dir.dir().create(README)
        && append_all(&file, text.as_bytes()).is_err()
    {
        let _ = dir.dir().remove(README);
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
        Some(existing) => Ok(dir::may_write(existing)?),
        None => Err(NoFolder::Missing),
    }
}

/// Removes what writers of small files left that died half-way.
pub(crate) fn sweep(dir: &SdkDir) {
    sweep_at(dir, system_ms());
}

fn sweep_at(dir: &SdkDir, unix_ms: u64) {
    for name in dir.dir().files(LISTED_ENTRIES, |name| Some(name.to_owned())).unwrap_or_default().0 {
        let begun = name
            .strip_suffix(TEMPORARY)
            .and_then(|name| name.rsplit_once('.'))
            .filter(|(small, _)| SMALL_FILES.contains(small) || is_ledger(small))
            .and_then(|(_, id)| unix_ms_of(id));
        if begun.is_some_and(|begun| unix_ms.saturating_sub(begun) > TEMPORARY_HOURS * 60 * 60 * 1000) {
            let _ = dir.dir().remove(&name);
        }
    }
}

/// The clock of the machine, from which the names of these files have their time.
fn system_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Whether a file of this name in the folder of an SDK is one that a program of any version writes; all others stay as they are.
pub(crate) fn is_ours(name: &str) -> bool {
    let temporary = || {
        let (small, id) = name.strip_suffix(TEMPORARY)?.rsplit_once('.')?;
        Some((SMALL_FILES.contains(&small) || is_ledger(small)) && unix_ms_of(id).is_some())
    };
    SMALL_FILES.contains(&name)
        || OTHER_FILES.contains(&name)
        || is_ledger(name)
        || is_of_destination(name, "detached.", ".lock")
        || temporary() == Some(true)
}

/// Whether this is the name of a ledger, `ledger.<identity of a destination>.json`.
fn is_ledger(name: &str) -> bool {
    is_of_destination(name, "ledger.", ".json")
}

/// Why a file could not be read or written.
pub(crate) fn why(error: &std::io::Error) -> String {
    error.kind().to_string()
}

/// Whether a folder of this name in the folder of an SDK holds the rows of a ledger.
pub(crate) fn is_ledger_folder(name: &str) -> bool {
    is_of_destination(name, "ledger.", "")
}

fn is_of_destination(name: &str, before: &str, after: &str) -> bool {
    let identity = name.strip_prefix(before).and_then(|name| name.strip_suffix(after));
    identity.is_some_and(|identity| {
        identity.len() == 16 && identity.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    })
}

#[cfg(all(test, unix))]
mod tests;
