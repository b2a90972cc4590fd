//! A collector as a process, and clients that keep a ledger of what was answered.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use serde_json::json;
use telemetry_collector::{
    registry::edit::{self, AddOptions},
    store::{Days, Read, sqlite::Reader},
};
use telemetry_runtime::schema::Manifest;

use crate::harness::{self, Answer, batch, id, read_answer, request};

/// A manifest whose event holds a number, so that every event is a row of its own.
pub(crate) fn numbered() -> Manifest {
    let fields = json!([{ "name": "n", "type": { "unbounded": "u64" }, "reason": "r" }]);
    harness::manifest("acme", "1.0.0", "https://t.example", json!({ "event_batch": { "strict": false } }), fields)
}

/// The event of a number, of today.
pub(crate) fn event(number: u64) -> serde_json::Value {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as i64;
    let day = telemetry_collector::clock::Day::of_seconds(now);
    json!({
        "event": "thing_used", "cv": "1.0.0", "sdk": "acme", "sdkv": "1.0.0", "payload": { "n": number }, "id": id(number),
        "ts": format!("{day}T00:00:00Z"), "actor": "unknown", "ephemeral": false,
    })
}

/// Adds the SDK of [`numbered`] to a data folder.
pub(crate) fn prepare(data: &Path) {
    edit::add(data, &numbered(), &AddOptions::default()).unwrap();
}

/// The collector.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_telemetry-collector-tested");

/// `serve` on free ports.
pub(crate) struct Process {
    child: Child,
    pub(crate) listen: SocketAddr,
    pub(crate) admin: SocketAddr,
    log: Option<std::thread::JoinHandle<String>>,
    /// From the start until it listened.
    pub(crate) started: Duration,
}

impl Process {
    /// Starts it, with a configuration that limits no rate.
    pub(crate) fn start(data: &Path) -> Self {
        Self::configured(data, "[rate]\nper_second = 0\n[limits]\nconnections_per_address = 1000\n")
    }

    pub(crate) fn configured(data: &Path, config: &str) -> Self {
        Self::run(Command::new(PROGRAM), data, config, "127.0.0.1:0")
    }

    /// The same by a command that runs what its arguments say, at an address of the test's choice.
    pub(crate) fn run(mut command: Command, data: &Path, config: &str, listen: &str) -> Self {
        let file = data.join("collector.toml");
        std::fs::write(&file, config).unwrap();
        let begin = Instant::now();
        let mut child = command
            .args(["serve", "--listen", listen, "--admin", "127.0.0.1:0", "--data"])
            .arg(data)
            .arg("--config")
            .arg(&file)
            .stderr(Stdio::piped())
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap());
        let mut log = String::new();
        let (listen, admin) = loop {
            let mut line = String::new();
            assert!(lines.read_line(&mut line).unwrap() > 0, "it did not start: {log}");
            log.push_str(&line);
            let mut addresses =
                line.split("http://").skip(1).map(|text| text.split([',', '\n']).next().unwrap().parse());
            if let (Some(Ok(listen)), Some(Ok(admin))) = (addresses.next(), addresses.next()) {
                break (listen, admin);
            }
        };
        let started = begin.elapsed();
        let log = std::thread::spawn(move || {
            let _ = lines.read_to_string(&mut log);
            log
        });
        Self { child, listen, admin, log: Some(log), started }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it as a power cut would, the disk aside; all that it said.
    pub(crate) fn kill(mut self) -> String {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.log.take().unwrap().join().unwrap()
    }

    /// Ends it by SIGTERM; how it ended, how long that took, and all that it said.
    pub(crate) fn end(mut self) -> (ExitStatus, Duration, String) {
        let begin = Instant::now();
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        let status = self.child.wait().unwrap();
        (status, begin.elapsed(), self.log.take().unwrap().join().unwrap())
    }

    pub(crate) fn get_admin(&self, path: &str) -> Answer {
        get(self.admin, path)
    }
}

/// A test that fails leaves no process behind.
impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn get(address: SocketAddr, path: &str) -> Answer {
    let mut stream = harness::connect(address);
    stream.write_all(&request("GET", path, &[], b"")).unwrap();
    read_answer(&mut stream)
}

pub(crate) fn post(address: SocketAddr, path: &str, body: &str) -> Answer {
    let mut stream = harness::connect(address);
    stream.write_all(&request("POST", path, &[], body.as_bytes())).unwrap();
    read_answer(&mut stream)
}

/// Sends one batch on a connection that is kept while it works; `None` if there was no answer.
pub(crate) fn send(connection: &mut Option<TcpStream>, address: SocketAddr, numbers: &[u64]) -> Option<Answer> {
    if connection.is_none() {
        let stream = TcpStream::connect(address).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(30))).ok()?;
        *connection = Some(stream);
    }
    let stream = connection.as_mut()?;
    let body = batch(&numbers.iter().map(|number| event(*number)).collect::<Vec<_>>());
    let answer = match stream.write_all(&request("POST", "/v1/event", &[], body.as_bytes())) {
        Ok(()) => read_answer(stream),
        Err(_) => Answer { status: 0, head: String::new(), body: String::new(), bytes: Vec::new() },
    };
    if answer.status == 0 || answer.header("connection").as_deref() == Some("close") {
        *connection = None;
    }
    (answer.status != 0).then_some(answer)
}

/// How often each number is kept.
pub(crate) fn kept(data: &Path) -> BTreeMap<u64, u64> {
    kept_by(&mut Reader::open(data).unwrap())
}

/// The same of any engine.
pub(crate) fn kept_by(reader: &mut dyn Read) -> BTreeMap<u64, u64> {
    let mut kept = BTreeMap::new();
    let mut each = |row: telemetry_collector::store::Row| {
        let payload: serde_json::Value = serde_json::from_str(&row.payload).unwrap();
        *kept.entry(payload["n"].as_u64().unwrap()).or_insert(0) += row.n;
    };
    reader.rows(None, Days::ALL, &mut each).unwrap();
    kept
}

/// Whether the long form was asked for.
pub(crate) fn is_long() -> bool {
    long_minutes().is_some()
}

/// How many minutes the longest fault is to last, where the long form was asked for.
pub(crate) fn long_minutes() -> Option<u64> {
    let text = std::env::var("TELEMETRY_COLLECTOR_LONG").ok()?;
    Some(text.parse().expect("TELEMETRY_COLLECTOR_LONG is a number of minutes"))
}
