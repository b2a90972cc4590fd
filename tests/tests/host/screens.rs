//! The screen of a full-screen program is its own, and what vanishes with it was not told.

use std::process::{Command, Stdio};

use telemetry_tests::{
    Sandbox, WATCHDOG, finish, run_ok,
    terminal::{self, Terminal},
};

use crate::{check_sums, ledger};

const TEXT: &str = "probe collects";

fn full_screen(sandbox: &Sandbox, what: &str, how: &str) -> Command {
    let mut command = sandbox.probe("full-screen");
    command.args([what, how]).env("PROBE_STRICT_GATE", "1");
    command
}

fn told(sandbox: &Sandbox) -> bool {
    !run_ok(sandbox.probe("status").env("PROBE_STRICT_GATE", "1")).contains("waiting for the notice")
}

/// What was shown, divided by the return to the main screen.
#[track_caller]
fn screens(shown: &str) -> (&str, &str) {
    shown.split_once("<main screen>").unwrap_or_else(|| panic!("no main screen: {shown}"))
}

#[test]
fn o07_a_full_screen_program_is_told_on_the_main_screen_in_the_same_run() {
    for what in ["all", "command"] {
        let sandbox = Sandbox::new();
        let terminal = Terminal::open();
        let mut command = full_screen(&sandbox, what, "stay");
        let (mut child, reader) = terminal.start(command.stdin(Stdio::piped()));
        let begun = std::time::Instant::now();
        while !told(&sandbox) && begun.elapsed() < WATCHDOG {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        drop(child.stdin.take());
        let said = String::from_utf8(finish(child).stdout).unwrap();
        let shown = terminal::shown(reader);
        let (full, main) = screens(&shown);
        assert!(!full.contains(TEXT), "{shown}");
        assert_eq!(main.matches(TEXT).count(), 1, "{shown}");
        let ledger = ledger(&said);
        check_sums(&ledger);
        assert_eq!(ledger["accepted"], 0, "what happened before the notice is no event: {ledger}");
        let (output, shown) =
            Terminal::open().run(sandbox.probe("say").args(["rust", what]).env("PROBE_STRICT_GATE", "1"));
        let said = String::from_utf8(output.stdout).unwrap();
        assert_eq!((shown.as_str(), said.contains("\"before_notice\":0")), ("", true), "it was told: {said}");
    }
}

#[test]
fn o07_a_full_screen_program_that_ends_at_once_is_told_at_its_end_or_in_the_next_run() {
    let sandbox = Sandbox::new();
    // Nobody says that the program ends, so nothing is certain but that it is told once, and on the main screen.
    let (output, first) = Terminal::open().run(&mut full_screen(&sandbox, "all", "no-guard"));
    assert!(output.status.success(), "{first}");
    let told_at_once = told(&sandbox);
    assert_eq!(screens(&first).1.contains(TEXT), told_at_once, "{first}");
    let (output, second) = Terminal::open().run(&mut full_screen(&sandbox, "all", "guard"));
    assert!(output.status.success(), "{second}");
    let (full, main) = screens(&second);
    assert_eq!((full.contains(TEXT), main.contains(TEXT)), (false, !told_at_once), "{second}");
    assert!(told(&sandbox));
}

#[test]
fn o07_a_terminal_without_echo_or_without_line_ends_shows_nothing() {
    for (off, name) in [("-icanon", "keys one by one"), ("-echo", "a password"), ("-opost", "raw output")] {
        let sandbox = Sandbox::new();
        let terminal = Terminal::open();
        let other_end = terminal.other_end();
        let set = Command::new("stty").arg(off).stdin(other_end.try_clone().unwrap()).status();
        assert!(set.unwrap().success());
        let (child, reader) = terminal.start(sandbox.probe("say").args(["rust", "all"]).env("PROBE_STRICT_GATE", "1"));
        assert!(finish(child).status.success());
        drop(other_end);
        assert_eq!(terminal::shown(reader), "", "{name}");
        assert!(!told(&sandbox), "{name}");
    }
}
