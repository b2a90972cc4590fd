//! A process that lives for weeks, with an event every five minutes.

use std::io::{BufRead as _, BufReader, Write as _};

use super::*;

/// Events of an hour.
const EVENTS: u64 = 12;

#[test]
fn o02_a_process_with_an_event_every_five_minutes_loses_nothing() {
    let life = Life::new("life-daemon");
    let mut command = life.command(BEGIN, &[]);
    let mut process = command.stdin(std::process::Stdio::piped()).spawn().expect("the program starts");
    let mut input = process.stdin.take().expect("it is a pipe");
    let mut lines = BufReader::new(process.stdout.take().expect("it is a pipe")).lines();
    let mut most_open = None;
    for hour in 0..days() * 24 {
        if hour % 24 == 0 {
            progress("life-daemon", hour / 24);
        }
        life.night_or_day(BEGIN + hour * HOUR);
        writeln!(input, "{EVENTS}").expect("it reads");
        let said = lines.next().expect("it answers").expect("it answers");
        assert_eq!(said, ((hour + 1) * EVENTS).to_string());
        most_open = most_open.max(open_files(process.id()));
    }
    life.server().listen().expect("its port is free");
    drop(input);
    println!("by itself: {}", lines.next().expect("it says so").expect("it says so"));
    let status: String = lines.map_while(Result::ok).collect();
    let status: Value = serde_json::from_str(&status).expect("the status is JSON");
    assert!(process.wait().expect("it ends").success());
    println!("at most {most_open:?} open files");
    assert!(most_open.is_none_or(|most| most <= MOST_OPEN), "{most_open:?} open files");
    check(&status["total"]["counts"], life.server(), days() * 24 * EVENTS);
}

/// Open files of the process at any time: its own three, the pieces of an event loop, and a constant of ours.
const MOST_OPEN: usize = 32;

/// How many files a process has open, where the system tells.
fn open_files(process: u32) -> Option<usize> {
    Some(std::fs::read_dir(format!("/proc/{process}/fd")).ok()?.count())
}
