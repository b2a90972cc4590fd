//! A collector of this process, and requests to it byte by byte.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    path::Path,
    time::Duration,
};

use serde_json::Value;
use telemetry_collector::{
    clock::Clock,
    config::Config,
    registry::edit::{self, AddOptions},
    serve::Collector,
    store::{Days, Outcome, Read, Row, sqlite::Reader},
};
use telemetry_runtime::schema::Manifest;

/// 2026-11-22, 12:00 UTC.
pub(crate) const NOON: i64 = 20_779 * 86_400 + 12 * 3600;

/// A collector with its data folder. It ends with this.
pub(crate) struct Running {
    runtime: tokio::runtime::Runtime,
    collector: Option<Collector>,
    pub(crate) data: tempfile::TempDir,
    pub(crate) clock: Clock,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
    /// The same as it came.
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The value of a header, in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim().to_lowercase())
        })
    }
}

impl Running {
    /// A collector with these manifests, without a limit of how often one address may ask.
    pub(crate) fn with(manifests: &[&Manifest]) -> Self {
        Self::configured(manifests, |_| {})
    }

    pub(crate) fn configured(manifests: &[&Manifest], change: impl FnOnce(&mut Config)) -> Self {
        let data = tempfile::tempdir().unwrap();
        for manifest in manifests {
            edit::add(data.path(), manifest, &AddOptions::default()).unwrap();
        }
        let mut config = Config::default();
        config.rate.per_second = 0;
        change(&mut config);
        Self::start(data, config, Clock::manual(NOON))
    }

    pub(crate) fn start(data: tempfile::TempDir, mut config: Config, clock: Clock) -> Self {
        config.server.data = data.path().to_owned();
        config.server.listen = SocketAddr::from(([127, 0, 0, 1], 0));
        config.server.admin = SocketAddr::from(([127, 0, 0, 1], 0));
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let collector =
            runtime.block_on(Collector::start(config, clock.clone())).unwrap_or_else(|failure| panic!("{failure:?}"));
        Self { runtime, collector: Some(collector), data, clock }
    }

    pub(crate) fn listen(&self) -> SocketAddr {
        self.collector.as_ref().unwrap().listen
    }

    pub(crate) fn admin(&self) -> SocketAddr {
        self.collector.as_ref().unwrap().admin
    }

    pub(crate) fn public(&self) -> SocketAddr {
        self.collector.as_ref().unwrap().public.unwrap()
    }

    pub(crate) fn connect(&self) -> TcpStream {
        connect(self.listen())
    }

    /// Sends these bytes on a connection of their own and reads one answer.
    pub(crate) fn raw(&self, request: &[u8]) -> Answer {
        let mut stream = self.connect();
        stream.write_all(request).unwrap();
        read_answer(&mut stream)
    }

    pub(crate) fn request(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        self.raw(&request(method, path, headers, body))
    }

    pub(crate) fn post(&self, path: &str, body: &str) -> Answer {
        self.request("POST", path, &[], body.as_bytes())
    }

    pub(crate) fn get_admin(&self, path: &str) -> Answer {
        self.ask_admin("GET", path, &[], b"")
    }

    pub(crate) fn ask_admin(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut stream = connect(self.admin());
        stream.write_all(&request(method, path, headers, body)).unwrap();
        read_answer(&mut stream)
    }

    /// Asks the page with this token, as programs do.
    pub(crate) fn get_with(&self, token: &str, path: &str) -> Answer {
        self.ask_admin("GET", path, &[("authorization", &format!("Bearer {token}"))], b"")
    }

    /// The token that the collector has made for its operator.
    pub(crate) fn operator_token(&self) -> String {
        std::fs::read_to_string(self.data.path().join("operator.token")).unwrap().trim().to_owned()
    }

    pub(crate) fn reader(&self) -> Reader {
        reader(self.data.path())
    }

    pub(crate) fn rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        self.reader().rows(None, Days::ALL, &mut |row| rows.push(row)).unwrap();
        rows
    }

    /// How many events are kept.
    pub(crate) fn stored(&self) -> u64 {
        self.rows().iter().map(|row| row.n).sum()
    }

    /// Outcomes of an SDK, once the counts of refusals have been handed on.
    pub(crate) fn outcomes(&self, sdk: &str) -> Vec<(String, u64)> {
        let ingest = self.collector.as_ref().unwrap().ingest();
        ingest.flush_tally();
        self.runtime.block_on(ingest.settle());
        let outcomes = self.reader().outcomes(sdk, Days::ALL).unwrap();
        outcomes.into_iter().map(|Outcome { word, n, .. }| (word, n)).collect()
    }

    /// Ends it and hands over its data.
    pub(crate) fn stop(mut self) -> tempfile::TempDir {
        self.end();
        std::mem::replace(&mut self.data, tempfile::tempdir().unwrap())
    }

    fn end(&mut self) {
        if let Some(collector) = self.collector.take() {
            self.runtime.block_on(collector.stop());
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}

pub(crate) fn reader(data: &Path) -> Reader {
    Reader::open(data).unwrap()
}

pub(crate) fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream
}

