//! S13: two collectors behind nginx and one ClickHouse. Collectors end and are killed, the engine goes away, is slow, loses answers and is full; what was answered is
//! in every answer, once. `scripts/clickhouse-check` runs it with the real engine, and with nginx where that is there.

use std::{
    env, fs,
    net::{SocketAddr, TcpListener},
    process::{Child, Command, Stdio},
    sync::{Arc, atomic::Ordering},
    thread,
    time::{Duration, Instant},
};

use telemetry_collector::{config::Config, store};

use crate::{
    harness::Answer,
    kills::Ledger,
    process::{PROGRAM, Process, event, is_long, kept_by, long_minutes, post, prepare},
};

/// The page that says how nginx is set up; what it says is what is run.
const PAGE: &str = include_str!("../../../docs/operating.md");

fn engine() -> String {
    env::var("TELEMETRY_CLICKHOUSE").expect("scripts/clickhouse-check sets it")
}

/// Has the engine treat the next inserts of events like this.
fn fault(mode: &str) {
    let address: SocketAddr = engine().trim_start_matches("http://").parse().unwrap();
    assert_eq!(post(address, &format!("/fault?mode={mode}&n=0"), "").status, 200);
}

/// A collector with a folder and an address that stay while it is started again.
struct Place {
    data: tempfile::TempDir,
    config: String,
    listen: String,
    /// The library that puts its clock ahead; none for a clock that is right.
    clock: Option<String>,
    process: Option<Process>,
}

impl Place {
    fn new(database: &str, clock: Option<String>) -> Self {
        Self::configured(&format!("url = \"{}\"\ndatabase = \"{database}\"\ntimeout_seconds = 10", engine()), clock)
    }

    fn configured(clickhouse: &str, clock: Option<String>) -> Self {
        let data = tempfile::tempdir().unwrap();
        prepare(data.path());
        let config = format!(
            "store = \"clickhouse\"\n[clickhouse]\n{clickhouse}\nlinger_milliseconds = 100\n\
             [server]\ntrusted_proxies = [\"127.0.0.1\"]\n[rate]\nper_second = 0\n[limits]\nconnections_per_address = 1000\n"
        );
        let mut place = Self { data, config, listen: free_address().to_string(), clock, process: None };
        place.start();
        place
    }

    fn start(&mut self) {
        let mut command = Command::new(PROGRAM);
        if let Some(library) = &self.clock {
            // Seven minutes ahead. Without the monotonic clock: waits are as long as they are.
            command.env("LD_PRELOAD", library).env("FAKETIME", "+7m").env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        }
        self.process = Some(Process::run(command, self.data.path(), &self.config, &self.listen));
    }

    fn process(&self) -> &Process {
        self.process.as_ref().unwrap()
    }

    fn figure(&self, name: &str) -> u64 {
        let text = self.process().get_admin("/metrics").body;
        let line = text.lines().find_map(|line| line.strip_prefix(&format!("telemetry_collector_{name} "))).unwrap();
        line.parse().unwrap()
    }

    /// Ends it by force and starts it again, on the same address.
    fn restart_by_force(&mut self) {
        self.process.take().unwrap().kill();
        self.start();
    }

    /// Waits until the engine has all that was in its outbox.
    fn wait_until_sent(&self) {
        wait(|| self.figure("outbox_events") == 0);
    }

    fn configuration(&self) -> Config {
        let mut config = Config::parse(&self.config).unwrap();
        config.server.data = self.data.path().to_owned();
        config
    }
}

fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

fn wait(mut until: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(300);
    while !until() {
        assert!(Instant::now() < end, "it never comes");
        thread::sleep(Duration::from_millis(20));
    }
}

/// nginx as the page sets it up, in plain text.
struct Balancer {
    child: Child,
    listen: SocketAddr,
    _folder: tempfile::TempDir,
}

