//! One run of a measured program, with what it said, what the server got, and how long it lived.

use std::{
    fs, io,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use crate::{
    clients::Client,
    server::{Arrived, Server},
};

/// No program runs longer.
pub const LIMIT: Duration = Duration::from_secs(60);
/// Nor one under valgrind.
const LIMIT_VALGRIND: Duration = Duration::from_secs(180);

/// What the program says, in the words of the harness.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Said {
    pub recorded: u64,
    pub cpu_us: f64,
    pub begin_cpu_us: f64,
    pub total_cpu_us: f64,
    pub wall_us: f64,
    pub record_us: f64,
    pub end_us: f64,
    pub allocations: f64,
    pub allocated_bytes: f64,
    pub begin_kib: f64,
    pub peak_kib: f64,
}

#[derive(Debug, Clone, Copy)]
pub struct Run {
    pub said: Said,
    /// After the program's end.
    pub arrived: Arrived,
    pub milliseconds: f64,
}

impl Run {
    /// Events but the first, which belongs to the beginning.
    pub fn delivered(&self) -> f64 {
        self.arrived.events.saturating_sub(1) as f64
    }

    pub fn cpu_per_delivered(&self) -> f64 {
        self.said.cpu_us / self.delivered().max(1.0)
    }
}

/// Why there is no figure.
#[derive(Debug)]
pub enum NoRun {
    /// The client cannot do what was asked.
    Unable,
    /// It was still there after [`LIMIT`].
    TooLong,
    Failed(String),
}

impl NoRun {
    /// In words, for the page.
    pub fn words(&self) -> String {
        match self {
            Self::Unable => "it cannot".to_owned(),
            Self::TooLong => format!("not through after {} s, and ended there", LIMIT.as_secs()),
            Self::Failed(message) => message.clone(),
        }
    }
}

