//! What the collector reaches, beside a server that writes nothing (the ceiling) and one that appends each body to a file and
//! syncs it (the floor), by the same clients with the same bodies in one run.
//!
//! ```sh
//! cargo bench -p telemetry-collector            # some minutes on two cores; nothing else should run
//! ```
//!
//! The clients take their share of the same machine.

#![allow(clippy::print_stdout, reason = "a bench prints its figures")]

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use axum::{Router, body::Bytes, extract::State, routing::post};
use telemetry_collector::{
    clock::Day,
    registry::edit::{self, AddOptions},
};

const CLIENTS: usize = 64;
const BATCHES: usize = 40;
const EVENTS: usize = 100;

fn main() {
    let data = tempfile::tempdir().unwrap();
    let bodies = Arc::new(batches(0, BATCHES, EVENTS));
    let singles = Arc::new(batches(1 << 40, 60, 1));

    println!("{CLIENTS} clients, {BATCHES} batches of {EVENTS} events each");
    let ceiling = in_process(Router::new().route("/v1/event", post(|_: Bytes| async { "{}" })));
    load("ceiling: writes nothing", ceiling, &bodies);
    let file = Arc::new(Mutex::new(fs::File::create(data.path().join("floor")).unwrap()));
    let floor = in_process(Router::new().route("/v1/event", post(append)).with_state(file));
    load("floor: append and sync", floor, &bodies);
    prepare(data.path());
    let collector = Collector::start(data.path());
    load("collector", collector.listen, &bodies);
    load("collector, the same again", collector.listen, &bodies);

    println!("\n{CLIENTS} clients, 60 requests of one event each");
    load("ceiling: writes nothing", ceiling, &singles);
    load("floor: append and sync", floor, &singles);
    load("collector", collector.listen, &singles);

    println!("\n1 client, 2000 requests that are refused");
    let broken: Vec<u8> = request(format!("{{\"events\":[{}", "{\"a\":1},".repeat(20_000)).as_bytes());
    refused("no JSON, 160 KiB", collector.listen, &broken);
    let unknown = request(br#"{"events":[{"event":"unknown","cv":"1.0.0","sdk":"a","sdkv":"1.0.0","payload":{}}]}"#);
    refused("an event that nobody declared", collector.listen, &unknown);

    let kib = collector.high_water();
    println!("\nhighest memory of the collector: {:.0} MiB", kib as f64 / 1024.0);
    collector.kill();
    let bytes = fs::metadata(data.path().join("collector.sqlite")).unwrap().len();
    let begin = Instant::now();
    let collector = Collector::start(data.path());
    println!(
        "restart after a kill, with {:.0} MiB of store: {:.2} s",
        bytes as f64 / 1e6,
        begin.elapsed().as_secs_f64()
    );
    collector.kill();
}

/// The floor: one body after the other, each on disk before the next.
async fn append(State(file): State<Arc<Mutex<fs::File>>>, body: Bytes) -> &'static str {
    let write = move || {
        let mut file = file.lock().unwrap();
        file.write_all(&body).unwrap();
        file.sync_data().unwrap();
    };
    tokio::task::spawn_blocking(write).await.unwrap();
    "{}"
}

fn in_process(router: Router) -> SocketAddr {
    let (sender, receiver) = std::sync::mpsc::channel();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            sender.send(listener.local_addr().unwrap()).unwrap();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                stream.set_nodelay(true).unwrap();
                let service = hyper_util::service::TowerToHyperService::new(router.clone());
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new()
                        .serve_connection(hyper_util::rt::TokioIo::new(stream), service),
                );
            }
        });
    });
    receiver.recv().unwrap()
}

/// The requests of each client, as bytes.
fn batches(first: u64, batches: usize, events: usize) -> Vec<Vec<Vec<u8>>> {
    let mut number = first;
    let mut batch = || {
        let events: Vec<String> = (0..events)
            .map(|_| {
                number += 1;
                event(number)
            })
            .collect();
        request(format!("{{\"events\":[{}]}}", events.join(",")).as_bytes())
    };
    (0..CLIENTS).map(|_| (0..batches).map(|_| batch()).collect()).collect()
}

/// An event as components send it: some thousand different ones, ids as the client makes them, random behind the hour.
fn event(number: u64) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let day = Day::of_seconds(now.as_secs() as i64);
    let random = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let id = format!(
        "01a20169-2e00-7{:03x}-8{:03x}-{:012x}",
        random >> 52,
        (random >> 40) & 0xfff,
        (random << 8 | number & 0xff) & 0xffff_ffff_ffff
    );
    format!(
        "{{\"event\":\"thing_used\",\"cv\":\"1.{}.0\",\"sdk\":\"acme\",\"sdkv\":\"1.0.0\",\"payload\":{{\"component\":\"c{}\",\
         \"on\":{},\"n\":{}}},\"id\":\"{id}\",\"ts\":\"{day}T00:00:00Z\",\"actor\":\"human\",\"ephemeral\":false}}",
        number % 3,
        number % 40,
        number.is_multiple_of(2),
        number % 16
    )
}

