//! C19: a library that records and is unloaded; two copies of the runtime in one process.

use std::path::PathBuf;

use telemetry_tests::{Sandbox, run_ok, sibling};

use crate::{deliver, numbers};

/// The plugin of `tests/plugin`, which cargo builds because the tests depend on it.
fn plugin() -> PathBuf {
    sibling("probe").with_file_name("deps").join("libtest_plugin.so")
}

fn loader(sandbox: &Sandbox, action: &str) -> String {
    let mut command = sandbox.command(sibling("loader"));
    run_ok(command.arg(plugin()).arg(action).arg(sandbox.server.port().to_string()))
}

#[test]
fn c19_a_library_that_recorded_nothing_can_be_unloaded() {
    let sandbox = Sandbox::new();
    assert_eq!(loader(&sandbox, "touch"), "before: unmapped\nopen: mapped\nclosed: unmapped\n");
    assert!(sandbox.files().is_empty());
}

#[test]
fn c19_a_library_whose_threads_run_stays_and_works_when_it_comes_back() {
    let sandbox = Sandbox::new();
    assert_eq!(
        loader(&sandbox, "record"),
        "before: unmapped\nopen: mapped\nclosed: mapped\nsent 5 of 5\nclosed again: mapped\n"
    );
    assert_eq!(numbers(&sandbox.server, "happened"), [1, 2, 3, 4, 5]);
}

#[test]
fn c19_a_library_that_was_shut_down_leaves_no_thread_and_stays() {
    let sandbox = Sandbox::new();
    assert_eq!(loader(&sandbox, "shutdown"), "before: unmapped\nopen: mapped\nclosed, without threads: mapped\n");
    assert_eq!(numbers(&sandbox.server, "happened"), [1]);
}

#[test]
fn r10_two_copies_of_the_runtime_share_one_spool() {
    let sandbox = Sandbox::new();
    let said = run_ok(sandbox.probe("with-plugin").arg(plugin()));
    assert!(said.starts_with("true true\n"), "{said}");
    let rest = deliver(&sandbox);
    assert_eq!((&rest["recovered"], &rest["waiting"]), (&0.into(), &0.into()), "{rest}");
    assert_eq!(numbers(&sandbox.server, "happened"), (0..1000).collect::<Vec<_>>(), "each once, by one of the two");
}
