//! C3 where panics abort. The other endings are in `tests/exit.rs`.

use std::{fs, os::unix::process::ExitStatusExt as _, path::Path};

use telemetry_tests::{
    Sandbox,
    fixture::{Generated, build},
    run,
};

const MANIFEST: &str = "[dependencies]\ntelemetry-runtime = { path = $RUNTIME, default-features = false }\n";

const SOURCE: &str = r#"
use telemetry_runtime::{Options, Sdk, record, sdk, telemetry_event};

/// The telemetry of a program whose panics abort.
pub static TELEMETRY: Sdk = sdk! {
    name: "aborting", role: Library, default: On, env: "ABORTING", endpoint: "http://127.0.0.1:4318",
    wire: EventBatch { strict: false }, docs: "https://aborting.example", operator: "A", contact: "a@aborting.example",
    region: "EU", retention: "1 day", shared_with: "nobody",
};

/// Something happened, and a worker appends it.
#[telemetry_event(throttle = None)]
struct Happened {
    /// Whether it was the first.
    first: bool,
}

/// A command, which is appended where it is recorded.
#[telemetry_event(kind = Command)]
struct CommandRun {
    /// Whether it ended well.
    well: bool,
}

/// Bytes in the spool.
fn spooled() -> u64 {
    let state = std::env::var_os("XDG_STATE_HOME").unwrap_or_default();
    let spool = std::path::Path::new(&state).join("telemetry/aborting/spool/aborting");
    let files = std::fs::read_dir(spool).into_iter().flatten().flatten();
    files.filter_map(|file| Some(file.metadata().ok()?.len())).sum()
}

fn main() {
    if std::env::var_os("DO_NOT_TRACK").is_none() {
        TELEMETRY.configure(Options::new().loopback());
    }
    record!(Happened { first: true });
    // Until the worker has appended it, however busy the machine is.
    while std::env::var_os("DO_NOT_TRACK").is_none() && spooled() == 0 {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    record!(CommandRun { well: false });
    match std::env::args().nth(1).as_deref() {
        Some("thread") => drop(std::thread::spawn(|| panic!("a thread's own")).join()),
        _ => panic!("the program's own"),
    }
}
"#;

#[test]
fn r07_where_panics_abort_what_was_recorded_is_on_disk() {
    let package = Generated::new("aborting", MANIFEST);
    package.source(SOURCE);
    // The program alone: crates that may unwind can be linked into one that aborts, and are built already.
    let program = build(package.cargo().args(["rustc", "--", "-Cpanic=abort"]), "aborting");
    for ending in ["main", "thread"] {
        let sandbox = Sandbox::new();
        let (mut with, mut without) = (sandbox.command(&program.path), sandbox.command(&program.path));
        let (with, without) = (run(with.arg(ending)), run(without.arg(ending).env("DO_NOT_TRACK", "1")));
        assert_eq!((with.status, with.status.signal()), (without.status, Some(6)), "{ending}: {with:?}");
        assert!(with.stdout.is_empty());
        let spool = sandbox.state().join("telemetry/aborting/spool");
        for event in ["command_run", "happened"] {
            let text = format!("\"event\":\"{event}\"");
            assert_eq!(occurrences(&spool, text.as_bytes()), 1, "{ending}: {event}");
        }
    }
}

/// How often these bytes occur in the files of a folder and those below it.
fn occurrences(folder: &Path, needle: &[u8]) -> usize {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries
        .map(|entry| entry.unwrap().path())
        .map(|path| match path.is_dir() {
            true => occurrences(&path, needle),
            false => fs::read(&path).unwrap().windows(needle.len()).filter(|window| *window == needle).count(),
        })
        .sum()
}
