//! `throttle = Rolling(n h)`: not the end of a clock hour, and over restarts.

use std::{io::Write as _, process::Stdio};

use telemetry_tests::{Sandbox, example, finish};

/// Midnight of a day far from any other, in seconds since 1970.
const DAY: u64 = 24_000 * 86_400;

/// A time of day, days after that one.
const fn at(day: u64, hour: u64, minute: u64, second: u64) -> u64 {
    DAY + day * 86_400 + hour * 3_600 + minute * 60 + second
}

/// What one run records at these times: an event that is recorded once in an hour, and one that is once in 24 hours.
fn run(sandbox: &Sandbox, times: &[u64]) -> Vec<String> {
    let mut child = sandbox.command(example("values")).arg("rolling").stdin(Stdio::piped()).spawn().unwrap();
    let lines: String = times.iter().map(|time| format!("{time}\n")).collect();
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let output = finish(child);
    assert!(output.status.success(), "{output:?}");
    let printed = String::from_utf8(output.stdout).unwrap();
    printed.lines().take(times.len()).map(str::to_owned).collect()
}

#[test]
fn o28_rolling_is_so_many_hours_and_not_the_end_of_a_clock_hour() {
    let sandbox = Sandbox::new();
    let times =
        [at(0, 10, 59, 58), at(0, 11, 0, 2), at(0, 11, 59, 57), at(0, 12, 14, 59), at(0, 13, 14, 58), at(0, 13, 30, 0)];
    assert_eq!(run(&sandbox, &times), ["1 1", "0 0", "0 0", "1 0", "0 0", "1 0"]);
    // Another run reads it from the disk.
    let times = [at(1, 0, 0, 1), at(1, 10, 59, 57), at(1, 11, 14, 59)];
    assert_eq!(run(&sandbox, &times), ["1 0", "1 0", "0 1"]);
    let names: Vec<_> = sandbox.events().into_iter().map(|(name, _)| name).collect();
    let count = |name: &str| names.iter().filter(|known| *known == name).count();
    assert_eq!((count("hourly"), count("rolled")), (5, 2), "{names:?}");
}
