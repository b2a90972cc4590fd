//! `demo --once` as everybody runs it: it builds real programs, lets them live through a month, and its figures are the truth.
#![cfg(unix)]

use std::process::Command;

#[test]
fn the_figures_of_a_month_equal_the_truth() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_telemetry-collector-tested"));
    let output = command.args(["demo", "--once", "--all", "--seed", "3"]).output().unwrap();
    let (text, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{text}{errors}");
    assert!(text.contains("figures are equal") && !text.contains("DIFFERS"), "{text}");
    // Each of the things that go wrong was in it.
    for figure in
        ["month-ui duplicate", "clients say: expired", "refused: unknown_field", "month-admin unknown_version"]
    {
        assert!(text.contains(figure), "{figure}: {text}");
    }
}

#[test]
fn without_the_sources_it_says_what_it_needs() {
    // A copy that lies elsewhere finds no sources around it.
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("telemetry-collector");
    std::fs::copy(env!("CARGO_BIN_EXE_telemetry-collector-tested"), &copy).unwrap();
    let output = Command::new(copy).current_dir(folder.path()).args(["demo", "--once"]).output().unwrap();
    assert_eq!(output.status.code(), Some(66), "{}", String::from_utf8_lossy(&output.stderr));
}