pub(crate) fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut text = format!("{method} {path} HTTP/1.1\r\nhost: collector\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    if !body.is_empty() {
        text.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    text.push_str("\r\n");
    [text.as_bytes(), body].concat()
}

/// Reads one answer; an empty one with status 0 if the connection ends before.
pub(crate) fn read_answer(stream: &mut TcpStream) -> Answer {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let length =
                head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
            let length: usize = length.unwrap_or(0);
            if bytes.len() >= end + 4 + length {
                let bytes = bytes[end + 4..end + 4 + length].to_vec();
                let body = String::from_utf8_lossy(&bytes).into_owned();
                let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
                return Answer { status, head, body, bytes };
            }
        }
        match stream.read(&mut buffer) {
            Ok(read) if read > 0 => bytes.extend_from_slice(&buffer[..read]),
            _ => {
                let body = String::from_utf8_lossy(&bytes).into_owned();
                return Answer { status: 0, head: String::new(), body, bytes };
            }
        }
    }
}

/// The answer to a batch of which so many events were taken and none refused.
pub(crate) fn taken(accepted: u64, duplicate: u64) -> Value {
    serde_json::json!({ "accepted": accepted, "duplicate": duplicate, "rejected": 0, "refused": {} })
}

/// The answer to one event that was refused.
pub(crate) fn refused(reason: &str) -> Value {
    serde_json::json!({ "accepted": 0, "duplicate": 0, "rejected": 1, "refused": { reason: 1 } })
}

/// The SDK of one manifest with this wire, with an event of each field type.
pub(crate) fn manifest(sdk: &str, version: &str, endpoint: &str, wire: Value, fields: Value) -> Manifest {
    let strict = wire.to_string().contains("true");
    let keys: &[&str] = match (wire.to_string().contains("event_batch"), strict) {
        (true, true) => &["event", "cv", "it", "sdk", "sdkv", "pk", "payload"],
        (true, false) => &["event", "cv", "sdk", "sdkv", "pk", "payload", "id", "ts", "rate", "actor", "ephemeral"],
        _ if wire == "otlp" => &[
            "service.name",
            "service.version",
            "scope.name",
            "scope.version",
            "timeUnixNano",
            "eventName",
            "attributes",
            "log.record.uid",
            "telemetry.rate",
            "telemetry.actor",
            "telemetry.ephemeral",
            "telemetry.instance",
        ],
        _ => &[],
    };
    let envelope: Vec<_> = keys.iter().map(|key| (key, "")).collect();
    let value = serde_json::json!({
        "manifest_version": 1,
        "sdks": [{
            "sdk": sdk, "crate": sdk, "version": version, "role": "library", "default": "on", "env": "ACME",
            "endpoint": endpoint, "wire": wire, "docs": "d", "operator": "A", "contact": "c", "region": "EU",
            "retention": "1 day", "shared_with": "nobody", "event_case": "snake_case", "notice": "next_run",
            "write_on": "worker", "sample": 1.0, "transport": "built_in", "envelope": envelope, "headers": [],
            "server_sees": [], "at": "lib.rs:1",
        }],
        "events": [{
            "sdk": sdk, "crate": sdk, "version": version, "event": "thing_used", "kind": "event", "fields": fields,
            "sample": 1.0, "throttle": "daily", "at": "lib.rs:2",
        }],
    });
    serde_json::from_value(value).unwrap()
}

/// A batch of one extended event; `number` makes its id.
pub(crate) fn extended(number: u64, sdk: &str, payload: Value) -> Value {
    serde_json::json!({
        "event": "thing_used", "cv": "1.0.0", "sdk": sdk, "sdkv": "1.0.0", "payload": payload, "id": id(number),
        "ts": "2026-11-22T04:00:00Z", "actor": "unknown", "ephemeral": false,
    })
}

/// A UUIDv7 made of a number.
pub(crate) fn id(number: u64) -> String {
    format!("01a20169-2e00-7{:03x}-8{:03x}-{:012x}", number >> 60, (number >> 48) & 0xfff, number & 0xffff_ffff_ffff)
}

pub(crate) fn batch(events: &[Value]) -> String {
    serde_json::json!({ "events": events }).to_string()
}