impl From<io::Error> for NoRun {
    fn from(error: io::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

/// Where requests go.
pub enum Network {
    Answers(Server),
    /// Connections are taken by the system and nobody ever reads.
    BlackHole(TcpListener),
    Refused(u16),
}

impl Network {
    pub fn answers() -> io::Result<Self> {
        Server::start().map(Self::Answers)
    }

    pub fn black_hole() -> io::Result<Self> {
        TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map(Self::BlackHole)
    }

    pub fn refused() -> io::Result<Self> {
        // Bound and closed again: nobody listens there.
        Ok(Self::Refused(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port()))
    }

    fn port(&self) -> io::Result<u16> {
        match self {
            Self::Answers(server) => Ok(server.port),
            Self::BlackHole(listener) => Ok(listener.local_addr()?.port()),
            Self::Refused(port) => Ok(*port),
        }
    }

    pub fn arrived(&self) -> io::Result<Arrived> {
        match self {
            Self::Answers(server) => server.arrived(),
            _ => Ok(Arrived::default()),
        }
    }
}

/// Where built programs are, and where they keep their files.
#[derive(Debug, Clone)]
pub struct Folders {
    /// `target/peers`, ignored by git and on the disk that is measured.
    pub base: PathBuf,
}

impl Folders {
    pub fn program(&self, package: &str) -> PathBuf {
        self.base.join(crate::builds::target(package)).join("release").join(format!("peer-{package}"))
    }

    pub fn state(&self) -> io::Result<TempDir> {
        let states = self.base.join("states");
        fs::create_dir_all(&states)?;
        tempfile::tempdir_in(states)
    }
}

/// A program that was started.
pub struct Started {
    child: Child,
    start: Instant,
}

/// Starts a program in a state folder. The environment is empty but for what a program needs: no proxy, no `CI`, no opt-out.
pub fn start(
    program: &Path,
    variant: &str,
    network: &Network,
    state: &Path,
    tool: &[&str],
    arguments: &[(&str, String)],
) -> io::Result<Started> {
    let mut command = match tool {
        [tool, rest @ ..] => {
            let mut command = Command::new(tool);
            command.args(rest).arg(program);
            command
        }
        [] => Command::new(program),
    };
    command.env_clear();
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    command.env("HOME", state).env("XDG_STATE_HOME", state.join("state")).current_dir(state);
    command.args(["--port", &network.port()?.to_string(), "--folder"]).arg(state);
    if !variant.is_empty() {
        command.args(["--variant", variant]);
    }
    for (name, value) in arguments {
        command.args([*name, value]);
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(fs::File::create(state.join("stderr"))?);
    let start = Instant::now();
    Ok(Started { child: command.spawn()?, start })
}

impl Started {
    /// Waits for the end; ends the program where its time is over.
    pub fn wait(mut self, limit: Duration) -> Result<(Said, f64), NoRun> {
        let status = loop {
            if let Some(status) = self.child.try_wait()? {
                break status;
            }
            let lives = self.start.elapsed();
            if lives > limit {
                self.child.kill()?;
                self.child.wait()?;
                return Err(NoRun::TooLong);
            }
            // Fine enough for ends of a millisecond, and next to no work in runs of seconds.
            thread::sleep(if lives < Duration::from_millis(100) {
                Duration::from_micros(200)
            } else {
                Duration::from_millis(4)
            });
        };
        let milliseconds = self.start.elapsed().as_secs_f64() * 1e3;
        let mut line = String::new();
        if let Some(out) = &mut self.child.stdout {
            io::Read::read_to_string(out, &mut line)?;
        }
        if line.contains("\"unable\"") {
            return Err(NoRun::Unable);
        }
        let last = line.lines().last().unwrap_or_default();
        match serde_json::from_str(last) {
            Ok(said) if status.success() => Ok((said, milliseconds)),
            _ => Err(NoRun::Failed(format!("{status}, said: {last}"))),
        }
    }
}

/// Runs a client once against a network, in a state folder.
pub fn run_in(
    folders: &Folders,
    client: &Client,
    network: &Network,
    state: &Path,
    tool: &[&str],
    arguments: &[(&str, String)],
) -> Result<Run, NoRun> {
    let before = network.arrived()?.events;
    let started = start(&folders.program(client.package), client.variant, network, state, tool, arguments)?;
    let (said, milliseconds) = started.wait(if tool.is_empty() { LIMIT } else { LIMIT_VALGRIND })?;
    let mut arrived = network.arrived()?;
    if client.id == "tracing" {
        arrived = lines(&state.join("tracing.jsonl"))?;
    } else if client.id != "metrics" {
        arrived.events -= before;
    }
    Ok(Run { said, arrived, milliseconds })
}

/// Runs a client once in a state folder of its own, against a server of its own.
pub fn run(folders: &Folders, client: &Client, arguments: &[(&str, String)]) -> Result<Run, NoRun> {
    run_in(folders, client, &Network::answers()?, folders.state()?.path(), &[], arguments)
}

/// What is in a file of lines, in the words of a server.
fn lines(path: &Path) -> io::Result<Arrived> {
    let text = fs::read(path)?;
    let events = text.iter().filter(|byte| **byte == b'\n').count() as u64;
    Ok(Arrived { events, bytes: text.len() as u64, ..Arrived::default() })
}

/// Instructions that callgrind counts, of all threads, or between entering and leaving one function.
pub fn instructions(
    folders: &Folders,
    client: &Client,
    function: Option<&str>,
    arguments: &[(&str, String)],
) -> Result<f64, NoRun> {
    let state = folders.state()?;
    let out = state.path().join("callgrind.out");
    let out_argument = format!("--callgrind-out-file={}", out.display());
    let mut tool = vec!["valgrind", "--tool=callgrind", &out_argument];
    let toggle = function.map(|function| format!("--toggle-collect={function}"));
    if let Some(toggle) = &toggle {
        tool.push(toggle);
    }
    run_in(folders, client, &Network::answers()?, state.path(), &tool, arguments)?;
    let profile = fs::read_to_string(out)?;
    let line = profile.lines().find_map(|line| line.strip_prefix("summary: "));
    line.and_then(|count| count.trim().parse().ok()).ok_or(NoRun::Failed("callgrind counted nothing".to_owned()))
}

pub fn has_valgrind() -> bool {
    Command::new("valgrind").arg("--version").output().is_ok_and(|output| output.status.success())
}

/// Bytes of all files below a folder.
pub fn size_of(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.file_type() {
            Ok(kind) if kind.is_dir() => size_of(&entry.path()),
            _ => entry.metadata().map_or(0, |metadata| metadata.len()),
        })
        .sum()
}

/// All files of this name below a folder.
pub fn find(folder: &Path, name: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if entry.file_name() == name {
            found.push(path.clone());
        }
        if path.is_dir() {
            found.extend(find(&path, name));
        }
    }
    found
}