impl Balancer {
    fn start(collectors: [&str; 2]) -> Option<Self> {
        let block = PAGE.split("```nginx\n").nth(1).unwrap().split("```").next().unwrap();
        let listen = free_address();
        let block = block
            .replace("10.0.0.1:8321", collectors[0])
            .replace("10.0.0.2:8321", collectors[1])
            .replace("listen 443 ssl", &format!("listen {listen}"));
        assert!(block.contains(collectors[0]) && block.contains(collectors[1]) && block.contains(&listen.to_string()));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().display();
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {path}/{kind};\n"))
            .concat();
        let config = format!(
            "daemon off;\nmaster_process off;\npid {path}/pid;\nerror_log {path}/error.log;\nevents {{}}\nhttp {{\n{temporary}{block}}}\n"
        );
        fs::write(folder.path().join("nginx.conf"), config).unwrap();
        let mut command = Command::new("nginx");
        command.arg("-p").arg(folder.path()).args(["-e", "error.log", "-c", "nginx.conf"]).stdin(Stdio::null());
        let child = command.spawn().ok()?;
        wait(|| std::net::TcpStream::connect(listen).is_ok());
        Some(Self { child, listen, _folder: folder })
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The library of faketime, where it is there.
fn faketime() -> Option<String> {
    let asked = Command::new("faketime").args(["-m", "-f", "+0d", "printenv", "LD_PRELOAD"]).output();
    let library = asked.ok().map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    if library.is_none() {
        eprintln!("faketime is not there: without it clocks are the same");
    }
    library
}

fn database() -> String {
    let seconds = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos();
    format!("f{seconds}")
}

#[test]
#[ignore = "needs the engine: scripts/clickhouse-check"]
fn s13_two_collectors_lose_and_double_nothing_whatever_happens() {
    let rounds = if is_long() { 10 } else { 1 };
    let database = database();
    let clock = faketime();
    let (mut a, mut b) = (Place::new(&database, None), Place::new(&database, clock));
    let balancer = Balancer::start([&a.listen, &b.listen]);
    if balancer.is_none() {
        eprintln!("nginx is not there: without it one collector is asked, and none ends");
    }
    let has_balancer = balancer.is_some();
    let ledger = Arc::new(Ledger::behind_balancer(has_balancer));
    let address = balancer.as_ref().map_or(a.process().listen, |balancer| balancer.listen);
    ledger.under_load(address, || {
        let pause = || thread::sleep(Duration::from_millis(1500));
        for _ in 0..rounds {
            if has_balancer {
                // One at a time, in order and by force.
                for place in [&mut a, &mut b] {
                    assert!(place.process.take().unwrap().end().0.success());
                    place.start();
                    pause();
                    place.restart_by_force();
                    pause();
                }
            }
            for mode in ["away", "slow", "lose", "full"] {
                fault(mode);
                thread::sleep(Duration::from_secs(if is_long() { 30 } else { 3 }));
                if has_balancer {
                    b.restart_by_force();
                    pause();
                }
                fault("none");
                pause();
            }
        }
    });
    a.wait_until_sent();
    b.wait_until_sent();
    assert_each_once(&ledger, &a);
}

/// Asserts that what was answered is in every answer, once, and nothing else but what was sent.
fn assert_each_once(ledger: &Ledger, place: &Place) {
    let wrong = ledger.wrong.lock().unwrap();
    assert!(wrong.is_empty(), "{} answers, first {:?}", wrong.len(), wrong.first());
    let kept = kept_by(&mut *store::reader(&place.configuration()).unwrap());
    let answered = ledger.answered.lock().unwrap();
    assert!(answered.len() > 100, "{} events", answered.len());
    let lost: Vec<_> = answered.iter().filter(|number| !kept.contains_key(number)).collect();
    assert!(lost.is_empty(), "lost {} of {}: {lost:?}", lost.len(), answered.len());
    let open: Vec<u64> = ledger.open.lock().unwrap().iter().flatten().copied().collect();
    for (number, n) in &kept {
        assert_eq!(*n, 1, "{number} is there {n} times");
        assert!(answered.contains(number) || open.contains(number), "{number} was never sent");
    }
    let later = ledger.later.load(Ordering::Relaxed);
    eprintln!("{} events answered, {} kept, each once; told to come again {later} times", answered.len(), kept.len());
}

/// A batch of its own for each collector or the same for both, sent past the balancer.
fn send(place: &Place, numbers: std::ops::Range<u64>) -> Answer {
    let events: Vec<_> = numbers.map(event).collect();
    let answer = post(place.process().listen, "/v1/event", &crate::harness::batch(&events));
    assert_eq!(answer.status, 200, "{answer:?}");
    answer
}

#[test]
#[ignore = "needs the engine: scripts/clickhouse-check"]
fn s13_what_is_erased_does_not_come_back_from_another_outbox_and_a_repeat_is_no_other_event() {
    let database = database();
    let (a, b) = (Place::new(&database, None), Place::new(&database, None));
    let both = || {
        a.wait_until_sent();
        b.wait_until_sent();
        kept_by(&mut *store::reader(&b.configuration()).unwrap())
    };
    for place in [&a, &b] {
        assert_eq!(send(place, 0..50).json()["accepted"], 50, "neither knows of the other");
    }
    assert_eq!(both().into_iter().collect::<Vec<_>>(), (0..50).map(|number| (number, 1)).collect::<Vec<_>>());
    // B cannot send. What waits there is erased as what A has sent, and what comes after that stays.
    fault("away");
    send(&b, 50..60);
    let erase = || {
        Command::new(PROGRAM)
            .args(["erase", "--sdk", "acme", "--data"])
            .arg(a.data.path())
            .arg("--config")
            .arg(a.data.path().join("collector.toml"))
            .output()
            .unwrap()
    };
    let erased = erase();
    assert!(erased.status.success(), "{erased:?}");
    assert!(String::from_utf8(erased.stdout).unwrap().starts_with("erased 50 events"));
    fault("none");
    wait(|| b.figure("outbox_events") == 0);
    assert!(both().is_empty());
    // Until every collector has learned of it, what is new is erased as well. A number of its own each time.
    let mut number = 60;
    wait(|| {
        number += 1;
        send(&b, number..number + 1);
        both().contains_key(&number)
    });
    // What was erased is new once more, where it comes again.
    assert_eq!(send(&b, 0..1).json()["accepted"], 1);
    assert_eq!(both().get(&0), Some(&1));
}

/// Some 2,000 events a second come, which is 170 million a day. In the long form it is a tenth of that, so that the outbox holds an hour
/// of it, with a kill in each tenth of the time.
#[test]
#[ignore = "needs the engine: scripts/clickhouse-check"]
fn s13_what_has_waited_is_sent_five_times_as_fast_as_it_came() {
    // Inserts are small, so that there is something left when the first one has come through.
    let settings = format!("url = \"{}\"\ndatabase = \"{}\"\ninsert_events = 5000", engine(), database());
    let mut a = Place::configured(&settings, None);
    fault("away");
    let pause = Duration::from_millis(if is_long() { 100 } else { 10 });
    let ledger = Arc::new(Ledger::with_pause(pause));
    let time = long_minutes().map_or(Duration::from_secs(10), |minutes| Duration::from_secs(60 * minutes));
    let begin = Instant::now();
    for _ in 0..10 {
        ledger.under_load(a.process().listen, || {
            thread::sleep(time / 10);
            if is_long() {
                a.restart_by_force();
            }
        });
    }
    let came = begin.elapsed().as_secs_f64();
    let waiting = a.figure("outbox_events");
    assert!(waiting as usize >= ledger.answered.lock().unwrap().len());
    fault("none");
    // The engine is tried again after a while.
    wait(|| a.figure("outbox_events") < waiting);
    let left = a.figure("outbox_events");
    let begin = Instant::now();
    a.wait_until_sent();
    let sent = begin.elapsed().as_secs_f64();
    let times = (left as f64 / sent) / (waiting as f64 / came);
    eprintln!(
        "{waiting} events came in {came:.1} s, {left} of them were sent in {sent:.1} s: {times:.1} times as fast"
    );
    assert!(left > 0 && times >= 5.0, "{times:.1} times as fast");
    assert_each_once(&ledger, &a);
}

/// Needs no engine: there is none.
#[test]
fn s13_while_the_engine_is_away_a_full_outbox_is_answered_503_with_retry_after() {
    let place = Place::configured("url = \"http://127.0.0.1:9\"\noutbox_mib = 1", None);
    let mut numbers = (0..).step_by(100).map(|first| (first..first + 100).collect::<Vec<u64>>());
    let mut connection = None;
    let (mut accepted, mut answer) = (0, None);
    for numbers in numbers.by_ref().take(100) {
        let told = crate::process::send(&mut connection, place.process().listen, &numbers).unwrap();
        if told.status != 200 {
            answer = Some(told);
            break;
        }
        accepted += 100;
    }
    let answer = answer.expect("it takes more than it has room for");
    assert_eq!(answer.status, 503, "{answer:?}");
    assert!(answer.header("retry-after").is_some_and(|seconds| seconds.parse::<u32>().is_ok()), "{answer:?}");
    assert_eq!(place.figure("outbox_events"), accepted, "what was answered waits, and nothing of what was not");
    assert_eq!(place.figure("engine_up"), 0);
    assert_eq!(place.process().get_admin("/readyz").status, 503);
    assert_eq!(place.process().get_admin("/healthz").status, 200);
}
