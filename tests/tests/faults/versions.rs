//! Two versions of the runtime on one state folder, one of them built from its commit by `scripts/fault-tests`, which says
//! where it is. The one before the present layout of the spool is `0ce4fc5`.

use std::{collections::BTreeMap, path::PathBuf, process::Command};

use telemetry_tests::{Sandbox, ledger::Ledger, run};

use crate::{NOBODY, check::spooled, tools};

/// The program `spooler` with the runtime of that commit.
const OLDER: &str = "TELEMETRY_TESTS_OLDER_SPOOLER";

fn ledger(command: &mut Command) -> Ledger {
    let output = run(command);
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    Ledger::of(&serde_json::from_str(said.lines().last().unwrap()).unwrap())
}

/// The bytes of all files of the spool.
fn contents(sandbox: &Sandbox) -> BTreeMap<PathBuf, Vec<u8>> {
    spooled(sandbox).into_iter().map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
}

/// The runs whose events the server has.
fn runs(sandbox: &Sandbox) -> Vec<u64> {
    let mut runs: Vec<_> = sandbox.events().iter().filter_map(|(_, payload)| payload["run"].as_u64()).collect();
    runs.sort_unstable();
    runs
}

#[test]
fn o21_an_older_runtime_leaves_our_files_alone() {
    let Some(older) = std::env::var_os(OLDER).map(PathBuf::from) else {
        return tools::not_run("a spooler of the runtime before this layout (TELEMETRY_TESTS_OLDER_SPOOLER)");
    };
    let sandbox = Sandbox::new();
    let newer = |arguments: &[&str]| {
        let mut command = sandbox.command(telemetry_tests::sibling("spooler"));
        command.args(arguments);
        command
    };
    let older = |arguments: &[&str]| {
        let mut command = sandbox.command(&older);
        command.args(arguments);
        command
    };
    // Ours waits, and a plan of ours.
    ledger(newer(&["record", "1", "3"]).env(NOBODY.0, NOBODY.1));
    sandbox.server.reply(telemetry_runtime::testing::Reply::status(503));
    sandbox.forget_failures();
    ledger(&mut newer(&["deliver"]));
    let ours = contents(&sandbox);
    assert_eq!(ours.len(), 2, "{:?}", ours.keys());
    let before = runs(&sandbox).len();
    // The older one records and delivers beside it. What it says of itself is in words of its own.
    sandbox.forget_failures();
    let output = run(&mut older(&["record-deliver", "2", "2"]));
    assert!(output.status.success(), "{output:?}");
    assert_eq!(contents(&sandbox), ours, "not a byte of ours was touched");
    assert_eq!(runs(&sandbox)[before..], [2, 2], "only its own were sent");
    // It leaves something behind, and ours is delivered beside that.
    run(older(&["record", "4", "2"]).env(NOBODY.0, NOBODY.1));
    let theirs: BTreeMap<_, _> = contents(&sandbox).into_iter().filter(|(path, _)| !ours.contains_key(path)).collect();
    assert_eq!(theirs.len(), 1, "{:?}", theirs.keys());
    sandbox.forget_failures();
    let delivered = ledger(&mut newer(&["record-deliver", "3", "2"]));
    assert_eq!((delivered.of_word("sent"), delivered.of_word("recovered")), (5, 3), "{delivered:?}");
    assert_eq!(contents(&sandbox), theirs, "not a byte of theirs was touched");
    sandbox.forget_failures();
    run(&mut older(&["deliver"]));
    assert!(contents(&sandbox).is_empty(), "{:?}", spooled(&sandbox));
    let mut all = runs(&sandbox);
    all.dedup();
    assert_eq!(all, [1, 2, 3, 4]);
}
