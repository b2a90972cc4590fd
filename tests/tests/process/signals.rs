//! C2: the host's signals are the host's.

use std::{os::unix::process::ExitStatusExt as _, process::Stdio};

use telemetry_tests::{Sandbox, WATCHDOG, finish, native, run_ok};

use crate::{ALL, deliver, lines};

/// The signals that a thread of ours leaves unblocked, because only what it does itself raises them: SIGILL, SIGTRAP,
/// SIGBUS, SIGFPE, SIGSEGV and SIGSYS. SIGKILL and SIGSTOP cannot be blocked, and 32 and 33 belong to the C library.
const UNBLOCKED: [u32; 10] = [4, 5, 7, 8, 11, 31, 9, 19, 32, 33];

#[test]
fn c02_our_threads_block_what_can_be_blocked_and_nothing_is_caught() {
    let sandbox = Sandbox::new();
    let said = run_ok(&mut sandbox.probe("signal-masks"));
    let caught = said.lines().find_map(|line| line.strip_prefix("caught ")?.split_once(' ')).unwrap();
    // The C library catches two signals of its own as soon as there is a second thread.
    let of_the_host = |mask| u64::from_str_radix(mask, 16).unwrap() & !(3 << 31);
    assert_eq!(of_the_host(caught.0), of_the_host(caught.1), "{said}");
    let masks: Vec<(&str, u64)> = said
        .lines()
        .filter_map(|line| line.split_once(' '))
        .filter(|(name, _)| *name != "caught")
        .filter_map(|(name, mask)| Some((name, u64::from_str_radix(mask, 16).ok()?)))
        .collect();
    let all = UNBLOCKED.iter().fold(u64::MAX, |mask, signal| mask & !(1 << (signal - 1)));
    assert_eq!(masks, [("probe", 0), ("telemetry", all), ("telemetry-send", all)], "{said}");
}

#[test]
fn c02_a_handler_of_the_host_runs_on_a_thread_of_the_host() {
    let sandbox = Sandbox::new();
    let said = run_ok(&mut sandbox.probe("signal-handler"));
    // Bit 9 is signal 10, SIGUSR1.
    let pending = "pending: 0000000000000200\nhandled while blocked: false\nthen by us: true\n";
    assert!(said.ends_with(pending), "{said}");
}

#[test]
fn c02_a_signal_ends_the_process_and_what_was_appended_stays() {
    for signal in [1, 2, 15] {
        let sandbox = Sandbox::new();
        let mut program = sandbox.probe("appended-wait");
        native::with_default_signals(&mut program, &[1, 2, 15]);
        let mut child = program.env("PROBE_PORT", "1").stdin(Stdio::piped()).spawn().unwrap();
        let mut said = lines(&mut child);
        assert_eq!(said.next().unwrap().unwrap(), "appended");
        native::send_to(child.id(), signal);
        let output = finish(child);
        assert_eq!(output.status.signal(), Some(signal), "{output:?}");
        let ledger = deliver(&sandbox);
        assert_eq!(ledger["recovered"], ledger["sent"], "{signal}: {ledger}");
        let sent = ledger["sent"].as_u64().unwrap();
        assert!((1..=ALL).contains(&sent), "{signal}: {ledger}");
        assert_eq!(sandbox.events().len() as u64, sent);
        assert!(!sandbox.server.wait_for(1, WATCHDOG).is_empty());
    }
}
