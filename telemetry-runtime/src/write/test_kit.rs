//! What tests of this crate run in: a state directory, a ledger, a process with a spool.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use telemetry_schema::{Identity, Wire};
use telemetry_spool::{AppendError, Backlog, Batch, Digest, Frame, Outcome, Spool, Tally, day_of};

use crate::{
    base::uuid::uuid7,
    write::{
        files::state_dir::{self, SdkDir},
        spooled,
    },
};

pub(crate) const EXTENDED: Wire = Wire::EventBatch { strict: false };
pub(crate) const STRICT: Wire = Wire::EventBatch { strict: true };

/// Where the events of these tests go.
pub(crate) const HERE: Digest = [2; 16];

/// 2026-11-22, 12:00 UTC.
pub(crate) const NOW: u64 = 20_779 * DAY_MS + DAY_MS / 2;

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// A file system in memory if there is one with room, so that hundreds of starts do not wait for a disk; programs of
/// `tests/` use the disk.
fn temporary() -> PathBuf {
    let memory = Path::new("/dev/shm");
    let free = rustix::fs::statvfs(memory).map_or(0, |stat| stat.f_bavail.saturating_mul(stat.f_frsize));
    if free > 256 * 1024 * 1024 { memory.to_owned() } else { std::env::temp_dir() }
}

/// A state directory of its own, removed at the end.
pub(crate) struct Home {
    path: PathBuf,
    processes: AtomicUsize,
}

impl Home {
    pub(crate) fn new() -> Self {
        let path = temporary().join(format!("telemetry-test-{}", uuid7(NOW).unwrap()));
        fs::create_dir(&path).unwrap();
        Self { path, processes: AtomicUsize::new(0) }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn sdk(&self) -> SdkDir {
        state_dir::open(&self.path, "acme-ui", true).unwrap().unwrap()
    }

    /// A file in the SDK's folder.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    /// The SDK's folder.
    pub(crate) fn folder(&self) -> PathBuf {
        let _ = self.sdk();
        self.path.join("telemetry/acme-ui")
    }

    /// The names in the spool, sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.file("spool/app")) else { return Vec::new() };
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    pub(crate) fn count(&self, ending: &str) -> usize {
        self.names().iter().filter(|name| name.ends_with(ending)).count()
    }

    /// What a process has of one SDK. Several of them stand for several processes: their locks exclude each other, and what
    /// one has recorded another one recovers. A spool knows its own frames by the path of its folder, so each opens the folder
    /// by another spelling of its path.
    pub(crate) fn process(&self) -> Process {
        self.process_of(None)
    }

    /// As [`Home::process`], of an SDK that declares this.
    pub(crate) fn process_of(&self, identity: Option<Identity>) -> Process {
        let number = self.processes.fetch_add(1, Ordering::Relaxed);
        let base = self.path.join("./".repeat(number));
        let dir = state_dir::open(&base, "acme-ui", true).unwrap().unwrap();
        let (spool, backlog) = spooled::open(Arc::new(dir), "app", HERE, identity);
        Process { spool, backlog, tally: Counts::default() }
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// A ledger for tests.
#[derive(Default)]
pub(crate) struct Counts {
    ended: RefCell<HashMap<Outcome, u64>>,
    recovered: Cell<u64>,
}

impl Counts {
    pub(crate) fn of(&self, outcome: Outcome) -> u64 {
        self.ended.borrow().get(&outcome).copied().unwrap_or(0)
    }

    pub(crate) fn recovered(&self) -> u64 {
        self.recovered.get()
    }

    pub(crate) fn ended(&self) -> u64 {
        self.ended.borrow().values().sum()
    }
}

impl Tally for Counts {
    fn count(&self, outcome: Outcome, events: u64) {
        *self.ended.borrow_mut().entry(outcome).or_default() += events;
    }

    fn recover(&self, events: u64) {
        self.recovered.set(self.recovered.get() + events);
    }

    fn end_elsewhere(&self, _events: u64) {}
}

/// See [`Home::process`].
pub(crate) struct Process {
    pub(crate) spool: Spool,
    pub(crate) backlog: Backlog,
    pub(crate) tally: Counts,
}

impl Process {
    pub(crate) fn append(&mut self, json: &str) {
        self.try_append(EXTENDED, day_of(NOW), json).unwrap();
    }

    /// As [`Process::append`], an event with this digest.
    pub(crate) fn append_with(&mut self, digest: Digest, json: &str) {
        let frame = Frame { digest, ..frame(EXTENDED, day_of(NOW), json) };
        self.append_frame(&frame).unwrap();
    }

    pub(crate) fn try_append(&mut self, wire: Wire, day: u32, json: &str) -> Result<(), AppendError> {
        self.append_frame(&frame(wire, day, json))
    }

    fn append_frame(&mut self, frame: &Frame<'_>) -> Result<(), AppendError> {
        let mut appended = self.spool.append(frame, NOW, &self.tally);
        if appended == Err(AppendError::Vanished) {
            appended = self.spool.append(frame, NOW, &self.tally);
        }
        appended
    }

    pub(crate) fn next(&mut self) -> Option<Batch> {
        self.backlog.begin_upload();
        self.backlog.next(NOW, &|_| true, &self.tally)
    }

    pub(crate) fn finish(&mut self, batch: Batch, outcome: Outcome) {
        let sent = batch.frames().count() as u64;
        self.backlog.finish(batch, outcome, sent, &self.tally);
    }
}

fn frame(wire: Wire, day: u32, json: &str) -> Frame<'_> {
    Frame { day, digest: [1; 16], destination: HERE, kind: wire.format().code, body: json.as_bytes() }
}
