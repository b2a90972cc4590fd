//! What is measured, part by part.

use std::{
    path::{Path, PathBuf},
    time::Instant,
};

use flate2::{Compression, write::GzEncoder};

use super::{
    bodies::{self, Format},
    load::{self, Run},
    page::{Page, Rate},
    process::Server,
    rows,
};

/// Connections that send at one time.
const CLIENTS: usize = 64;
/// Runs of which the median is taken; those of the servers take turns.
const RUNS: usize = 5;

/// One server under one load: all of its runs, and what its process took.
struct Measured<'a> {
    name: &'a str,
    server: &'a Server,
    runs: Vec<Run>,
    cpu: f64,
}

impl<'a> Measured<'a> {
    fn new(name: &'a str, server: &'a Server) -> Self {
        Self { name, server, runs: Vec::new(), cpu: 0.0 }
    }

    fn run(&mut self, requests: &[Vec<Vec<u8>>], events: usize) {
        let before = self.server.cpu_seconds();
        self.runs.push(load::run(self.server.listen, requests, events));
        self.cpu += self.server.cpu_seconds() - before;
        let run = &self.runs[self.runs.len() - 1];
        eprintln!("  {}: {:.0} events/s, p99 {:.1} ms", self.name, run.events_per_second(), run.within(99.0));
    }

