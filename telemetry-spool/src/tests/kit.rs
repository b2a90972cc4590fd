//! What the tests of the spool run in: a folder, a ledger, a process.

use std::{
    cell::RefCell,
    collections::HashMap,
    fs,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::day::DAY_MS;
use crate::{appender::AppendError, limits::test::LIMITS, spool_folder, uuid::uuid7, *};

pub(crate) use crate::limits::test::{BEACON, EXTENDED, REPORT, STRICT};

/// Makes each [`Process`] one of its own.
static PROCESSES: AtomicU64 = AtomicU64::new(0);

/// Where the events of these tests go.
pub(crate) const HERE: Digest = [2; 16];

/// 2026-11-22, 12:00 UTC.
pub(crate) const NOW: u64 = 20_779 * DAY_MS + DAY_MS / 2;

/// A file system in memory if there is one with room, so that hundreds of starts do not wait for a disk; programs of
/// `tests/` use the disk.
fn temporary() -> PathBuf {
    let memory = std::path::Path::new("/dev/shm");
    let free = rustix::fs::statvfs(memory).map_or(0, |stat| stat.f_bavail.saturating_mul(stat.f_frsize));
    if free > 256 * 1024 * 1024 { memory.to_owned() } else { std::env::temp_dir() }
}

/// A state directory of its own, removed at the end.
pub(crate) struct Home(PathBuf);

impl Home {
    pub(crate) fn new() -> Self {
        let path = temporary().join(format!("telemetry-test-{}", uuid7(NOW).unwrap()));
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &std::path::Path {
        &self.0
    }

    pub(crate) fn sdk(&self) -> PrivateFolder {
        PrivateFolder::open(&self.0, &["telemetry", "acme-ui"], true).unwrap().unwrap()
    }

    /// A file in the SDK's folder.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    /// The SDK's folder.
    pub(crate) fn folder(&self) -> PathBuf {
        let _ = self.sdk();
        self.0.join("telemetry/acme-ui")
    }

    pub(crate) fn spool_file(&self, name: &str) -> PathBuf {
        self.file("spool/app").join(name)
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

    pub(crate) fn bytes(&self) -> u64 {
        self.names().iter().map(|name| fs::metadata(self.spool_file(name)).unwrap().len()).sum()
    }

    pub(crate) fn process(&self) -> Process {
        self.process_with(HERE)
    }

    /// One whose events go elsewhere.
    pub(crate) fn process_with(&self, destination: Digest) -> Process {
        let mut folder = spool_folder::SpoolFolder::new(Arc::new(self.sdk()), "app", destination, &LIMITS);
        spool_folder::set_apart(&mut folder, PROCESSES.fetch_add(1, Ordering::Relaxed));
        let folder = Arc::new(folder);
        let (spool, backlog) = (Spool::new(folder.clone()), Backlog::new(folder));
        Process { spool, backlog, tally: Counts::default(), destination }
    }
}

impl Home {
    /// Two SDKs of one name in one process.
    pub(crate) fn process_with_two(&self, one: Digest, other: Digest) -> (Process, Process) {
        let number = PROCESSES.fetch_add(1, Ordering::Relaxed);
        let process = |destination| {
            let mut folder = spool_folder::SpoolFolder::new(Arc::new(self.sdk()), "app", destination, &LIMITS);
            spool_folder::set_apart(&mut folder, number);
            let folder = Arc::new(folder);
            let (spool, backlog) = (Spool::new(folder.clone()), Backlog::new(folder));
            Process { spool, backlog, tally: Counts::default(), destination }
        };
        (process(one), process(other))
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A ledger for tests.
#[derive(Default)]
pub(crate) struct Counts(RefCell<HashMap<&'static str, u64>>);

impl Counts {
    pub(crate) fn of(&self, outcome: Outcome) -> u64 {
        self.get(word(outcome))
    }

    pub(crate) fn recovered(&self) -> u64 {
        self.get("recovered")
    }

    pub(crate) fn ended(&self) -> u64 {
        self.0
            .borrow()
            .iter()
            .filter(|(word, _)| !matches!(**word, "recovered" | "elsewhere"))
            .map(|(_, events)| events)
            .sum()
    }

    pub(crate) fn get(&self, word: &str) -> u64 {
        self.0.borrow().get(word).copied().unwrap_or(0)
    }
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Sent => "sent",
        Outcome::Unknown => "unknown",
        Outcome::Rejected => "rejected",
        Outcome::Expired => "expired",
        Outcome::Evicted => "evicted",
        Outcome::Corrupt => "corrupt",
        Outcome::Erased => "erased",
        Outcome::Discarded => "discarded",
        Outcome::Disk => "disk",
        Outcome::Oversize => "oversize",
        Outcome::OtherDestination => "other_destination",
    }
}

impl Tally for Counts {
    fn count(&self, outcome: Outcome, events: u64) {
        *self.0.borrow_mut().entry(word(outcome)).or_default() += events;
    }

    fn recover(&self, events: u64) {
        *self.0.borrow_mut().entry("recovered").or_default() += events;
    }

    fn end_elsewhere(&self, events: u64) {
        *self.0.borrow_mut().entry("elsewhere").or_default() += events;
    }
}

/// What a process has of one SDK. Several of them stand for several processes: their locks exclude each other, and what one
/// has recorded another one recovers.
pub(crate) struct Process {
    pub(crate) spool: Spool,
    pub(crate) backlog: Backlog,
    pub(crate) tally: Counts,
    destination: Digest,
}

impl Process {
    pub(crate) fn frame<'a>(&self, kind: u8, day: u32, json: &'a str) -> Frame<'a> {
        Frame { day, digest: [1; 16], destination: self.destination, kind, body: json.as_bytes() }
    }

    pub(crate) fn try_append(&mut self, kind: u8, day: u32, json: &str) -> Result<(), AppendError> {
        let frame = self.frame(kind, day, json);
        let mut appended = self.spool.append(&frame, NOW, &self.tally);
        if appended == Err(AppendError::Vanished) {
            appended = self.spool.append(&frame, NOW, &self.tally);
        }
        if let Err(error) = appended {
            self.tally.count(error.outcome(), 1);
        }
        appended
    }

    pub(crate) fn append(&mut self, json: &str) {
        self.try_append(EXTENDED, day_of(NOW), json).unwrap();
    }

    /// As [`Process::append`], at another time.
    pub(crate) fn append_at(&mut self, unix_ms: u64, json: &str) {
        let frame = self.frame(EXTENDED, day_of(unix_ms), json);
        self.spool.append(&frame, unix_ms, &self.tally).unwrap();
    }

    /// Ends without a farewell: what it had is left to others.
    pub(crate) fn die(self) -> Counts {
        own::forget_all(self.spool.folder().owner());
        self.tally
    }

    pub(crate) fn start(&mut self, unix_ms: u64) {
        self.backlog.start(unix_ms, &self.tally);
    }

    pub(crate) fn next(&mut self) -> Option<Batch> {
        self.next_at(NOW)
    }

    pub(crate) fn next_at(&mut self, unix_ms: u64) -> Option<Batch> {
        self.backlog.begin_upload();
        self.backlog.next(unix_ms, &|_| true, &self.tally)
    }

    pub(crate) fn put_back(&mut self, batch: Batch) -> bool {
        let kept = self.backlog.put_back(batch, &self.tally);
        self.backlog.end_upload(NOW, &self.tally);
        kept
    }

    pub(crate) fn finish(&mut self, batch: Batch, outcome: Outcome) {
        let sent = batch.len() as u64;
        self.backlog.finish(batch, outcome, sent, &self.tally);
        self.backlog.end_upload(NOW, &self.tally);
    }

    /// Takes every batch and sends it off at once; the events in the order of their batches.
    pub(crate) fn send_all(&mut self) -> Vec<String> {
        let mut events = Vec::new();
        while let Some(batch) = self.next() {
            events.extend(texts(&batch));
            self.finish(batch, Outcome::Sent);
        }
        events
    }
}

/// The events of a batch.
pub(crate) fn texts(batch: &Batch) -> Vec<String> {
    batch.frames().map(|frame| text(frame.body)).collect()
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}
