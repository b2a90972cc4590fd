//! The ledger on disk: `ledger.<identity>.json`, the sum of all processes that are gone, and `ledger.<identity>/<uuid>.json`,
//! the row of one that may be alive. Each destination of an SDK has its own, as what one operator is told of losses is not
//! about the events of another.
//!
//! Each process replaces its own row and holds the lock on it, as with the files of the spool. A row that can be locked has
//! lost its process: under the lock of the folder it is added to the sum, which remembers the names it was made of until
//! the rows are removed, so that a crash in between adds nothing twice. Every file holds both sides of both sums, written
//! together.
//!
//! A process that ends within a second of an event leaves a row that does not know of it. Where the end of an event is
//! missing, its row says `waiting` for ever; [`settle`] finds out by counting what is in the spool, and calls it unknown.

use std::{
    io::{self, Read as _},
    sync::Arc,
};

use serde::{Deserialize, Serialize};
use telemetry_spool::{
    Digest, LOCK,
    folder::dir::{self, Dir, File, is_removed},
    limits::{LISTED_ENTRIES, SMALL_FILE_BYTES},
    lock_file, wait_for,
};

use crate::{
    base::uuid::{unix_ms_of, uuid7},
    count::LedgerCounts,
    write::files::state_dir::SdkDir,
};

/// How the names of a sum and of the folder of its rows begin; the identity follows, and [`ROW`] behind that of the sum.
pub(crate) const NAME: &str = "ledger.";

/// The sum's name in the SDK's folder.
pub(crate) fn name(destination: &Digest) -> String {
    format!("{}{ROW}", folder(destination))
}

/// The folder of the rows.
pub(crate) fn folder(destination: &Digest) -> String {
    format!("{NAME}{}", telemetry_spool::identity(destination))
}

/// Where the ledger of one destination is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At<'a> {
    pub(crate) sdk: &'a SdkDir,
    pub(crate) destination: &'a Digest,
}

impl At<'_> {
    /// The folder of the rows.
    fn dir(&self, create: bool) -> Option<Dir> {
        self.sdk.dir().child(&folder(self.destination), create).ok()?
    }
}

/// The one version that is read and written.
const VERSION: u32 = 1;

const ROW: &str = ".json";
const STAGED: &str = ".json.new";

/// The sum, as it stands on disk.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sum {
    version: u32,
    /// The UTC day on which counting began, in days since 1970-01-01.
    since: u32,
    /// The rows that are in `counts` and may still stand in the folder.
    added: Vec<String>,
    counts: LedgerCounts,
    /// What `telemetry_health` has told.
    #[serde(default)]
    told: Told,
}

/// What `telemetry_health` has told of the losses in the ledger.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Told {
    /// The UTC day of the latest look, in days since 1970-01-01.
    pub(crate) day: u32,
    /// All that was told so far; only losses are ever in it.
    pub(crate) losses: LedgerCounts,
}

/// A row, as it stands on disk.
#[derive(Serialize, Deserialize)]
struct Row {
    version: u32,
    since: u32,
    counts: LedgerCounts,
}

/// The ledger of one SDK on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Total {
    /// The UTC day on which counting began, in days since 1970-01-01.
    pub(crate) since: u32,
    /// All processes of all programs, as they last wrote it down.
    pub(crate) counts: LedgerCounts,
}

/// The row of this process.
#[derive(Debug)]
pub(crate) struct LedgerFile {
    pid: u32,
    sdk: Arc<SdkDir>,
    destination: Digest,
    id: String,
    since: u32,
    /// The row as it was last written, with its lock; `None` before the first time.
    file: Option<File>,
    /// What this process had counted before this row began.
    base: LedgerCounts,
    written: LedgerCounts,
}

impl LedgerFile {
    /// A row that counts from `base` on. Nothing is written yet. `None` if the system has no random numbers for a name.
    pub(crate) fn new(sdk: Arc<SdkDir>, destination: Digest, base: LedgerCounts, unix_ms: u64) -> Option<Self> {
        let (id, since) = (uuid7(unix_ms)?, telemetry_spool::day_of(unix_ms));
        Some(Self { pid: std::process::id(), sdk, destination, id, since, file: None, base, written: base })
    }

