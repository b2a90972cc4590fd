//! S1, S12, S16: the process ends at any time. What was answered is there, and nothing is there twice.

use std::{
    collections::BTreeSet,
    process::Command,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use crate::process::{Process, is_long, kept, prepare, send};

/// What clients have sent, and what was answered.
#[derive(Default)]
pub(crate) struct Ledger {
    next: AtomicU64,
    pub(crate) answered: Mutex<BTreeSet<u64>>,
    pub(crate) open: Mutex<Vec<Vec<u64>>>,
    pub(crate) wrong: Mutex<Vec<String>>,
    /// How often a client was told to come again.
    pub(crate) later: AtomicU64,
    /// A balancer answers 502 or 504 where it has no collector at this moment.
    behind_balancer: bool,
    pause: Duration,
}

impl Ledger {
    /// Of clients that wait so long between two batches.
    pub(crate) fn with_pause(pause: Duration) -> Self {
        Self { pause, ..Self::default() }
    }

    /// Of clients that ask a balancer, if there is one.
    pub(crate) fn behind_balancer(behind_balancer: bool) -> Self {
        Self { behind_balancer, ..Self::default() }
    }

    /// A batch that has had no answer yet, or a new one.
    fn take(&self) -> Vec<u64> {
        let again = self.open.lock().unwrap().pop();
        again.unwrap_or_else(|| {
            let first = self.next.fetch_add(5, Ordering::Relaxed);
            (first..first + 5).collect()
        })
    }

    /// Sends until it is told to stop, or there is no answer.
    fn send_until(&self, stop: &AtomicBool, address: std::net::SocketAddr) {
        let mut connection = None;
        while !stop.load(Ordering::Relaxed) {
            let numbers = self.take();
            match send(&mut connection, address, &numbers) {
                Some(answer) if answer.status == 200 => {
                    let json = answer.json();
                    if json["accepted"].as_u64().unwrap_or(0) + json["duplicate"].as_u64().unwrap_or(0) != 5 {
                        self.wrong.lock().unwrap().push(answer.body);
                    }
                    self.answered.lock().unwrap().extend(numbers);
                    thread::sleep(self.pause);
                }
                Some(answer) => {
                    let comes_again =
                        answer.status == 503 || self.behind_balancer && matches!(answer.status, 502 | 504);
                    if comes_again {
                        self.later.fetch_add(1, Ordering::Relaxed);
                    } else {
                        self.wrong.lock().unwrap().push(answer.body);
                    }
                    self.open.lock().unwrap().push(numbers);
                    thread::sleep(Duration::from_millis(1));
                }
                None => {
                    self.open.lock().unwrap().push(numbers);
                    return;
                }
            }
        }
    }

    /// Four clients at once, while `meanwhile` runs.
    pub(crate) fn under_load<T>(self: &Arc<Self>, address: std::net::SocketAddr, meanwhile: impl FnOnce() -> T) -> T {
        let stop = Arc::new(AtomicBool::new(false));
        let clients: Vec<_> = (0..4)
            .map(|_| {
                let (ledger, stop) = (Arc::clone(self), Arc::clone(&stop));
                thread::spawn(move || ledger.send_until(&stop, address))
            })
            .collect();
        let result = meanwhile();
        stop.store(true, Ordering::Relaxed);
        clients.into_iter().for_each(|client| client.join().unwrap());
        result
    }

    fn assert_kept(&self, data: &std::path::Path) {
        let kept = kept(data);
        let answered = self.answered.lock().unwrap();
        let lost: Vec<_> = answered.iter().filter(|number| !kept.contains_key(number)).collect();
        assert!(lost.is_empty(), "answered and lost: {lost:?}");
        let doubled: Vec<_> = kept.iter().filter(|(_, n)| **n != 1).collect();
        assert!(doubled.is_empty(), "kept more than once: {doubled:?}");
        assert!(self.wrong.lock().unwrap().is_empty(), "{:?}", self.wrong.lock().unwrap());
    }
}

#[test]
fn s01_kills_lose_nothing_that_was_answered_and_double_nothing() {
    let data = tempfile::tempdir().unwrap();
    prepare(data.path());
    let ledger = Arc::new(Ledger::default());
    let kills = if is_long() { 100 } else { 5 };
    for number in 0..kills {
        let process = Process::start(data.path());
        // Without a source of randomness that nobody could repeat: each kill somewhat later than the last.
        let pause = Duration::from_millis(20 + (number * 37) % 400);
        let address = process.listen;
        let before = ledger.next.load(Ordering::Relaxed);
        ledger.under_load(address, || {
            thread::sleep(pause);
            // A busy machine may not have let the clients begin.
            while ledger.next.load(Ordering::Relaxed) < before + 5 {
                thread::sleep(Duration::from_millis(1));
            }
            process.kill()
        });
        ledger.assert_kept(data.path());
    }
    // What had no answer is sent again, and then everything is there once.
    let process = Process::start(data.path());
    let mut connection = None;
    let open = std::mem::take(&mut *ledger.open.lock().unwrap());
    for numbers in &open {
        assert_eq!(send(&mut connection, process.listen, numbers).unwrap().status, 200);
        ledger.answered.lock().unwrap().extend(numbers);
    }
    ledger.assert_kept(data.path());
    let sent = ledger.next.load(Ordering::Relaxed);
    assert_eq!(kept(data.path()).len() as u64, sent);
    process.kill();
    let check = Command::new(env!("CARGO_BIN_EXE_telemetry-collector-tested"))
        .arg("check")
        .arg("--data")
        .arg(data.path())
        .output()
        .unwrap();
    assert_eq!(check.status.code(), Some(0), "{}", String::from_utf8_lossy(&check.stdout));
}

#[test]
fn s12_sigterm_under_load_ends_in_time_and_loses_nothing() {
    let data = tempfile::tempdir().unwrap();
    prepare(data.path());
    let ledger = Arc::new(Ledger::default());
    let process = Process::start(data.path());
    let address = process.listen;
    let (status, time, log) = ledger.under_load(address, || {
        thread::sleep(Duration::from_millis(300));
        process.end()
    });
    assert!(status.success(), "{status}: {log}");
    assert!(time < Duration::from_secs(10), "{time:?}");
    ledger.assert_kept(data.path());
    assert!(!ledger.answered.lock().unwrap().is_empty());
}

#[test]
fn s12_an_idle_or_slow_connection_does_not_keep_it_from_ending() {
    use std::io::Write as _;
    let data = tempfile::tempdir().unwrap();
    prepare(data.path());
    let process = Process::start(data.path());
    let _idle = crate::harness::connect(process.listen);
    let mut slow = crate::harness::connect(process.listen);
    slow.write_all(b"POST /v1/event HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{").unwrap();
    let (status, time, log) = process.end();
    assert!(status.success(), "{status}: {log}");
    assert!(time < Duration::from_secs(10), "{time:?}");
}

/// A start that is cut short anywhere, the making of the tables included, is followed by one that works.
#[test]
fn s16_kills_while_it_starts_leave_a_store_that_opens() {
    let data = tempfile::tempdir().unwrap();
    prepare(data.path());
    for pause in (0..if is_long() { 60 } else { 8 }).map(|number| number * 7) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_telemetry-collector-tested"))
            .args(["serve", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--data"])
            .arg(data.path())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        thread::sleep(Duration::from_millis(pause));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let process = Process::start(data.path());
    let mut connection = None;
    assert_eq!(send(&mut connection, process.listen, &[1, 2]).unwrap().status, 200);
    let log = process.kill();
    assert!(!log.contains("damaged"), "{log}");
    assert_eq!(kept(data.path()).len(), 2);
}

#[test]
fn two_collectors_do_not_share_a_folder() {
    let data = tempfile::tempdir().unwrap();
    prepare(data.path());
    let process = Process::start(data.path());
    let second = Command::new(env!("CARGO_BIN_EXE_telemetry-collector-tested"))
        .args(["serve", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--data"])
        .arg(data.path())
        .output()
        .unwrap();
    assert_eq!(second.status.code(), Some(69), "{}", String::from_utf8_lossy(&second.stderr));
    process.kill();
    drop(Process::start(data.path()).kill());
}
