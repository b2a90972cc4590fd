//! C1 and C2: processes that are killed, at any moment, by any signal.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    os::unix::process::ExitStatusExt as _,
    process::{Child, Stdio},
    time::Duration,
};

use super::*;
use telemetry_runtime::testing::LoopbackServer;
use telemetry_tests::{WATCHDOG, finish};

/// Rounds of the test below.
const KILLS: u64 = 200;

/// What is promised of the time before a kill.
const PROMISE_MS: u64 = 50;

/// How late a thread is woken from a nap of 20 ms on a machine that has time for it.
const QUIET_MS: u64 = 30;

/// One killed process: which events it was about to record and when, and when it was woken.
#[derive(Default)]
struct Story {
    recording: Vec<u64>,
    woken: Vec<u64>,
    killed: u64,
}

impl Story {
    /// The longest nap of the last 200 ms in milliseconds.
    fn longest_nap(&self) -> u64 {
        let last = self.woken.iter().copied().filter(|woken| *woken + 200_000_000 > self.killed);
        let times: Vec<_> = last.chain([self.killed]).collect();
        times.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).max().unwrap_or(u64::MAX) / 1_000_000
    }
}

fn now() -> u64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// Starts a program that records, kills it after so many milliseconds of recording, and hears what it had to say.
fn kill_while_recording(sandbox: &Sandbox, run: u64, after_ms: u64) -> Story {
    let mut command = spooler(sandbox, "until-killed", &[run, 10_000]);
    let mut child = command.env(NOBODY.0, NOBODY.1).stdin(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap());
    let mut story = Story::default();
    let mut line = String::new();
    while !line.starts_with("recording") {
        line.clear();
        assert!(said.read_line(&mut line).unwrap() > 0, "it ended before it recorded anything");
    }
    story.recording.push(line.trim_end().rsplit(' ').next().unwrap().parse().unwrap());
    let reader = std::thread::spawn(move || {
        let mut rest = String::new();
        said.read_to_string(&mut rest).map(|_| rest)
    });
    std::thread::sleep(Duration::from_millis(after_ms));
    story.killed = now();
    child.kill().unwrap();
    let output = finish(child);
    assert_eq!(output.status.signal(), Some(9), "it was killed while it recorded: {output:?}");
    let rest = reader.join().unwrap().unwrap();
    // The last line may be cut.
    for line in rest.split_inclusive('\n').filter(|line| line.ends_with('\n')) {
        let words: Vec<_> = line.split_whitespace().collect();
        match words.as_slice() {
            ["recording", number, time] => {
                assert_eq!(number.parse::<usize>().unwrap(), story.recording.len());
                story.recording.push(time.parse().unwrap());
            }
            ["woken", time] => story.woken.push(time.parse().unwrap()),
            other => panic!("it said {other:?}"),
        }
    }
    story
}

/// C1, P3: whatever the moment, what was appended is whole and arrives, so the events that are lost are the last ones, and
/// they are no older than the worker's nap. The age is judged by the clock only where the machine lets naps end in time.
#[test]
fn r07_c01_200_kills_lose_the_last_moment_and_nothing_else() {
    let mut sandbox = Sandbox::new();
    let mut random = 0x2545_F491_4F6C_DD1D_u64;
    let (mut ages, mut judged, mut recorded, mut arrived, mut all_torn) = (Vec::new(), 0, 0, 0, 0);
    for run in 0..KILLS {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let story = kill_while_recording(&sandbox, run, random % 150);
        let next = ledger(&mut spooler(&sandbox, "deliver", &[]));
        let came = delivered(&sandbox).remove(&run).unwrap_or_default();
        let count = came.len() as u64;
        assert_eq!(came.last().copied(), count.checked_sub(1), "run {run}: none is missing in between");
        assert!(count <= story.recording.len() as u64, "run {run}: {count} of {}", story.recording.len());
        // The event of which we heard last may have been recorded or not.
        // A kill in the middle of a write that crosses a page leaves a torn event, which was never said to be kept.
        let torn = next.of_word("corrupt");
        all_torn += torn;
        assert!(torn <= 1, "run {run}: {next:?}");
        assert_eq!((next.of_word("recovered"), next.of_word("sent")), (count + torn, count), "run {run}: {next:?}");
        let age = story.recording.get(came.len()).map_or(0, |lost| story.killed.saturating_sub(*lost) / 1_000_000);
        if story.longest_nap() <= QUIET_MS {
            judged += 1;
            ages.push(age);
        }
        recorded += story.recording.len() as u64;
        arrived += count;
        let left =
            spooled(&sandbox).into_iter().filter(|path| path.extension().is_none_or(|ending| ending != "damaged"));
        assert_eq!(left.count(), 0, "run {run}: {:?}", spooled(&sandbox));
        sandbox.server = LoopbackServer::start().unwrap();
    }
    let total = total(&sandbox);
    assert_eq!(
        (total.of_word("sent"), total.of_word("corrupt"), total.of_word("waiting")),
        (arrived, all_torn, 0),
        "{total:?}"
    );
    assert!(arrived > 0, "the test would show nothing: {arrived} of {recorded}");
    ages.sort_unstable();
    println!("{recorded} recorded, {arrived} delivered, {judged} of {KILLS} rounds judged, ages in ms {ages:?}");
    let in_time = ages.iter().filter(|age| **age <= PROMISE_MS).count();
    if std::env::var_os("TELEMETRY_TESTS_TIMES").is_some() {
        assert!(judged * 10 >= KILLS * 9, "this machine is too busy to judge by the clock");
        assert_eq!(in_time, ages.len(), "lost more than the last {PROMISE_MS} ms: {ages:?}");
    } else if judged * 10 >= KILLS * 9 {
        // One round in two: whoever is unlucky in the other half was held up by somebody else.
        assert!(in_time * 2 >= ages.len(), "lost more than the last {PROMISE_MS} ms: {ages:?}");
    } else {
        println!(
            "NOT JUDGED: this machine wakes nobody in time; TELEMETRY_TESTS_TIMES=required makes a failure of that"
        );
    }
}