    fn rate(&self) -> Rate {
        let events: usize = self.runs.iter().map(|run| run.events).sum();
        Rate {
            server: self.name.to_owned(),
            events: median(self.runs.iter().map(Run::events_per_second)),
            requests: median(self.runs.iter().map(Run::requests_per_second)),
            p50: median(self.runs.iter().map(|run| run.within(50.0))),
            p99: median(self.runs.iter().map(|run| run.within(99.0))),
            cpu_us: self.cpu * 1e6 / events as f64,
            memory: self.server.high_water(),
        }
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// Batches of 100 events from 64 clients, each answered when it is on disk.
pub(crate) fn ingest(page: &mut Page) {
    let rates = beside(40, 100, 1);
    page.ingest(CLIENTS, RUNS * CLIENTS * 40 * 100, &rates);
}

/// Requests of one event each.
pub(crate) fn single(page: &mut Page) {
    let rates = beside(120, 1, 1 << 40);
    page.single(CLIENTS, &rates);
}

/// Ceiling, floor and collector by turns, each with the same bodies; those of each run are new.
fn beside(batches: usize, events: usize, first: u64) -> [Rate; 3] {
    let folder = tempfile::tempdir().unwrap();
    bodies::declare(folder.path());
    let servers = [Server::ceiling(), Server::floor(&folder.path().join("floor")), Server::collector(folder.path())];
    let names = ["ceiling: writes nothing", "floor: append and sync", "collector"];
    let mut all: Vec<_> = names.iter().zip(&servers).map(|(name, server)| Measured::new(name, server)).collect();
    for run in 0..RUNS {
        let begin = first + (run * CLIENTS * batches * events) as u64;
        let requests = bodies::requests(Format::Batch, begin, CLIENTS, batches, events);
        all.iter_mut().for_each(|measured| measured.run(&requests, events));
    }
    [0, 1, 2].map(|place| all[place].rate())
}

/// The same events as logs of OpenTelemetry, in protobuf.
pub(crate) fn otlp(page: &mut Page, rotel: Option<&Path>) {
    let folder = tempfile::tempdir().unwrap();
    bodies::declare(folder.path());
    let ceiling = Server::ceiling();
    let collector = Server::collector(folder.path());
    let rotel_server = rotel.and_then(|program| Server::rotel(program, folder.path()));
    if rotel.is_some() && rotel_server.is_none() {
        eprintln!("  rotel does not answer: it is left out");
    }
    let mut all =
        vec![Measured::new("ceiling: writes nothing", &ceiling), Measured::new("collector: on disk", &collector)];
    if let Some(server) = &rotel_server {
        all.push(Measured::new("rotel: in memory, then thrown away", server));
    }
    for run in 0..RUNS {
        let begin = (run * CLIENTS * 4_000) as u64;
        let requests = bodies::requests(Format::Otlp, begin, CLIENTS, 40, 100);
        all.iter_mut().for_each(|measured| measured.run(&requests, 100));
    }
    let rates: Vec<Rate> = all.iter().map(Measured::rate).collect();
    page.otlp(&rates, rotel.filter(|_| rotel_server.is_some()));
}

/// What a body costs that is refused: one client, one request after the other.
pub(crate) fn refused(page: &mut Page) {
    let folder = tempfile::tempdir().unwrap();
    bodies::declare(folder.path());
    let server = Server::collector(folder.path());
    let batch = bodies::requests(Format::Batch, 1, 1, 1, 100).remove(0).remove(0);
    let body = &batch[batch.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4..];
    let text = String::from_utf8_lossy(body);
    let post = |body: &[u8]| bodies::request("/v1/event", "application/json", body);
    let packed = |body: &[u8]| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        std::io::Write::write_all(&mut encoder, body).unwrap();
        let body = encoder.finish().unwrap();
        let head = format!(
            "POST /v1/event HTTP/1.1\r\nhost: b\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        [head.as_bytes(), &body].concat()
    };
    let limit = 512 * 1024;
    let many = format!("{{\"events\":[{}{{}}]}}", "{\"a\":1},".repeat(limit / 8 - 4));
    let numbers = format!("{{\"events\":[{}0]}}", "0,".repeat(limit / 2 - 16));
    let cases: Vec<(&str, Vec<u8>, &[u16])> = vec![
        ("100 events that nobody declared", post(text.replace("thing_used", "thing_seen").as_bytes()), &[200]),
        ("100 events with a field too many", post(text.replace("\"n\":", "\"more\":").as_bytes()), &[200]),
        ("100 events, the last byte missing", post(&body[..body.len() - 1]), &[400]),
        ("512 KiB of small objects", post(many.as_bytes()), &[400, 413]),
        ("512 KiB of numbers", post(numbers.as_bytes()), &[400, 413]),
        ("512 KiB of one text", post(format!("{{\"a\":\"{}\"", "x".repeat(limit - 16)).as_bytes()), &[400]),
        ("one byte more than is allowed", post(&vec![b' '; limit + 1]), &[413]),
        ("gzip of 64 MiB of spaces", packed(&vec![b' '; 64 << 20]), &[413]),
        ("gzip that is none", broken_gzip(&packed(body)), &[400]),
        ("a path that nobody has", bodies::request("/nothing/v1/event", "application/json", body), &[404]),
    ];
    let mut rows = Vec::new();
    for (name, request, expected) in cases {
        let times = 300;
        let before = server.cpu_seconds();
        let run = load::same(server.listen, &request, times, expected);
        let cpu = (server.cpu_seconds() - before) * 1e3 / times as f64;
        eprintln!("  {name}: {:.3} ms, {cpu:.3} ms of processor", run.within(50.0));
        rows.push((name, request.len(), run.within(50.0), run.within(99.0), cpu));
    }
    page.refused(&rows, server.high_water());
}

/// The body's bytes are changed, the head is not.
fn broken_gzip(request: &[u8]) -> Vec<u8> {
    let begin = request.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    request.iter().enumerate().map(|(place, byte)| if place < begin + 20 { *byte } else { byte ^ 0x55 }).collect()
}

/// Questions and restarts with a large store.
pub(crate) fn rows(page: &mut Page, wanted: u64, keep: Option<PathBuf>) {
    let folder = tempfile::tempdir().unwrap();
    let data = keep.unwrap_or_else(|| folder.path().to_owned());
    let is_there = data.join("collector.sqlite").exists();
    std::fs::create_dir_all(&data).unwrap();
    let written = (!is_there).then(|| rows::write(&data, wanted));
    let counted = rows::counted(&data);
    let bytes = std::fs::metadata(data.join("collector.sqlite")).unwrap().len();
    // The first start after a kill of this machine's size would find an empty cache; here it is what the last one left.
    let starts = (0..RUNS).map(|_| {
        let begin = Instant::now();
        let server = Server::collector(&data);
        let seconds = begin.elapsed().as_secs_f64();
        drop(server);
        seconds
    });
    let restart = median(starts);
    let server = Server::collector(&data);
    let token = Server::token(&data);
    let (to, half) = (bodies::today(), bodies::today().plus(1 - 182));
    let mut asked = Vec::new();
    for by in ["day", "week", "month"] {
        for question in ["active", "events", "versions", "fields", "losses"] {
            let path = format!("/sdk/{}/{question}.csv?by={by}&from={half}&to={to}", rows::SDK);
            asked.push((format!("{question} per {by}"), path));
        }
    }
    asked.push(("the whole page, all of its plots".to_owned(), format!("/sdk/{}", rows::SDK)));
    let mut answers = Vec::new();
    for (name, path) in asked {
        let times: Vec<(f64, usize)> = (0..RUNS).map(|_| load::get(server.admin, &token, &path)).collect();
        let time = median(times.iter().map(|(time, _)| *time));
        eprintln!("  {name}: {time:.0} ms");
        answers.push((name, time, times[0].1));
    }
    page.rows(&counted, bytes, written, restart, &answers, server.high_water());
}
