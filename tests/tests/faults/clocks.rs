//! C13: clocks that are wrong, or are set while a program runs. Only the clock that people set is faked; nobody sets the
//! monotonic one, and every wait follows it.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    path::Path,
    process::{Command, Stdio},
};

use telemetry_runtime::testing::Reply;
use telemetry_tests::{Sandbox, finish};

use crate::{
    NOBODY,
    check::{Story, deliver_rest, ledger_check_after, well},
    steps, tools,
};

/// A program whose clock says something else: `@YYYY-MM-DD hh:mm:ss` (UTC, and goes on from there) or `+3650d`.
///
/// The times of files stay true: we read none. At the end of a program the library takes away the lock that it holds over
/// each of these calls, while threads still make them, and the program dies of it.
pub fn at<'a>(command: &'a mut Command, library: &str, time: &str) -> &'a mut Command {
    command.env("LD_PRELOAD", library).env("TZ", "UTC").env("FAKETIME", time);
    command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1").env("NO_FAKE_STAT", "1")
}

/// The beginning of time, ten years off, and where 32 bits end, signed and unsigned; and somewhere beyond.
const TIMES: [&str; 8] = [
    "@1970-01-01 00:00:01",
    "@1970-02-01 12:00:00",
    "-3650d",
    "+3650d",
    "@2038-01-19 03:14:07",
    "@2106-02-07 06:28:14",
    "@2106-02-08 00:00:00",
    "@2261-12-31 23:59:59",
];

/// What was recorded by a right clock meets a wrong one, and the other way round. Nobody panics, nothing waits for years,
/// and what is not sent is counted.
#[test]
fn r11_c13_whatever_the_clock_says_every_event_is_sent_or_counted() {
    let Some(library) = tools::faketime() else { return };
    for time in TIMES {
        let sandbox = Sandbox::new();
        let left = well(1, steps(&sandbox, 1, &["command:2", "event:2", "settle"]).env(NOBODY.0, NOBODY.1));
        // A wrong clock finds a server that cannot take it, and leaves a pause for a right one.
        sandbox.server.reply(Reply::status(503));
        let refused = well(2, at(&mut steps(&sandbox, 2, &["command:2", "event:1", "flush"]), &library, time));
        let right = well(3, &mut steps(&sandbox, 3, &["command:1", "flush"]));
        let wrong =
            well(4, at(&mut steps(&sandbox, 4, &["command:2", "event:1", "flush", "command:1"]), &library, time));
        let rest = deliver_rest(&sandbox, 5);
        let all = [&left, &refused, &right, &wrong, &rest];
        println!("{time}: {:?}", all.map(|story| story.ledger.as_ref()));
        ledger_check_after(1, &sandbox, &all);
        assert_eq!(refused.count("sent"), 0, "{time}: {refused:?}");
        assert_eq!(right.count("waiting"), 0, "{time}: a pause that ends in years is none: {right:?}");
        assert_eq!(wrong.count("waiting"), 1, "{time}: what a wrong clock records, it can send: {wrong:?}");
    }
}

/// A pause that this process has written ends by the clock that nobody sets, whatever the other one says meanwhile. That it
/// does end takes as long as the pause, so only the script waits for it.
#[test]
fn r03_c13_a_clock_that_jumps_neither_ends_nor_lengthens_a_pause() {
    let Some(library) = tools::faketime() else { return };
    for (first, then) in [("+0d", "+3650d"), ("+0d", "-3650d"), ("+3650d", "+0d")] {
        let sandbox = Sandbox::new();
        let refusal = Reply::status(503);
        sandbox.server.reply(if tools::in_full() { refusal.header("retry-after", "10") } else { refusal });
        let clock = sandbox.home().join("clock");
        std::fs::write(&clock, first).unwrap();
        let mut what = vec!["command:1", "flush", "line", "command:1", "flush"];
        if tools::in_full() {
            what.extend(["sleep:14000", "flush"]);
        }
        let mut command = steps(&sandbox, 1, &what);
        command.env("LD_PRELOAD", &library).env("TZ", "UTC").env("FAKETIME_TIMESTAMP_FILE", &clock);
        command.env("FAKETIME_NO_CACHE", "1").env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        let story = jump(command, &clock, then);
        let flushes: Vec<_> = story.lines.iter().filter(|line| line.starts_with("flushed")).collect();
        assert_eq!(flushes[..2], ["flushed 0 1", "flushed 0 2"], "{first} {then}: nothing is tried meanwhile");
        if tools::in_full() {
            // It has been sent by itself when the pause was over. Ten years later the first one was too old.
            let sent = if then == "+3650d" { 1 } else { 2 };
            let ends = ["sent", "expired", "waiting"].map(|word| story.count(word));
            assert_eq!(ends, [sent, 2 - sent, 0], "{first} {then}: {story:?}");
        } else {
            assert_eq!(sandbox.server.requests().len(), 1, "{first} {then}");
        }
        let rest = deliver_rest(&sandbox, 2);
        ledger_check_after(1, &sandbox, &[&story, &rest]);
    }
}

/// Runs a program and sets its clock when it waits for a line.
fn jump(mut command: Command, clock: &Path, then: &str) -> Story {
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let (mut stdin, mut out) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
    let mut said = String::new();
    while !said.contains("flushed") {
        assert!(out.read_line(&mut said).unwrap() > 0, "it ended: {said}");
    }
    std::fs::write(clock, then).unwrap();
    stdin.write_all(b"\n").unwrap();
    out.read_to_string(&mut said).unwrap();
    let mut output = finish(child);
    output.stdout = said.into_bytes();
    Story::ended(1, &output)
}
