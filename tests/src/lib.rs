//! Runs a program as its users would: in a process of its own, with a state folder of its own, against a real server.

pub mod allocator;
mod example;
pub mod fixture;
mod install;
pub mod ledger;
#[cfg(unix)]
pub mod native;
#[cfg(unix)]
pub mod terminal;

use std::{
    collections::BTreeMap,
    ffi::OsString,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use telemetry_runtime::testing::{LoopbackServer, Received};
use tempfile::TempDir;

pub use crate::{example::example, install::install_program};

/// How long a program may take before the test ends it and fails. Far beyond anything that is promised: a test is
/// decided by order, never by milliseconds.
pub const WATCHDOG: Duration = Duration::from_secs(60);

/// A home of its own for one test: state folder, server and a clean environment.
pub struct Sandbox {
    /// The server that programs of this sandbox send to.
    pub server: LoopbackServer,
    home: TempDir,
}

impl Sandbox {
    /// A fresh home and server.
    pub fn new() -> Self {
        Self {
            server: LoopbackServer::start().expect("a loopback port is free"),
            home: TempDir::new().expect("the temporary folder can be written"),
        }
    }

    /// The home folder.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// The folder below which all SDKs keep their state.
    pub fn state(&self) -> PathBuf {
        self.home.path().join("state")
    }

    /// A program with nothing in its environment but what it needs to start, this home, and the server's port.
    ///
    /// No variable of the machine that runs the tests reaches it: neither `CI` nor anybody's opt-out.
    pub fn command(&self, program: impl AsRef<Path>) -> Command {
        std::fs::create_dir_all(self.state()).expect("the home can be written");
        let mut command = Command::new(program.as_ref());
        command.env_clear();
        // What loaders and sockets need on some systems; none of it is read by the runtime.
        for variable in ["PATH", "LD_LIBRARY_PATH", "SystemRoot"] {
            if let Some(value) = std::env::var_os(variable) {
                command.env(variable, value);
            }
        }
        command
            .env("HOME", self.home())
            .env("XDG_STATE_HOME", self.state())
            .env("PROBE_PORT", self.server.port().to_string())
            .env("TELEMETRY_TESTS_TRANSPORT", transport())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// The test program `probe` of this package, told what to do.
    pub fn probe(&self, action: &str) -> Command {
        let mut command = self.command(probe_path());
        command.arg(action);
        command
    }

    /// What the server has received so far, as `(event name, payload)` of every event of every batch.
    pub fn events(&self) -> Vec<(String, serde_json::Value)> {
        self.server.requests().iter().flat_map(events_of).collect()
    }

    /// As if so much time had passed that no failed attempt holds back the next one.
    pub fn forget_failures(&self) {
        for path in self.files().into_keys().filter(|path| path.ends_with("breaker.json")) {
            std::fs::remove_file(self.state().join(path)).expect("the state folder can be written");
        }
    }

    /// Every file below the state folder, with its size; paths relative to it.
    pub fn files(&self) -> BTreeMap<PathBuf, u64> {
        let mut files = BTreeMap::new();
        collect_files(&self.state(), &self.state(), &mut files);
        files
    }
}

impl Default for Sandbox {
    fn default() -> Self {
        Self::new()
    }
}

/// Where the test program `probe` of this package is, in the profile of the running test.
pub fn probe_path() -> PathBuf {
    sibling("probe")
}

/// A program of the workspace that lies beside the running test in the target folder.
pub fn sibling(name: &str) -> PathBuf {
    let mut path = std::env::current_exe().expect("a test knows its own path");
    path.pop();
    if path.ends_with("deps") {
        path.pop();
    }
    path.join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// The events of a batch as `(event name, payload)`.
pub fn events_of(request: &Received) -> Vec<(String, serde_json::Value)> {
    let Ok(body) = serde_json::from_slice::<serde_json::Value>(&request.body) else { return Vec::new() };
    let events = body["events"].as_array().cloned().unwrap_or_default();
    events
        .iter()
        .map(|event| (event["event"].as_str().unwrap_or_default().to_owned(), event["payload"].clone()))
        .collect()
}

/// Waits for a program; one that is still running after [`WATCHDOG`] is ended, and the test fails.
#[track_caller]
pub fn finish(mut child: Child) -> Output {
    let deadline = Instant::now() + WATCHDOG;
    loop {
        if child.try_wait().expect("the program can be waited for").is_some() {
            return child.wait_with_output().expect("its output can be read");
        }
        if Instant::now() > deadline {
            let _ = child.kill();
            let output = child.wait_with_output();
            panic!("the program did not end within {WATCHDOG:?}: {output:?}");
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Runs a program to its end under the watchdog.
#[track_caller]
pub fn run(command: &mut Command) -> Output {
    finish(command.spawn().unwrap_or_else(|error| panic!("{command:?} does not start: {error}")))
}

/// Runs a program that must succeed; answers with its standard output.
#[track_caller]
pub fn run_ok(command: &mut Command) -> String {
    let output = run(command);
    assert!(output.status.success(), "{command:?}: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("programs print UTF-8")
}

/// The ready-made transport that programs of this test use: the default one, but ureq in `delivery_ureq`.
pub fn transport() -> &'static str {
    let test = std::env::current_exe().expect("a test knows its own path");
    let by_ureq = test.file_name().is_some_and(|name| name.to_string_lossy().starts_with("delivery_ureq"));
    if by_ureq { "ureq" } else { "reqwest" }
}

/// The arguments of this process without the program's name.
pub fn arguments() -> Vec<OsString> {
    std::env::args_os().skip(1).collect()
}

fn collect_files(root: &Path, folder: &Path, files: &mut BTreeMap<PathBuf, u64>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect_files(root, &path, files);
        } else if let (Ok(relative), Ok(metadata)) = (path.strip_prefix(root), entry.metadata()) {
            files.insert(relative.to_owned(), metadata.len());
        }
    }
}
