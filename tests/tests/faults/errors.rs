//! C8: system calls on files that fail, once or always. The program ends as it would have ended, says nothing, does not
//! try again and again, and knows what became of every event; the next run, on a disk that works, delivers the rest.

use telemetry_tests::Sandbox;

use crate::{
    NOBODY,
    check::{Story, deliver_rest, ledger_check, spooled, well},
    steps, tools,
    trace::{FILE_CALLS, Traced, traced},
};

/// Which of the calls of each thread fail: all from some call on, or a single one.
const WHEN: [&str; 9] = ["1+", "5+", "1", "2", "3", "4", "6", "9", "13"];

/// In `cargo test` one fault in so many, so that it is another place each time; all of them in `scripts/fault-tests`.
const STRIDE: usize = 11;

/// More failures of one call than any of these programs can have if it does not try again and again: they live for less
/// than a second and record less than ten events. A look at a file comes before each use of it, see
/// `base/process/descriptors.rs`.
const MOST: usize = 300;

/// Lets a call fail and answers with what the program said; it ended well, and did not insist.
#[track_caller]
fn broken(sandbox: &Sandbox, what: &[&str], call: &str, inject: &str) -> (Story, Traced) {
    let traced = traced(&mut steps(sandbox, 1, what), &["-e", &format!("trace={call}"), "-e", inject]);
    println!("{inject}: {} times", traced.injected());
    let story = if traced.broke_more_than_files() {
        // No system breaks these, and the HTTP client says so loudly. The events are none the worse for it.
        assert_eq!(traced.output.status.code(), Some(3), "{inject}: {:?}", traced.output);
        Story::of(1, &traced.output)
    } else {
        Story::ended(1, &traced.output)
    };
    assert!(traced.injected() <= MOST, "{inject}: {} times, {story:?}", traced.injected());
    (story, traced)
}

fn sweep(what: &[&str], calls: &[&str], errors: &[&str], whens: &[&str]) {
    let (mut number, mut injected, mut failed) = (0, 0, Vec::new());
    for call in calls {
        for error in errors {
            for when in whens {
                number += 1;
                if !tools::in_full() && number % STRIDE != 0 {
                    continue;
                }
                let inject = format!("inject=?{call}:error={error}:when={when}");
                // All of them are tried before the test fails: which ones do says more than the first.
                match std::panic::catch_unwind(|| one(what, call, &inject)) {
                    Ok(broken) => injected += broken,
                    Err(_) => failed.push(inject),
                }
            }
        }
    }
    println!("{injected} calls were broken");
    assert!(failed.is_empty(), "{failed:#?}");
    assert!(injected > 10, "{injected}");
}

/// One program with one fault; how many calls were broken.
fn one(what: &[&str], call: &str, inject: &str) -> usize {
    let sandbox = Sandbox::new();
    // Something that an earlier run has left: there is more to break, except for folders that are to be made.
    let earlier: &[&str] = if call == "mkdirat" { &[] } else { &["command:2"] };
    let left = well(3, steps(&sandbox, 3, earlier).env(NOBODY.0, NOBODY.1));
    let (story, traced) = broken(&sandbox, what, &format!("?{call}"), inject);
    let rest = deliver_rest(&sandbox, 2);
    ledger_check(&sandbox, &[&left, &story, &rest]);
    traced.injected()
}

#[test]
fn r10_c08_a_disk_that_fails_while_it_is_written_harms_nobody() {
    if tools::strace() {
        sweep(&["command:2", "event:2", "settle", "command:1"], &FILE_CALLS, &["EIO", "ENOSPC"], &WHEN);
    }
}

#[test]
fn r10_c08_a_disk_that_fails_while_it_is_delivered_from_harms_nobody() {
    if tools::strace() {
        sweep(&["event:3", "flush", "command:2", "flush"], &FILE_CALLS, &["EIO", "ENOSPC"], &WHEN);
    }
}

#[test]
fn r10_c09_a_disk_that_nobody_may_write_harms_nobody() {
    if tools::strace() {
        sweep(&["command:2", "event:2", "settle", "flush"], &FILE_CALLS, &["EACCES", "EROFS", "EMFILE"], &["1+", "3+"]);
    }
}

/// C9: where the file system has no locks, as some network file systems, a run writes a segment of its own, and whoever has
/// locks sends it.
#[test]
fn r10_c09_without_locks_each_run_writes_a_segment_of_its_own() {
    if tools::strace() {
        for error in ["ENOLCK", "EOPNOTSUPP"] {
            let sandbox = Sandbox::new();
            let inject = format!("inject=flock:error={error}:when=1+");
            let (story, _) = broken(&sandbox, &["command:2", "event:2", "settle", "flush"], "flock", &inject);
            assert_eq!((story.count("offered"), story.count("waiting")), (4, 4), "{story:?}");
            assert_eq!(spooled(&sandbox).len(), 1, "{:?}", spooled(&sandbox));
            let rest = deliver_rest(&sandbox, 2);
            assert_eq!(rest.count("recovered"), 4);
            ledger_check(&sandbox, &[&story, &rest]);
        }
    }
}

/// Whoever cannot see whether a file is there must neither call it lost nor look again and again.
#[test]
fn r10_c08_files_that_cannot_be_looked_at_any_more_keep_nobody_busy() {
    if tools::strace() {
        let whens: Vec<_> = (1..=24).map(|from| format!("{from}+")).collect();
        let whens: Vec<_> = whens.iter().map(String::as_str).collect();
        sweep(&["event:3", "flush", "command:2", "flush"], &["newfstatat", "fstat"], &["EIO"], &whens);
    }
}

/// What is interrupted is tried again, as everybody does it. No disk of a system that works interrupts for ever, so this
/// fails a few times in a row and not always.
#[test]
fn r10_c08_interrupted_calls_are_made_again() {
    if tools::strace() {
        sweep(&["event:3", "flush", "command:2", "flush"], &FILE_CALLS, &["EINTR"], &["1", "2..4", "5", "6..8", "11"]);
    }
}
