//! Two processes of one user that live beside each other for days.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::Stdio,
};

use super::*;

#[test]
fn r35_two_processes_that_run_for_days_are_one_installation() {
    let life = Life::new("life-pair");
    let start = || {
        let mut process = life.command(BEGIN, &[]).stdin(Stdio::piped()).spawn().expect("the program starts");
        let input = process.stdin.take().expect("it is a pipe");
        let lines = BufReader::new(process.stdout.take().expect("it is a pipe")).lines();
        (process, input, lines)
    };
    let mut pair = [start(), start()];
    for _ in 0..days() {
        for (_, input, lines) in &mut pair {
            writeln!(input).expect("it reads");
            assert_eq!(lines.next().expect("it answers").expect("it answers"), "worked");
        }
    }
    for (mut process, input, _) in pair {
        drop(input);
        assert!(process.wait().expect("it ends").success());
    }
    let delivered = ledger::delivered(&life.server().requests());
    let active: Vec<_> = delivered.values().filter(|event| event["payload"]["first_ever"].is_boolean()).collect();
    let mut dates: Vec<_> = active.iter().filter_map(|event| event["ts"].as_str()?.split('T').next()).collect();
    dates.sort_unstable();
    assert_eq!(dates.len() as u64, days(), "one for each day: {dates:?}");
    dates.dedup();
    assert_eq!(dates.len() as u64, days(), "of each day one: {dates:?}");
    let set = |flag: &str| active.iter().filter(|event| event["payload"][flag] == true).count();
    assert_eq!(set("first_ever"), 1);
    assert!(set("first_in_week") as u64 <= days().div_ceil(7) + 1, "{active:?}");
}