    /// Whether nothing can be written to this row any more: `off`, `erase` or a user has removed it, or it is the row of
    /// the process that this one was forked from.
    pub(crate) fn is_closed(&self) -> bool {
        self.pid != std::process::id() || self.is_lost() || self.file.as_ref().is_some_and(is_removed)
    }

    /// Whether the host has closed the row's descriptor: its lock is gone, and anybody may have added it to the sum.
    pub(crate) fn is_lost(&self) -> bool {
        self.file.as_ref().is_some_and(|file| !file.is_ours())
    }

    /// Whose ledger it is in.
    pub(crate) fn destination(&self) -> Digest {
        self.destination
    }

    /// What this process had counted when the row was last written.
    pub(crate) fn written(&self) -> LedgerCounts {
        self.written
    }

    /// The folder was opened anew.
    pub(crate) fn reopen(&mut self, sdk: Arc<SdkDir>) {
        self.sdk = sdk;
    }

    fn at(&self) -> At<'_> {
        At { sdk: &self.sdk, destination: &self.destination }
    }

    /// Whether nothing was written yet, or something else than `counts`.
    pub(crate) fn is_behind(&self, counts: &LedgerCounts) -> bool {
        self.file.is_none() || self.written != *counts
    }

    /// Replaces the row by what this process has counted, all of it at once.
    ///
    /// # Errors
    ///
    /// If it cannot be written, and where it is closed; it is as it was.
    pub(crate) fn save(&mut self, counts: LedgerCounts) -> io::Result<()> {
        if self.is_closed() {
            return Err(io::ErrorKind::NotFound.into());
        }
        let folder = self.at().dir(true).ok_or(io::ErrorKind::NotFound)?;
        let row = Row { version: VERSION, since: self.since, counts: counts.since(&self.base) };
        let (name, staged) = (format!("{}{ROW}", self.id), format!("{}{STAGED}", self.id));
        let file = folder.create(&staged)?;
        // Locked before it has its name: at no moment is there a row of a living process that can be locked.
        let replaced = file
            .try_lock()
            .and_then(|()| dir::append_all(&file, &serde_json::to_vec(&row)?))
            .and_then(|()| folder.rename(&staged, &name));
        if let Err(error) = replaced {
            let _ = folder.remove(&staged);
            return Err(error);
        }
        self.file = Some(file);
        self.written = counts;
        Ok(())
    }
}

/// Adds the rows of processes that are gone to the sum, and says whether no other process has a row. `None` if somebody
/// else is at it, or it cannot be done.
pub(crate) fn fold(own: &LedgerFile, today: u32) -> Option<bool> {
    let at = own.at();
    let dir = at.dir(false)?;
    let _lock = lock(&dir)?;
    let mut sum = load(at, today)?;
    let (mut gone, mut alone) = (Vec::new(), true);
    for id in rows(&dir).into_iter().filter(|id| *id != own.id) {
        match take_over(&dir, &id) {
            Some(file) => gone.push((id, file)),
            None => alone = false,
        }
    }
    for (id, file) in &gone {
        sum.take(id, file);
    }
    finish(at, &dir, sum, gone.into_iter().map(|(id, _)| id).collect()).ok()?;
    Some(alone)
}

/// How many rows there are.
pub(crate) fn row_count(at: At<'_>) -> usize {
    at.dir(false).map_or(0, |dir| rows(&dir).len())
}

/// Calls unknown what no row and no file knows any more: `spooled` events are in the spool of all host programs. Only
/// right while no other process lives and this one ends no events.
pub(crate) fn settle(at: At<'_>, today: u32, spooled: u64) -> Option<()> {
    let dir = at.dir(false)?;
    let _lock = lock(&dir)?;
    let mut sum = load(at, today)?;
    let waiting = added(&dir, &sum).net().waiting;
    // What the living row has left open it ends itself.
    let missing = waiting.saturating_sub(spooled).min(sum.counts.waiting);
    if missing > 0 {
        sum.counts.waiting -= missing;
        sum.counts.unknown += missing;
        store(at, &sum).ok()?;
    }
    Some(())
}

