//! C20: thirty days of daily runs against a dead endpoint, and what happens when it comes back. The clock is faked, all
//! else is real.

use std::{
    io,
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

use telemetry_tests::Sandbox;

use crate::{
    check::{delivered, ledger_check, spooled, well},
    clocks::at,
    steps, tools,
};

/// A port that closes every connection at once, and from some moment on leads to a server.
struct Endpoint {
    port: u16,
    attempts: Arc<AtomicUsize>,
    alive: Arc<AtomicBool>,
}

impl Endpoint {
    fn dead(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (attempts, alive) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let (counter, answers) = (attempts.clone(), alive.clone());
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                counter.fetch_add(1, Ordering::SeqCst);
                if answers.load(Ordering::SeqCst) {
                    let upstream = TcpStream::connect(("127.0.0.1", server)).unwrap();
                    pump(client.try_clone().unwrap(), upstream.try_clone().unwrap());
                    pump(upstream, client);
                }
            }
        });
        Self { port, attempts, alive }
    }

    fn attempts(&self) -> usize {
        self.attempts.load(Ordering::SeqCst)
    }
}

fn pump(mut from: TcpStream, mut to: TcpStream) {
    thread::spawn(move || {
        let _ = io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Write);
    });
}

const DAYS: u64 = 30;

/// The bytes that a spool may take: its quota and what making a batch needs for a moment.
const QUOTA: u64 = 4 * 1024 * 1024;

#[test]
fn r03_r09_c20_thirty_days_of_runs_against_a_dead_endpoint_and_the_day_after() {
    let Some(library) = tools::faketime() else { return };
    let sandbox = Sandbox::new();
    let endpoint = Endpoint::dead(sandbox.server.port());
    let program = |run: u64, what: &[&str], day: u64, hour: u64| {
        // Day 1 is 1 October 2051, so nothing of today's date can help.
        let (month, day) = if day <= 31 { (10, day) } else { (11, day - 31) };
        let mut command = steps(&sandbox, run, what);
        command.env("PROBE_PORT", endpoint.port.to_string());
        well(run, at(&mut command, &library, &format!("@2051-{month:02}-{day:02} {hour:02}:00:00")))
    };
    let (mut stories, mut recorded) = (Vec::new(), Vec::new());
    for day in 1..=DAYS {
        // Every third day three runs.
        for hour in if day % 3 == 0 { &[9, 13, 17][..] } else { &[9] } {
            let before = endpoint.attempts();
            let run = stories.len() as u64;
            let story = program(run, &["command:2", "event:1", "flush"], day, *hour);
            assert!(endpoint.attempts() - before <= 1, "day {day}: {} attempts", endpoint.attempts() - before);
            assert_eq!(story.count("sent"), 0, "{story:?}");
            recorded.push((run, day));
            stories.push(story);
        }
        let bytes: u64 = spooled(&sandbox).iter().map(|path| std::fs::metadata(path).unwrap().len()).sum();
        assert!(bytes <= QUOTA, "{bytes} bytes on day {day}");
    }
    println!("{} runs, {} attempts", stories.len(), endpoint.attempts());
    assert!((10..=40).contains(&endpoint.attempts()), "{} attempts", endpoint.attempts());
    // The longest pause is 30 hours: two days later no breaker holds back anybody.
    endpoint.alive.store(true, Ordering::SeqCst);
    let today = DAYS + 2;
    let after = program(1_000, &["flush"], today, 17);
    let arrived = delivered(&sandbox);
    for (run, day) in recorded {
        let came = arrived.numbers.get(&run).map_or(0, |numbers| numbers.len());
        let age = today - day;
        assert_eq!(came, if age <= 14 { 3 } else { 0 }, "run of day {day}");
    }
    stories.push(after);
    let all: Vec<_> = stories.iter().collect();
    ledger_check(&sandbox, &all);
    let lost: u64 = all.iter().map(|story| story.count("expired")).sum();
    let offered: u64 = all.iter().map(|story| story.count("offered")).sum();
    assert_eq!(offered - arrived.events, lost, "what did not arrive was too old, and nothing else");
    assert!(lost > 0, "nothing had expired");
}
