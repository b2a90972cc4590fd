//! A host that is rebuilt twice a day, with version 1 or version 2 of a library beside it. Version 2 has one field more.

use std::io::{BufRead as _, BufReader};

use super::*;

/// Runs of half a day.
const RUNS: u64 = 5;

#[test]
fn o13_o22_two_versions_in_turn_are_told_once_each_and_lose_nothing() {
    let mut life = Life::new("life-page-1");
    let versions = [sibling("life-page-1"), sibling("life-page-2")];
    let (mut number, mut expected) = (0, Vec::new());
    let mut told = [false; 2];
    for half in 0..days() * 2 {
        if half % 2 == 0 {
            progress("life-page", half / 2);
        }
        // The host is rebuilt while one of its runs goes on: what that one still records is its own all the same.
        let staying = if half > 1 {
            let begin = BEGIN + half * DAY / 2;
            life.night_or_day(begin);
            number += 10;
            let mut command = life.command(begin, &["stay", &number.to_string()]);
            let mut staying = command.stdin(std::process::Stdio::piped()).spawn().expect("the program starts");
            let mut out = BufReader::new(staying.stdout.take().expect("it is a pipe"));
            let mut line = String::new();
            out.read_line(&mut line).expect("it answers");
            assert_eq!(line, "ready\n");
            expected.extend([number, number + 1]);
            Some(staying)
        } else {
            None
        };
        let version = (half % 2) as usize;
        install(&versions[version], &life.program);
        if let Some(mut staying) = staying {
            drop(staying.stdin.take());
            assert!(staying.wait().expect("it ends").success());
        }
        for run in 0..RUNS {
            let now = BEGIN + half * DAY / 2 + (run + 1) * HOUR;
            life.night_or_day(now);
            number += 10;
            let notice = life.run_watched(now, &["run", &number.to_string()]);
            assert_eq!(notice, !told[version], "half day {half}, run {run}");
            told[version] = true;
            if !notice {
                expected.push(number);
            }
        }
    }
    assert_eq!(life.notices, 2, "two sets, two notices");
    let end = BEGIN + days() * DAY;
    life.deliver_rest(end);
    // Version 2 delivers what version 1 has recorded, and the other way round.
    assert_eq!(arrived(life.server()), expected);
    life.check(end, expected.len() as u64);
}