/// The sum of all processes, dead or alive, at one moment. Writes nothing. `None` if there is none.
pub(crate) fn total(at: At<'_>, today: u32) -> Option<Total> {
    let dir = at.dir(false)?;
    let mut before = load(at, today)?;
    for _ in 0..TRIES {
        let counts = added(&dir, &before).net();
        // Rows that were added to the sum in between are missing here, or in it twice.
        let after = load(at, today)?;
        if after == before {
            return Some(Total { since: before.since, counts });
        }
        before = after;
    }
    None
}

/// How often [`total`] looks again when rows are added to the sum meanwhile; each process does that once.
const TRIES: usize = 8;

/// The user said no: what was waiting is erased, whatever its destination. All rows end; their processes write no more.
pub(crate) fn close(sdk: &SdkDir, today: u32) {
    let ledger = |name: &str| name.strip_prefix(NAME).and_then(destination_of);
    for destination in sdk.dir().folders(LISTED_ENTRIES, ledger).unwrap_or_default().0 {
        close_one(At { sdk, destination: &destination }, today);
    }
}

/// The destination whose identity this is, as far as names tell.
fn destination_of(identity: &str) -> Option<Digest> {
    let half = u64::from_str_radix(identity, 16).ok()?;
    let mut destination = Digest::default();
    destination.first_chunk_mut::<8>()?.copy_from_slice(&half.to_be_bytes());
    (telemetry_spool::identity(&destination) == identity).then_some(destination)
}

fn close_one(at: At<'_>, today: u32) {
    let Some(dir) = at.dir(false) else { return };
    // Whoever keeps the lock may be adding these very rows to the sum, and two writers would count them twice. The rows stay
    // then: the next process that is alone finds that nothing waits in the spool, and says `unknown`.
    let Some(_lock) = lock_file(&dir).ok().and_then(wait_for) else { return };
    let Some(mut sum) = load(at, today) else { return };
    let ids = rows(&dir);
    for id in &ids {
        if let Ok(file) = dir.open_file(&format!("{id}{ROW}")) {
            sum.take(id, &file);
        }
    }
    sum.counts = sum.counts.net();
    sum.counts.opted_out += std::mem::take(&mut sum.counts.waiting);
    let _ = finish(at, &dir, sum, ids);
}

/// What was lost and is still to be told, for whoever asks first on a day: for all others it counts as told from then on.
/// `will_tell` says how much of it can be told in one report.
pub(crate) fn losses_to_tell(
    at: At<'_>,
    today: u32,
    will_tell: impl FnOnce(&LedgerCounts) -> LedgerCounts,
) -> Option<LedgerCounts> {
    // A day far ahead is one of a clock that was wrong.
    let is_told = |told: Told| told.day == today || told.day == today + 1;
    if is_told(load(at, today)?.told) {
        return None;
    }
    let dir = at.dir(true)?;
    let _lock = lock(&dir)?;
    let mut sum = load(at, today)?;
    if is_told(sum.told) {
        return None;
    }
    let lost = added(&dir, &sum).losses();
    // A ledger that was removed begins again, and so does what was told of it.
    let before = lost.at_most(&sum.told.losses);
    sum.told = Told { day: today, losses: before.plus(&will_tell(&lost.since(&before))) };
    // First: a crash in between loses numbers, where the other order would tell them twice.
    store(at, &sum).ok()?;
    Some(sum.told.losses.since(&before))
}

impl Sum {
    /// Whether both sums of its counts hold.
    #[cfg(any(test, fuzzing))]
    pub(crate) fn holds(&self) -> bool {
        self.counts.holds()
    }

    /// Adds a row; one that is damaged adds nothing.
    fn take(&mut self, id: &str, file: &File) {
        if self.added.iter().any(|added| added == id) {
            return;
        }
        if let Some(row) = read(file) {
            self.since = self.since.min(row.since);
            self.counts = self.counts.plus(&row.counts);
        }
    }
}

