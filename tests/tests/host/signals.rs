//! No signal that a write of ours can raise reaches the host, and what it set for signals is as it was.

use std::{os::unix::process::ExitStatusExt as _, process::Stdio};

use telemetry_tests::{
    Sandbox, run,
    terminal::{self, Terminal},
};

use crate::{check_sums, ledger};

/// What hosts do with the signals that a write can raise; see `probe/host.rs`.
const HOSTS: [&str; 5] = ["rust", "default", "counted", "pending-here", "pending-for-all"];

/// Runs the probe; what it said, after checking that its signals are as they were.
#[track_caller]
fn said(command: &mut std::process::Command, signals: &str) -> String {
    let output = run(command);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{command:?}: {:?}\n{said}", output.status.signal());
    assert!(said.contains("handled: 0\nsame: true\n"), "{command:?}: {said}");
    // Each of the three that were pending is taken once, by the host.
    assert!(!signals.starts_with("pending") || said.contains("taken later: 3\n"), "{command:?}: {said}");
    said
}

#[test]
fn o01_a_limit_on_the_size_of_files_costs_events_and_nothing_else() {
    for signals in HOSTS {
        for limit in ["0", "1", "40", "300", "1000", "5000"] {
            for what in ["command", "events", "consent"] {
                let sandbox = Sandbox::new();
                let said = said(sandbox.probe("narrow").args([limit, signals, what]), signals);
                let ledger = ledger(&said);
                check_sums(&ledger);
                let lost = ledger["disk"].as_u64().unwrap();
                match what {
                    "command" if limit == "0" => assert_eq!(lost, 5, "{said}"),
                    "consent" if limit == "0" => assert!(!said.contains("stored: true"), "{said}"),
                    "command" if limit == "5000" => assert_eq!(lost, 0, "{said}"),
                    "consent" if limit == "5000" => assert!(!said.contains("stored: false"), "{said}"),
                    _ => {}
                }
                // Nothing that stands there is torn.
                assert_eq!(sandbox.files().iter().find(|(_, size)| **size > limit.parse().unwrap()), None, "{said}");
            }
        }
    }
}

#[test]
fn o01_a_limit_that_another_thread_sets_between_look_and_write_harms_nobody() {
    for signals in HOSTS {
        let sandbox = Sandbox::new();
        let ledger = ledger(&said(sandbox.probe("narrowed-meanwhile").arg(signals), signals));
        check_sums(&ledger);
        assert_eq!(ledger["offered"], 300, "{ledger}");
    }
}

/// What the signal that our write raises meets: nothing, one of the host's for this thread, or one for the whole process.
#[test]
fn o01_what_a_write_of_ours_raises_is_taken_back_and_nothing_else() {
    for signals in HOSTS {
        let sandbox = Sandbox::new();
        let said = said(sandbox.probe("write-in-vain").arg(signals), signals);
        assert!(said.starts_with("file: Err(Some(27))\npipe: Err(Some(32))\n"), "EFBIG and EPIPE: {said}");
    }
}

#[test]
fn o01_a_closed_standard_error_raises_nothing() {
    for signals in HOSTS {
        let sandbox = Sandbox::new();
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        said(sandbox.probe("say").args([signals, "all"]).env("PROBE_TELEMETRY_DEBUG", "1").stderr(writer), signals);
    }
}

#[test]
fn o01_a_standard_error_that_may_not_grow_raises_nothing() {
    for signals in HOSTS {
        let sandbox = Sandbox::new();
        let file = tempfile::tempfile().unwrap();
        let mut command = sandbox.probe("narrow");
        command.args(["100", signals, "all"]).env("PROBE_TELEMETRY_DEBUG", "1").env("PROBE_STRICT_GATE", "1");
        said(command.stderr(file.try_clone().unwrap()), signals);
        assert!(file.metadata().unwrap().len() <= 100);
    }
}

#[test]
fn o01_a_program_in_the_background_is_not_stopped_and_tells_nobody() {
    let sandbox = Sandbox::new();
    for (debug, shown) in [("1", true), ("0", false)] {
        let mut command = sandbox.probe("background");
        command.arg("all").env("PROBE_TELEMETRY_DEBUG", debug).env("PROBE_STRICT_GATE", "1");
        let (output, seen) = Terminal::open().run(&mut command);
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(said.ends_with("ended: 0\n"), "{said}\n{seen}");
        assert!(!seen.contains("collects"), "the notice is for whoever is in the foreground: {seen}");
        assert_eq!(!seen.is_empty(), shown, "{seen}");
    }
    // It was not told, so it is told now.
    let mut command = sandbox.probe("say");
    let (output, seen) = Terminal::open().run(command.args(["rust", "all"]).env("PROBE_STRICT_GATE", "1"));
    assert!(output.status.success() && seen.contains("probe collects"), "{seen}");
}

#[test]
fn o01_a_terminal_that_somebody_has_stopped_holds_nobody_up() {
    let sandbox = Sandbox::new();
    let say = |what| {
        let mut command = sandbox.probe("say");
        command.args(["default", what]).env("PROBE_STRICT_GATE", "1");
        command
    };
    for what in ["all", "command"] {
        let terminal = Terminal::open();
        let other_end = terminal.other_end();
        terminal.press(b"\x13"); // Ctrl-S
        let mut command = say(what);
        let (child, reader) = terminal.start(&mut command);
        let output = telemetry_tests::finish(child);
        let said = String::from_utf8(output.stdout).unwrap();
        terminal.press(b"\x11"); // Ctrl-Q
        drop(other_end);
        assert_eq!(terminal::shown(reader), "", "{said}");
        assert!(output.status.success() && !said.contains("false"), "{said}");
        let ledger = ledger(&said);
        assert_eq!((&ledger["accepted"], ledger["before_notice"].as_u64() > Some(0)), (&0.into(), true), "{said}");
    }
    let (_, seen) = Terminal::open().run(&mut say("all"));
    assert!(seen.contains("probe collects"), "it counts as told only where it was: {seen}");
    let output = run(say("all").stderr(Stdio::null()));
    assert_eq!(ledger(&String::from_utf8(output.stdout).unwrap())["before_notice"], 0);
}
