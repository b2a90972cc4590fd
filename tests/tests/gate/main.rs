//! The gate, end to end: what each layer says alone and beside another, what a "no" leaves behind (nothing), who is told
//! before anything is recorded, and what a veto takes back. Names begin with the number in the list of requirements.
#![cfg(unix)]

mod host;
mod layers;
mod long;
mod notice;
mod policy;
mod runners;
mod same_names;
mod stored;
mod streams;
mod told;

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    os::unix::{ffi::OsStrExt as _, fs::DirBuilderExt as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use serde_json::{Value, json};
use telemetry_runtime::testing::Reply;
use telemetry_tests::{Sandbox, example, finish, run, run_ok, sibling, terminal::Terminal};

/// Long enough for any machine; no test waits for it.
pub(crate) const LONG: Duration = Duration::from_secs(30);

/// A development and a production instance.
pub(crate) const DEVELOPMENT: &str = "pk_test_Zm9vLWJhci0xMy5jbGVyay5hY2NvdW50cy5kZXYk";
pub(crate) const PRODUCTION: &str = "pk_live_Y2xlcmsuZXhhbXBsZS5jb20k";

/// A program in which all layers say yes, as far as the host can say it: `sdk` says the rest.
pub(crate) fn open(sandbox: &Sandbox, sdk: &str, action: &str) -> Command {
    let mut command = sandbox.command(example("golden_gate"));
    command.args([sdk, action]).env("HOST_SHOWED_NOTICE", "1").env("HOST_ALLOWS_RELEASE", "1");
    command
}

/// What a program answered, and what it left behind.
pub(crate) struct Seen {
    pub(crate) mode: String,
    pub(crate) decided_by: u64,
    pub(crate) ledger: Value,
    pub(crate) layers: Value,
    pub(crate) awaiting: Value,
    pub(crate) ignored: Value,
    pub(crate) answer: Value,
    pub(crate) threads: u64,
    pub(crate) stderr: String,
}

pub(crate) fn see(command: &mut Command) -> Seen {
    let output = run(command);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{command:?}: {}\n{stderr}", output.status);
    let stdout = String::from_utf8(output.stdout).unwrap();
    // One line, and all of it the program's: nothing of ours is ever on standard output.
    assert_eq!(stdout.lines().count(), 1, "{stdout}");
    seen(&stdout, stderr)
}

pub(crate) fn seen(line: &str, stderr: String) -> Seen {
    let value: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line:?}"));
    let status = &value["status"];
    Seen {
        mode: status["mode"].as_str().unwrap().to_owned(),
        decided_by: status["decided_by"].as_u64().unwrap(),
        ledger: status["ledger"].clone(),
        layers: status["layers"].clone(),
        awaiting: status["awaiting_consent"].clone(),
        ignored: status["ignored"].clone(),
        answer: value["answer"].clone(),
        threads: value["threads"].as_u64().unwrap(),
        stderr,
    }
}

impl Seen {
    pub(crate) fn count(&self, outcome: &str) -> u64 {
        self.ledger[outcome].as_u64().unwrap_or_else(|| panic!("no {outcome}: {}", self.ledger))
    }

    pub(crate) fn source(&self, number: u64) -> &str {
        let layer = self.layers.as_array().unwrap().iter().find(|layer| layer["number"] == number).unwrap();
        layer["source"].as_str().unwrap()
    }

    pub(crate) fn layer(&self, number: u64) -> (&str, &str) {
        let layer = self.layers.as_array().unwrap().iter().find(|layer| layer["number"] == number).unwrap();
        (layer["verdict"].as_str().unwrap(), layer["value"].as_str().unwrap())
    }
}

/// Runs a program that must stay silent: no connection, no file changed, nothing on standard error.
#[track_caller]
pub(crate) fn see_nothing(sandbox: &Sandbox, command: &mut Command) -> Seen {
    let (before, connections) = (contents(&sandbox.state()), sandbox.server.connections());
    let seen = see(command);
    assert_eq!(sandbox.server.connections(), connections, "nothing is sent: {command:?}");
    assert_eq!(contents(&sandbox.state()), before, "nothing is written: {command:?}");
    assert_eq!(seen.stderr, "", "nothing is printed: {command:?}");
    seen
}

/// Every file and folder below `folder` with its bytes.
pub(crate) fn contents(folder: &Path) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(contents(&path));
            all.insert(path, None);
        } else {
            all.insert(path.clone(), fs::read(&path).ok());
        }
    }
    all
}

/// The folder of an SDK's state, made as the runtime would make it.
pub(crate) fn sdk_folder(sandbox: &Sandbox, sdk: &str) -> PathBuf {
    let folder = sandbox.state().join("telemetry").join(format!("gate-{}", sdk.replace('_', "-")));
    fs::create_dir_all(sandbox.state()).unwrap();
    fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder).unwrap();
    folder
}

pub(crate) fn write_consent(sandbox: &Sandbox, sdk: &str, consent: Value) {
    let file = json!({"version": 1, "consent": consent, "agreed": {}, "sdk": null});
    fs::write(sdk_folder(sandbox, sdk).join("consent.json"), file.to_string()).unwrap();
}

/// A memory in which the server answered 410 to this version.
pub(crate) fn write_gone(sandbox: &Sandbox, sdk: &str) {
    let memory = json!({
        "version": 1, "sample_roll": null, "throttle": {"day": 0, "seen": []}, "rolling": [], "active": null,
        "gone": [{"endpoint": "http://127.0.0.1:4318", "version": "0.1.0"}],
    });
    fs::write(sdk_folder(sandbox, sdk).join("memory.json"), memory.to_string()).unwrap();
}

/// The numbers of the events that arrived.
pub(crate) fn arrived(sandbox: &Sandbox) -> Vec<u64> {
    let mut numbers: Vec<_> = sandbox.events().iter().map(|(_, payload)| payload["number"].as_u64().unwrap()).collect();
    numbers.sort_unstable(); // Within a second, segments have no order.
    numbers
}

/// Talks to a program that waits for a line: `meanwhile` runs between "ready" and the line.
pub(crate) fn with_pause(command: &mut Command, meanwhile: impl FnOnce()) -> Seen {
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    assert_eq!(line, "ready\n");
    meanwhile();
    child.stdin.take().unwrap().write_all(b"go\n").unwrap();
    let rest = std::thread::spawn(move || {
        let mut rest = String::new();
        stdout.read_to_string(&mut rest).map(|_| rest)
    });
    let output = finish(child);
    assert!(output.status.success());
    seen(&rest.join().unwrap().unwrap(), String::from_utf8(output.stderr).unwrap())
}