/// The sum and all rows that are not in it.
fn added(dir: &Dir, sum: &Sum) -> LedgerCounts {
    let mut all = sum.clone();
    for id in rows(dir) {
        if let Ok(file) = dir.open_file(&format!("{id}{ROW}")) {
            all.take(&id, &file);
        }
    }
    all.counts
}

/// Stores a sum, and then removes the rows that are in it.
fn finish(at: At<'_>, dir: &Dir, mut sum: Sum, added: Vec<String>) -> io::Result<()> {
    if added.is_empty() {
        return Ok(());
    }
    sum.counts = sum.counts.net();
    sum.added = added;
    store(at, &sum)?;
    for id in &sum.added {
        let _ = dir.remove(&format!("{id}{ROW}"));
    }
    Ok(())
}

/// The lock under which rows are added to the sum, unless somebody has it.
fn lock(dir: &Dir) -> Option<File> {
    let file = lock_file(dir).ok()?;
    file.try_lock().ok()?;
    Some(file)
}

/// `None` if a later version keeps it. Nothing and damage are an empty sum that begins today.
fn load(at: At<'_>, today: u32) -> Option<Sum> {
    #[derive(Deserialize)]
    struct Version {
        version: u32,
    }
    let bytes = at.sdk.read_small(&name(at.destination)).ok().flatten().unwrap_or_default();
    let is_later = serde_json::from_slice(&bytes).is_ok_and(|Version { version }| version > VERSION);
    let sum = parse(&bytes).unwrap_or(Sum { version: VERSION, since: today, ..Sum::default() });
    (!is_later).then_some(sum)
}

/// The sum in the bytes of its file, if they are whole.
pub(crate) fn parse(bytes: &[u8]) -> Option<Sum> {
    serde_json::from_slice(bytes).ok().filter(|sum: &Sum| sum.version == VERSION && sum.counts.holds())
}

fn store(at: At<'_>, sum: &Sum) -> io::Result<()> {
    at.sdk.replace_small(&name(at.destination), &serde_json::to_vec(sum)?, false)
}

fn read(file: &File) -> Option<Row> {
    let mut bytes = Vec::new();
    (&**file).take(SMALL_FILE_BYTES).read_to_end(&mut bytes).ok()?;
    serde_json::from_slice(&bytes).ok().filter(|row: &Row| row.version == VERSION && row.counts.holds())
}

/// Removes the rows of a ledger, and the folder if nothing else is in it; `false` while something is.
pub(crate) fn remove_rows(sdk: &SdkDir, folder: &str) -> bool {
    if let Ok(Some(dir)) = sdk.dir().child(folder, false) {
        let ours = |name: &str| {
            let id = name.strip_suffix(STAGED).or_else(|| name.strip_suffix(ROW));
            (name == LOCK || id.is_some_and(|id| unix_ms_of(id).is_some())).then(|| name.to_owned())
        };
        for name in dir.files(usize::MAX, ours).unwrap_or_default().0 {
            let _ = dir.remove(&name);
        }
    }
    let removed = sdk.dir().remove_dir(folder);
    removed.is_ok() || removed.is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
}

/// The ids of all rows in the folder.
fn rows(dir: &Dir) -> Vec<String> {
    let id = |name: &str| name.strip_suffix(ROW).filter(|id| unix_ms_of(id).is_some()).map(str::to_owned);
    let mut ids = dir.files(LISTED_ENTRIES, id).unwrap_or_default().0;
    // Some file systems list a name twice that is replaced meanwhile.
    ids.sort();
    ids.dedup();
    ids
}

/// A row whose process is gone, locked.
fn take_over(dir: &Dir, id: &str) -> Option<File> {
    let name = format!("{id}{ROW}");
    let file = dir.open_file(&name).ok()?;
    file.try_lock().ok()?;
    // What a process that died half-way has left of the next row.
    if dir.holds(&name, &file) {
        let _ = dir.remove(&format!("{id}{STAGED}"));
        Some(file)
    } else {
        None
    }
}

#[cfg(all(test, unix))]
mod tests;