fn request(body: &[u8]) -> Vec<u8> {
    let head = format!("POST /v1/event HTTP/1.1\r\nhost: bench\r\ncontent-length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

fn load(name: &str, address: SocketAddr, bodies: &Arc<Vec<Vec<Vec<u8>>>>) {
    let events = bodies[0][0].windows(9).filter(|bytes| bytes == b"\"payload\"").count();
    let begin = Instant::now();
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let bodies = Arc::clone(bodies);
            thread::spawn(move || {
                let mut stream = TcpStream::connect(address).unwrap();
                stream.set_nodelay(true).unwrap();
                let mut times = Vec::new();
                for body in &bodies[client] {
                    let begin = Instant::now();
                    loop {
                        stream.write_all(body).unwrap();
                        match status(&mut stream) {
                            200 => break,
                            503 => thread::sleep(Duration::from_millis(5)),
                            other => panic!("status {other}"),
                        }
                    }
                    times.push(begin.elapsed());
                }
                times
            })
        })
        .collect();
    let mut times: Vec<_> = clients.into_iter().flat_map(|client| client.join().unwrap()).collect();
    let seconds = begin.elapsed().as_secs_f64();
    times.sort();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    println!(
        "  {name:<28} {:>9.0} events/s {:>8.0} requests/s   p50 {:>6.1} ms   p99 {:>6.1} ms",
        (times.len() * events) as f64 / seconds,
        times.len() as f64 / seconds,
        at(0.5),
        at(0.99)
    );
}

fn refused(name: &str, address: SocketAddr, body: &[u8]) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    let begin = Instant::now();
    for _ in 0..2000 {
        stream.write_all(body).unwrap();
        assert!([200, 400].contains(&status(&mut stream)));
    }
    println!("  {name:<28} {:>9.3} ms each", begin.elapsed().as_secs_f64() / 2.0);
}

/// Reads one answer.
fn status(stream: &mut TcpStream) -> u16 {
    let mut bytes = Vec::new();
    let mut buffer = [0; 2048];
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
            if bytes.len() >= end + 4 + length.unwrap_or(0_usize) {
                return head[9..12].parse().unwrap();
            }
        }
        let read = stream.read(&mut buffer).unwrap();
        assert!(read > 0, "the connection ended");
        bytes.extend_from_slice(&buffer[..read]);
    }
}

fn prepare(data: &Path) {
    let words: Vec<_> = (0..40).map(|number| format!("c{number}")).collect();
    let fields = serde_json::json!([
        { "name": "component", "type": { "enum": words } },
        { "name": "on", "type": "bool" },
        { "name": "n", "type": { "int": { "min": 0, "max": 15 } } },
    ]);
    let manifest = |version: &str| {
        serde_json::from_value(serde_json::json!({
            "manifest_version": 1,
            "sdks": [{
                "sdk": "acme", "crate": "acme", "version": version, "role": "library", "default": "on", "env": "ACME",
                "endpoint": "https://t.example", "wire": { "event_batch": { "strict": false } }, "docs": "d", "operator": "A",
                "contact": "c", "region": "EU", "retention": "1 day", "shared_with": "nobody", "event_case": "snake_case",
                "notice": "next_run", "write_on": "worker", "sample": 1.0, "transport": "built_in", "envelope": [],
                "headers": [], "server_sees": [], "at": "lib.rs:1",
            }],
            "events": [{
                "sdk": "acme", "crate": "acme", "version": version, "event": "thing_used", "kind": "event", "fields": fields,
                "sample": 1.0, "throttle": "daily", "at": "lib.rs:2",
            }],
        }))
        .unwrap()
    };
    for version in ["1.0.0", "1.1.0", "1.2.0"] {
        edit::add(data, &manifest(version), &AddOptions::default()).unwrap();
    }
}

struct Collector {
    child: Child,
    listen: SocketAddr,
}

impl Collector {
    fn start(data: &Path) -> Self {
        let config = data.join("collector.toml");
        fs::write(&config, "[rate]\nper_second = 0\n").unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_telemetry-collector"))
            .args(["serve", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--data"])
            .arg(data)
            .arg("--config")
            .arg(&config)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        let listen = loop {
            line.clear();
            assert!(lines.read_line(&mut line).unwrap() > 0, "it did not start");
            if let Some(address) = line.split("http://").nth(1).and_then(|text| text.split(',').next()?.parse().ok()) {
                break address;
            }
        };
        thread::spawn(move || std::io::copy(&mut lines, &mut std::io::stderr()));
        Self { child, listen }
    }

    /// The most memory that it had so far, in KiB; 0 where the system does not tell.
    fn high_water(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
        line.trim().trim_end_matches("kB").trim().parse().unwrap_or(0)
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}
