//! What the tests of the spool run in: a folder, a ledger, a process.

use std::{cell::RefCell, collections::HashMap, fs, path::PathBuf, sync::Arc};

use telemetry_schema::Wire;

use super::super::{names, place, spool::AppendError, uuid::uuid7, *};

pub(crate) const EXTENDED: Wire = Wire::EventBatch { strict: false };
pub(crate) const STRICT: Wire = Wire::EventBatch { strict: true };

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

    pub(crate) fn sdk(&self) -> SdkDir {
        SdkDir::open(&self.0, "acme-ui", true).unwrap().unwrap()
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

    pub(crate) fn process(&self) -> Process<'_> {
        let (spool, backlog) = open(Arc::new(self.sdk()), "app");
        Process { home: self, spool, backlog, tally: Counts::default() }
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
        self.0.borrow().iter().filter(|(word, _)| **word != "recovered").map(|(_, events)| events).sum()
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
        Outcome::OptedOut => "opted_out",
        Outcome::Vetoed => "vetoed",
        Outcome::Disk => "disk",
        Outcome::Oversize => "oversize",
        _ => "other",
    }
}

impl Tally for Counts {
    fn count(&self, outcome: Outcome, events: u64) {
        *self.0.borrow_mut().entry(word(outcome)).or_default() += events;
    }

    fn recover(&self, events: u64) {
        *self.0.borrow_mut().entry("recovered").or_default() += events;
    }
}

/// What a process has of one SDK. Several of them stand for several processes: their locks exclude each other.
pub(crate) struct Process<'a> {
    home: &'a Home,
    pub(crate) spool: Spool,
    pub(crate) backlog: Backlog,
    pub(crate) tally: Counts,
}

impl Process<'_> {
    pub(crate) fn try_append(&mut self, wire: Wire, day: u32, json: &str) -> Result<(), AppendError> {
        let frame = Frame { day, digest: [1; 16], wire, json: json.as_bytes() };
        let appended = self.spool.append(&frame, NOW, &self.tally);
        if let Err(error) = appended {
            self.tally.count(error.outcome(), 1);
        }
        appended
    }

    pub(crate) fn append(&mut self, json: &str) {
        self.try_append(EXTENDED, day_of(NOW), json).unwrap();
    }

    /// Ends without a farewell: what it had is left to others.
    pub(crate) fn die(self) -> Counts {
        let Self { home, spool, backlog, tally } = self;
        drop((spool, backlog));
        // Staged files are remembered under the names that a journal gives them.
        place::disown(
            &home.names().iter().map(|name| name.trim_end_matches(names::STAGED).to_owned()).collect::<Vec<_>>(),
        );
        tally
    }

    /// Takes every batch and sends it off at once; the events in the order of their batches.
    pub(crate) fn send_all(&mut self) -> Vec<String> {
        let mut events = Vec::new();
        while let Some(batch) = self.backlog.next(NOW, &self.tally) {
            let sent: Vec<_> = batch.frames().map(|frame| text(frame.json)).collect();
            self.backlog.finish(batch, Outcome::Sent, sent.len() as u64, &self.tally);
            events.extend(sent);
        }
        events
    }
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}
