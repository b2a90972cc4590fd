//! Programs that are no user's: what cargo and rustdoc run as tests, and what these tests start. With the real ones.

use std::fs;

use super::*;
use telemetry_tests::fixture::Generated;

/// A library in development, whose user was told, with examples of every kind that rustdoc runs in its own way. Each writes
/// down that it ran, and which layer of the gate decided.
const LIBRARY: &str = r#"//! Examples.
//!
//! ```
//! runners::record("merged");
//! ```
//! ```
//! #![allow(dead_code)]
//! fn main() { runners::record("with a main of its own"); }
//! ```
//! ```should_panic
//! runners::record("that panics");
//! panic!();
//! ```
//! ```standalone_crate
//! runners::record("standalone");
//! ```
//! ```edition2021
//! runners::record("of another edition");
//! ```
//! ```
//! runners::start("started by an example");
//! ```
use std::{env, fs, io::Write as _, process::Command, time::Duration};

use telemetry_runtime::{Options, Sdk, record, sdk, telemetry_event};

/// Usage of the library.
pub static TELEMETRY: Sdk = sdk! {
    name: "runners", role: Library, default: On, env: "RUNNERS", notice: Host,
    endpoint: "http://127.0.0.1:4318", wire: EventBatch { strict: false },
    docs: "https://runners.example/telemetry", operator: "Runners", contact: "privacy@runners.example",
    region: "EU", retention: "90 days", shared_with: "nobody",
};

/// A thing was used.
#[telemetry_event(kind = Command)]
struct Used {}

/// Records an event, in each build.
pub fn record(who: &str) {
    let port = env::var("PROBE_PORT").unwrap().parse().unwrap();
    TELEMETRY.configure(Options::new().loopback_port(port).notice_shown(TELEMETRY.notice().hash()));
    record!(Used {});
    let _ = telemetry_runtime::flush(Duration::from_secs(10));
    let status = TELEMETRY.status();
    let line = format!("{who}: {} by {}\n", status.mode, status.decided_by.map_or(0, telemetry_runtime::Layer::number));
    let file = fs::OpenOptions::new().append(true).create(true).open(env::var("RUNNERS_SEEN").unwrap());
    file.unwrap().write_all(line.as_bytes()).unwrap();
}

/// Starts the program of this package.
pub fn start(who: &str) {
    assert!(Command::new(env::var_os("RUNNERS_PROGRAM").unwrap()).arg(who).status().unwrap().success());
}

#[test]
fn unit() {
    record("a unit test");
}

/// What nothing tells from a user: started where the caller asks for it.
#[test]
fn unknown() {
    if env::var_os("RUNNERS_UNKNOWN").is_some() {
        start("started by a unit test");
    }
}

#[test]
fn silenced() {
    let mut program = Command::new(env::var_os("RUNNERS_PROGRAM").unwrap());
    assert!(TELEMETRY.silence(program.arg("silenced by a unit test")).status().unwrap().success());
}
"#;

const PROGRAM: &str = "fn main() { runners::record(&std::env::args().nth(1).unwrap()); }\n";

const INTEGRATION: &str = "#[test] fn integration() { runners::record(\"an integration test\"); }\n\
                           #[test] fn started() { runners::start(\"started by an integration test\"); }\n";

/// `cargo` in that package, as its author calls it: without CI, with a home in which telemetry may be kept.
fn author(package: &Generated, sandbox: &Sandbox, words: &[&str]) -> Command {
    let cargo = package.cargo();
    let mut command = sandbox.command(cargo.get_program());
    command.current_dir(&package.folder).args(words);
    for (name, value) in cargo.get_envs() {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    for name in ["HOME", "CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    let program = telemetry_tests::fixture::target().join("debug/runners");
    command.env("RUNNERS_SEEN", sandbox.home().join("seen")).env("RUNNERS_PROGRAM", program);
    command
}

fn lines(sandbox: &Sandbox) -> Vec<String> {
    let text = fs::read_to_string(sandbox.home().join("seen")).unwrap_or_default();
    let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

#[test]
fn o20_what_cargo_and_rustdoc_run_is_no_users() {
    let sandbox = Sandbox::new();
    let package = Generated::new(
        "runners",
        "[dependencies]\n\
         telemetry-runtime = { path = $RUNTIME, default-features = false, features = [\"http\"] }\n",
    );
    package.source(PROGRAM);
    fs::create_dir_all(package.folder.join("tests")).unwrap();
    fs::write(package.folder.join("src/lib.rs"), LIBRARY).unwrap();
    fs::write(package.folder.join("tests/integration.rs"), INTEGRATION).unwrap();
    let run = |command: &mut Command| {
        let output = command.output().unwrap();
        assert!(output.status.success(), "{command:?}: {output:?}");
    };
    let cargo = |words: &[&str]| run(&mut author(&package, &sandbox, words));
    cargo(&["build", "--quiet"]);
    cargo(&["test", "--quiet", "--doc"]);
    cargo(&["test", "--quiet", "--lib", "--test", "integration"]);
    assert_eq!(
        lines(&sandbox),
        [
            "a unit test: off by 7",
            "an integration test: off by 7",
            "merged: off by 7",
            "of another edition: off by 7",
            "silenced by a unit test: off by 4",
            "standalone: off by 7",
            "started by an example: off by 7",
            "started by an integration test: off by 7",
            "that panics: off by 7",
            "with a main of its own: off by 7",
        ]
    );
    assert_eq!((sandbox.server.connections(), contents(&sandbox.state())), (0, BTreeMap::new()));
    // The same program, and somebody who runs it.
    cargo(&["run", "--quiet", "--", "a person"]);
    assert_eq!(sandbox.events().len(), 1);
    assert_eq!(lines(&sandbox)[0], "a person: on by 11");

    // What docs/gate.md says of a program that a unit test starts, and the file that it names.
    let unknown = || {
        let words = ["test", "--quiet", "--lib", "--", "unknown"];
        run(author(&package, &sandbox, &words).env("RUNNERS_UNKNOWN", "1"));
    };
    let seen = |decision: &str| lines(&sandbox).contains(&format!("started by a unit test: {decision}"));
    let config = package.folder.join(".cargo/config.toml");
    fs::create_dir_all(config.parent().unwrap()).unwrap();
    fs::write(&config, "[env]\nRUNNERS_TELEMETRY_DISABLED = \"1\"\n").unwrap();
    unknown();
    assert!(seen("off by 4") && !seen("on by 11"), "{:?}", lines(&sandbox));
    fs::remove_file(&config).unwrap();
    unknown();
    assert!(seen("on by 11"), "it is known now, and docs/gate.md says that it is not: {:?}", lines(&sandbox));
}
