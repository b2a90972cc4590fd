//! Programs whose system refuses something: threads, sockets, open files.

use std::time::Duration;

use rustix::process::{Resource, Rlimit, setrlimit};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, apply_filter};
use telemetry_runtime::{FlushError, flush, record, shutdown};

use crate::{CommandRun, Happened, endings::print_ledger, record_all};

/// Does what `action` says; `false` if it is none of this file.
pub(crate) fn run(action: &str, arguments: &[String]) -> bool {
    let argument = |index: usize| arguments.get(index).map(String::as_str).unwrap_or_default();
    match action {
        // One of everything and a command, where no socket can be opened; then the ledger.
        "no-socket" => {
            refuse(&[libc::SYS_socket], answer(argument(1)));
            record_all();
            record!(CommandRun { number: 6 });
            println!("{:?}", flush(Duration::from_secs(2)).is_ok_and(|flushed| flushed.sent > 0));
            print_ledger();
        }
        // Numbered events where no thread can be started; then threads can, and everything is delivered.
        "no-threads" => {
            refuse(&[libc::SYS_clone, libc::SYS_clone3], answer(argument(1)));
            assert!(std::thread::Builder::new().spawn(|| {}).is_err(), "threads still start");
            for number in 0..3000 {
                record!(Happened { number });
            }
            record!(CommandRun { number: 6 });
            assert_eq!(flush(Duration::from_secs(600)), Err(FlushError::Timeout), "nobody is there to wait for");
            print_ledger();
        }
        // No file can be opened from now on: from the start, or after the first event was appended. Then it can again.
        "no-descriptors" => {
            if argument(1) == "later" {
                record!(CommandRun { number: 1 });
            }
            let before = limit_open_files(Some(3));
            record_all();
            record!(CommandRun { number: 2 });
            let delivered = flush(Duration::from_secs(2)).is_ok_and(|flushed| flushed.sent > 0);
            // Ends the worker, who has counted by then what was queued.
            let _ = shutdown(Duration::from_secs(20));
            limit_open_files(before);
            println!("{delivered}");
            print_ledger();
        }
        // Threads can be had again after a while, as limits of a user come and go.
        "threads-later" => {
            let before = limit_address_space(None);
            record!(Happened { number: 1 });
            assert_eq!(flush(Duration::from_secs(600)), Err(FlushError::Timeout));
            limit_address_space(Some(before));
            let mut number = 2;
            while flush(Duration::from_secs(20)).is_err() {
                record!(Happened { number });
                number += 1;
                std::thread::sleep(Duration::from_millis(50));
            }
            print_ledger();
        }
        _ => return false,
    }
    true
}

/// What the system answers to a call that it refuses.
fn answer(name: &str) -> SeccompAction {
    match name {
        "EPERM" => SeccompAction::Errno(libc::EPERM as u32),
        "EACCES" => SeccompAction::Errno(libc::EACCES as u32),
        "EAGAIN" => SeccompAction::Errno(libc::EAGAIN as u32),
        "ENOMEM" => SeccompAction::Errno(libc::ENOMEM as u32),
        "kill-thread" => SeccompAction::KillThread,
        other => panic!("no such answer: {other:?}"),
    }
}

/// Refuses these system calls to this process, as a sandbox that it has put itself into.
fn refuse(calls: &[i64], action: SeccompAction) {
    let rules = calls.iter().map(|call| (*call, Vec::new())).collect();
    let arch = std::env::consts::ARCH.try_into().expect("a machine that seccomp knows");
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, action, arch).expect("the rules make a filter");
    let program: BpfProgram = filter.try_into().expect("the filter makes a program");
    apply_filter(&program).expect("a process may put itself into a sandbox");
}

/// Sets the soft limit of open files; answers with the one before.
fn limit_open_files(current: Option<u64>) -> Option<u64> {
    let before = rustix::process::getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current, maximum: before.maximum }).expect("a soft limit may be moved");
    before.current
}

/// Lets the address space grow by less than a thread's stack, or sets this limit; answers with the one before.
fn limit_address_space(limit: Option<Option<u64>>) -> Option<u64> {
    let before = rustix::process::getrlimit(Resource::As);
    let current = limit.unwrap_or_else(|| Some(crate::limits::address_space() + 1024 * 1024));
    setrlimit(Resource::As, Rlimit { current, maximum: before.maximum }).expect("a soft limit may be moved");
    before.current
}
