//! What the processes and versions of a program share on disk.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, Stdio},
};

use super::*;
use telemetry_tests::finish;

/// Short runs of a program that is used all day add bytes, and not files of which the first would have to go.
#[test]
fn o21_260_runs_of_a_day_all_arrive() {
    const RUNS: u64 = 260;
    let sandbox = Sandbox::new();
    for run in 0..RUNS {
        let mut command = sandbox.command(sibling("spooler"));
        command.args(["steps", &run.to_string(), "command:1"]).env(NOBODY.0, NOBODY.1);
        assert_eq!(telemetry_tests::run(&mut command).status.code(), Some(3));
    }
    let segments =
        spooled(&sandbox).iter().filter(|path| path.extension().is_some_and(|ending| ending == "part")).count();
    assert!(segments <= 2, "one for each day: {:?}", spooled(&sandbox));
    sandbox.forget_failures();
    let delivered = ledger(&mut spooler(&sandbox, "deliver", &[]));
    assert_eq!((delivered.of_word("recovered"), delivered.of_word("sent")), (RUNS, RUNS), "{delivered:?}");
    assert_eq!(events(&sandbox, "commanded").len() as u64, RUNS);
    let total = total(&sandbox);
    assert_eq!((total.of_word("evicted"), total.of_word("waiting")), (0, 0), "{total:?}");
}

/// A copy of a program under the name of `spooler`, in a folder of its own.
fn installed(sandbox: &Sandbox, program: &str, folder: &str) -> PathBuf {
    let path = sandbox.home().join(folder).join(format!("spooler{}", std::env::consts::EXE_SUFFIX));
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    telemetry_tests::install_program(&sibling(program), &path);
    path
}

/// A new version has another vendor. What was recorded before goes to the one that the user was told of, or nowhere.
#[test]
fn o16_events_stay_with_the_operator_they_were_recorded_for() {
    let sandbox = Sandbox::new();
    let (old, new) = (installed(&sandbox, "spooler", "old"), installed(&sandbox, "spooler_elsewhere", "new"));
    ledger(sandbox.command(&old).args(["record", "1", "5"]).env(NOBODY.0, NOBODY.1));
    sandbox.forget_failures();
    let other = telemetry_runtime::testing::LoopbackServer::start().unwrap();
    let output = telemetry_tests::run(
        sandbox.command(&new).args(["record", "2", "3"]).env("PROBE_PORT", other.port().to_string()),
    );
    let status: Value = serde_json::from_slice(&output.stdout).unwrap();
    let theirs = Ledger::of(&status["ledger"]);
    assert_eq!((theirs.of_word("sent"), theirs.of_word("recovered")), (3, 0), "{theirs:?}");
    let runs: BTreeSet<_> = other
        .requests()
        .iter()
        .flat_map(telemetry_tests::events_of)
        .map(|(_, payload)| payload["run"].as_u64())
        .collect();
    assert_eq!(runs, BTreeSet::from([Some(2)]), "the new operator has what was recorded for it");
    assert!(sandbox.server.requests().is_empty());
    // The old version, if it is ever run again, sends what is its own.
    let rest = ledger(sandbox.command(&old).arg("deliver"));
    assert_eq!((rest.of_word("sent"), rest.of_word("recovered")), (5, 5), "{rest:?}");
    assert_eq!(delivered(&sandbox)[&1].len(), 5);
    assert!(spooled(&sandbox).is_empty());
}

/// A program that waits for a line, then goes on.
fn begin(program: &Path, sandbox: &Sandbox, steps: &[&str]) -> Child {
    let mut command = sandbox.command(program);
    command.args(["steps", "1"]).args(steps).env(NOBODY.0, NOBODY.1).stdin(Stdio::piped());
    command.spawn().unwrap()
}

/// A program is replaced while it runs, as every update does. Its events are found under the name it was started as.
#[test]
#[cfg(target_os = "linux")]
fn o22_a_replaced_program_spools_under_its_own_name() {
    for how in ["replaced", "removed", "moved aside", "moved aside and replaced", "started by a link"] {
        let sandbox = Sandbox::new();
        let program = installed(&sandbox, "spooler", "bin");
        let started = if how == "started by a link" { program.with_file_name("link") } else { program.clone() };
        if started != program {
            std::os::unix::fs::symlink(&program, &started).unwrap();
        }
        let mut child = begin(&started, &sandbox, &["line", "command:2"]);
        let aside = program.with_file_name("spooler.old");
        if how.starts_with("moved aside") {
            std::fs::rename(&program, &aside).unwrap();
        }
        if how.ends_with("replaced") {
            std::fs::rename(installed(&sandbox, "spooler", "next"), &program).unwrap();
        }
        if how == "removed" {
            std::fs::remove_file(&program).unwrap();
        }
        child.stdin.take().unwrap().write_all(b"\n").unwrap();
        assert_eq!(finish(child).status.code(), Some(3));
        let hosts: Vec<_> = std::fs::read_dir(sdk_folder(&sandbox).join("spool"))
            .unwrap()
            .map(|host| host.unwrap().file_name())
            .collect();
        assert_eq!(hosts, ["spooler"], "{how}");
        sandbox.forget_failures();
        assert_eq!(ledger(&mut spooler(&sandbox, "deliver", &[])).of_word("sent"), 2, "{how}");
    }
}

/// A host with few descriptors, a server that cannot be reached, and events all the time.
#[test]
#[cfg(target_os = "linux")]
fn o02_a_host_with_few_descriptors_keeps_them_for_itself() {
    let sandbox = Sandbox::new();
    let mut shell = sandbox.command("/bin/sh");
    shell.args(["-c", "ulimit -n 48; exec \"$0\" \"$@\""]).arg(sibling("spooler")).args(["steps", "1"]);
    for _ in 0..30 {
        shell.args(["command:3", "event:3", "flush"]);
    }
    let mut child = shell.arg("line").env(NOBODY.0, NOBODY.1).stdin(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut flushes = 0;
    let mut story = Vec::new();
    while flushes < 30 {
        let line = said.next().expect("it goes on").unwrap();
        flushes += usize::from(line.starts_with("flushed") || line.starts_with("Err"));
        story.push(line);
    }
    let state = std::fs::canonicalize(sandbox.state()).unwrap();
    let open = std::fs::read_dir(format!("/proc/{}/fd", child.id())).unwrap();
    let open: Vec<_> = open.filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok()).collect();
    let ours = open.iter().filter(|path| path.starts_with(&state)).count();
    assert!(ours <= 5, "{open:?}");
    child.stdin.take().unwrap().write_all(b"\n").unwrap();
    let last: Vec<_> = said.map(Result::unwrap).collect();
    let ledger = Ledger::of(&serde_json::from_str(last.last().unwrap()).unwrap());
    assert!(finish(child).status.code() == Some(3));
    assert_eq!((ledger.of_word("waiting"), ledger.of_word("disk")), (180, 0), "{story:?}");
    sandbox.forget_failures();
    assert_eq!(self::ledger(&mut spooler(&sandbox, "deliver", &[])).of_word("sent"), 180);
}