/// C2: the ending is the program's own, by each signal, and none has a handler of ours.
#[test]
#[cfg(target_os = "linux")]
fn r07_c02_signals_end_the_program_and_find_no_handler_of_ours() {
    for (name, signal) in [("HUP", 1), ("INT", 2), ("TERM", 15)] {
        let sandbox = Sandbox::new();
        let mut program = spooler(&sandbox, "signals", &[7]);
        telemetry_tests::native::with_default_signals(&mut program, &[1, 2, 15]);
        let mut child = program.stdin(Stdio::piped()).spawn().unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
        let (before, after) = (said.next().unwrap().unwrap(), said.next().unwrap().unwrap());
        assert_eq!(before, after, "the handlers before and after a delivery");
        send(&child, name);
        let output = finish(child);
        assert_eq!(output.status.signal(), Some(signal), "{output:?}");
        assert_eq!(delivered(&sandbox)[&7].len(), 1);
    }
}

#[cfg(target_os = "linux")]
fn send(child: &Child, signal: &str) {
    let mut kill = std::process::Command::new("kill");
    assert!(kill.args(["-s", signal, &child.id().to_string()]).status().unwrap().success());
}

/// What waits belongs to nobody: another process of the program sends it, whether its recorder lives or not, and once.
#[test]
fn c11_what_a_process_has_recorded_is_sent_by_whoever_comes_and_once() {
    let sandbox = Sandbox::new();
    let mut living = spooler(&sandbox, "until-killed", &[1, 50]);
    let mut living = living.env(NOBODY.0, NOBODY.1).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let begun = std::time::Instant::now();
    // It has written down that its 50 events are on disk, or will within a second.
    while total_waiting(&sandbox) < 50 {
        assert!(begun.elapsed() < WATCHDOG, "{:?}", spooled(&sandbox));
        std::thread::sleep(Duration::from_millis(20));
    }
    let other = ledger(&mut spooler(&sandbox, "deliver", &[]));
    assert_eq!((other.of_word("recovered"), delivered(&sandbox)[&1].len()), (50, 50), "its recorder lives");
    living.kill().unwrap();
    living.wait().unwrap();
    let other = ledger(&mut spooler(&sandbox, "deliver", &[]));
    assert_eq!((other.of_word("recovered"), events(&sandbox, "numbered").len()), (0, 50));
    let total = total(&sandbox);
    assert_eq!((total.of_word("offered"), total.of_word("sent"), total.of_word("waiting")), (50, 50, 0), "{total:?}");
}

/// `waiting` of all programs; 0 where nobody has written anything yet.
fn total_waiting(sandbox: &Sandbox) -> u64 {
    let status = run(&mut spooler(sandbox, "status", &[]));
    let status: Value = serde_json::from_slice(&status.stdout).expect("a status is JSON");
    status["total"]["counts"]["waiting"].as_u64().unwrap_or(0)
}
