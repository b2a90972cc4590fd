//! What is measured, part by part. Each part's result is kept as JSON, so that the page can be written from parts of several runs.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};

use crate::{
    builds::{self, Build},
    clients::{CLIENTS, Client, Kind, PACKAGES, client},
    program::{self, Folders, Network, NoRun, Run},
};

/// Runs of which the median is taken.
const RUNS: usize = 5;
/// When this much of the time is used, what is left is measured once.
const BUDGET: Duration = Duration::from_secs(20 * 60);
/// Events of a run that is timed.
const EVENTS: u64 = 20_000;
/// Events of a run of which there are many.
const FEW: u64 = 5_000;
/// Events of a run under callgrind.
const COUNTED: u64 = 2_000;
/// Events of the worst cases.
const BURST: u64 = 200_000;
/// What the spool of one SDK and program holds, from `telemetry-spool/src/limits.rs`.
const SPOOL: u64 = 3 * 1024 * 1024;

/// How long the worst cases of one client keep those of the next one waiting.
const STAYS: Duration = Duration::from_secs(4);

pub const WIDTHS: [u64; 5] = [1, 4, 16, 32, 64];
pub const THREADS: [u64; 4] = [1, 2, 4, 16];
pub const PROCESSES: [u64; 5] = [1, 2, 10, 25, 50];
pub const REGISTERED: [u64; 5] = [1, 10, 100, 1_000, 10_000];
pub const FILLED: [u64; 5] = [0, 25, 50, 75, 100];

/// The median of several runs, and between which figures they lie.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Figure {
    pub median: f64,
    pub least: f64,
    pub most: f64,
    pub runs: usize,
}

impl Figure {
    fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let at = |place: usize| values.get(place).copied().unwrap_or_default();
        let runs = values.len();
        Self { median: at(runs / 2), least: at(0), most: at(runs.saturating_sub(1)), runs }
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct EndToEnd {
    pub client: String,
    pub cpu_us: Figure,
    pub wall_us: f64,
    pub delivered: f64,
    pub lost: f64,
    pub bytes: f64,
    pub requests: f64,
    pub allocations: f64,
    pub peak_kib: f64,
    pub begin_cpu_ms: f64,
    pub begin_kib: f64,
    /// Of the thread that records.
    pub caller_ns: Figure,
    /// Of the thread that records; none where callgrind is missing or failed.
    pub caller_instructions: Option<f64>,
    /// Of all threads, up to the delivery.
    pub instructions: Option<f64>,
    pub error: Option<String>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Worst {
    pub client: String,
    /// 200,000 events as fast as one thread can, a server that answers.
    pub burst: Option<Burst>,
    /// The same, and connections lead into a black hole.
    pub black_hole: Option<Burst>,
    /// The same, and nobody listens.
    pub refused: Option<Burst>,
    /// Milliseconds from start to end of a program that records one event, by network.
    pub exit_answers: Option<Figure>,
    pub exit_refused: Option<Figure>,
    pub exit_black_hole: Option<f64>,
    pub errors: Vec<String>,
}

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Burst {
    pub delivered: f64,
    /// Delivered by the next run of the program, to a server that answers.
    pub kept: f64,
    pub lost: f64,
    pub record_ns: f64,
    pub cpu_us: f64,
    pub peak_kib: f64,
    /// From start to end of the program.
    pub milliseconds: f64,
}

/// How one figure of each client grows.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Sweep {
    /// `None` is what a client cannot, or where it failed.
    pub lines: BTreeMap<String, Vec<(u64, Option<f64>)>>,
    pub words: Vec<String>,
}

impl Sweep {
    fn add(&mut self, line: &str, x: u64, y: Option<f64>) {
        self.lines.entry(line.to_owned()).or_default().push((x, y));
    }
}

/// All that the page needs.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Results {
    pub builds: Option<Vec<Build>>,
    pub end_to_end: Option<Vec<EndToEnd>>,
    pub fields: Option<Sweep>,
    pub field_instructions: Option<Sweep>,
    pub threads: Option<Sweep>,
    pub thread_rate: Option<Sweep>,
    pub processes: Option<Sweep>,
    pub registered: Option<BTreeMap<String, Sweep>>,
    pub spool: Option<Sweep>,
    pub worst: Option<Vec<Worst>>,
    /// When each part was measured, and the machine's load before it.
    pub when: BTreeMap<String, String>,
    /// Seconds that each part took.
    pub took: BTreeMap<String, f64>,
}

pub const PARTS: [&str; 8] = ["builds", "end-to-end", "worst", "fields", "threads", "processes", "spool", "registered"];

enum Ended {
    Burst(Result<Burst, NoRun>),
    Exit(Result<f64, NoRun>),
}

type Case<'a> = Box<dyn FnOnce() -> Ended + Send + 'a>;

/// Whether it has a part that sends while the program goes on.
fn sends_later(client: &Client) -> bool {
    client.id != "tracing" && client.kind != Kind::Floor
}

pub struct Bench {
    pub peers: PathBuf,
    pub folders: Folders,
    pub start: Instant,
    pub clients: Vec<&'static Client>,
    pub valgrind: bool,
    /// One run of each, to see whether all works.
    pub quick: bool,
}

fn pair(name: &'static str, value: impl ToString) -> (&'static str, String) {
    (name, value.to_string())
}

impl Bench {
    fn say(&self, message: &str) {
        let seconds = self.start.elapsed().as_secs();
        eprintln!("{:>3}:{:02}  {message}", seconds / 60, seconds % 60);
    }

    fn runs(&self) -> usize {
        if self.quick || self.start.elapsed() > BUDGET { 1 } else { RUNS }
    }

    /// Several runs of a client; those that failed are said and left out.
    fn several(&self, client: &Client, arguments: &[(&'static str, String)]) -> Result<Vec<Run>, NoRun> {
        let mut good = Vec::new();
        let mut failed = None;
        for _ in 0..self.runs() {
            match program::run(&self.folders, client, arguments) {
                Ok(run) => good.push(run),
                Err(NoRun::Unable) => return Err(NoRun::Unable),
                Err(error) => {
                    self.say(&format!("{}: {}", client.name, error.words()));
                    failed = Some(error);
                    break;
                }
            }
        }
        match failed {
            Some(error) if good.is_empty() => Err(error),
            _ => Ok(good),
        }
    }

    /// Builds what is needed for these parts; packages that fail are said and left out.
    pub fn prepare(&mut self, parts: &[&str]) {
        let alone = parts.iter().all(|part| matches!(*part, "spool" | "registered"));
        for package in &PACKAGES {
            if alone && package.folder != "ours" {
                continue;
            }
            if !self.clients.iter().any(|client| client.package == package.folder) {
                continue;
            }
            self.say(&format!("builds {} where it is not built", package.folder));
            if let Err(message) = builds::build(&self.peers, &self.folders.base, package.folder, &[]) {
                self.say(&format!("{} is skipped: {message}", package.folder));
                self.clients.retain(|client| client.package != package.folder);
            }
        }
    }

    pub fn run(&mut self, part: &str, results: &mut Results) {
        let start = Instant::now();
        results.when.insert(part.to_owned(), crate::machine::now_and_load());
        match part {
            "builds" => results.builds = Some(self.builds()),
            "end-to-end" => results.end_to_end = Some(self.end_to_end()),
            "worst" => results.worst = Some(self.worst()),
            "fields" => {
                let (cpu, instructions) = self.fields();
                (results.fields, results.field_instructions) = (Some(cpu), Some(instructions));
            }
            "threads" => {
                let (cpu, rate) = self.threads();
                (results.threads, results.thread_rate) = (Some(cpu), Some(rate));
            }
            "processes" => results.processes = Some(self.processes()),
            "spool" => results.spool = Some(self.spool()),
            "registered" => results.registered = Some(self.registered()),
            _ => {}
        }
        results.took.insert(part.to_owned(), start.elapsed().as_secs_f64());
    }

    fn builds(&mut self) -> Vec<Build> {
        let mut all = Vec::new();
        for package in &PACKAGES {
            if !self.clients.iter().any(|client| client.package == package.folder) {
                continue;
            }
            self.say(&format!("builds {} from nothing", package.folder));
            let build = builds::measure(&self.peers, &self.folders.base, package);
            match &build.error {
                Some(message) => {
                    self.say(&format!("{} is skipped: {message}", package.folder));
                    self.clients.retain(|client| client.package != package.folder);
                }
                None => self.say(&format!("  {:.0} s of CPU, {} crates", build.cpu_s, build.crates)),
            }
            all.push(build);
        }
        all
    }

    fn end_to_end(&self) -> Vec<EndToEnd> {
        self.clients.iter().map(|client| self.end_to_end_of(client)).collect()
    }

    fn end_to_end_of(&self, client: &Client) -> EndToEnd {
        let mut measured = EndToEnd { client: client.id.to_owned(), ..EndToEnd::default() };
        let runs = match self.several(client, &[pair("--events", EVENTS)]) {
            Ok(runs) => runs,
            Err(NoRun::Unable) => return measured,
            Err(error) => return EndToEnd { error: Some(error.words()), ..measured },
        };
        let figure = |value: fn(&Run) -> f64| Figure::of(runs.iter().map(value).collect());
        measured.cpu_us = figure(Run::cpu_per_delivered);
        measured.wall_us = figure(|run| run.said.wall_us / run.delivered().max(1.0)).median;
        measured.delivered = figure(|run| run.arrived.events as f64).median;
        measured.lost = figure(|run| run.said.recorded as f64 - run.arrived.events as f64).median.max(0.0);
        measured.bytes = figure(|run| run.arrived.bytes as f64 / run.arrived.events.max(1) as f64).median;
        measured.requests = figure(|run| run.arrived.requests as f64 * 1e3 / run.arrived.events.max(1) as f64).median;
        measured.peak_kib = figure(|run| run.said.peak_kib).median;
        measured.begin_cpu_ms = figure(|run| run.said.begin_cpu_us / 1e3).median;
        measured.begin_kib = figure(|run| run.said.begin_kib).median;
        let record = |events: u64| [pair("--mode", "record"), pair("--events", events)];
        if let Ok(runs) = self.several(client, &record(10_000)) {
            let ns = runs.iter().map(|run| run.said.record_us * 1e3 / (run.said.recorded - 1).max(1) as f64);
            measured.caller_ns = Figure::of(ns.collect());
        }
        let counted = program::run(&self.folders, client, &[pair("--events", EVENTS), pair("--allocations", 1)]);
        measured.allocations = counted.map_or(0.0, |run| run.said.allocations / run.delivered().max(1.0));
        if self.valgrind {
            let counts = |function: Option<&str>, arguments: &[(&'static str, String)]| {
                let counted = program::instructions(&self.folders, client, function, arguments);
                if let Err(error) = &counted {
                    self.say(&format!("{}, callgrind: {}", client.name, error.words()));
                }
                counted.ok()
            };
            let caller = counts(Some("peers_measured"), &record(1_000));
            measured.caller_instructions = caller.map(|count| count / 1_000.0);
            let long = counts(None, &[pair("--events", COUNTED), pair("--flush-every", 2)]);
            let short = counts(None, &[pair("--events", 0), pair("--flush-every", 2)]);
            measured.instructions = long.zip(short).map(|(long, short)| (long - short) / COUNTED as f64);
        }
        self.say(&format!(
            "end to end, {}: {:.2} µs, {} instructions, {:.1} allocations, {:.0} bytes, {} lost",
            client.name,
            measured.cpu_us.median,
            measured.instructions.map_or("?".to_owned(), |count| format!("{count:.0}")),
            measured.allocations,
            measured.bytes,
            measured.lost,
        ));
        measured
    }

    fn worst(&self) -> Vec<Worst> {
        let mut all: Vec<Worst> =
            self.clients.iter().map(|client| Worst { client: client.id.to_owned(), ..Worst::default() }).collect();
        for (client, worst) in self.clients.iter().zip(&mut all) {
            worst.burst = self.note("burst", client, self.burst(client, Network::answers(), 1), &mut worst.errors);
            let times = |network: fn() -> std::io::Result<Network>| {
                let mut times = Vec::new();
                for _ in 0..self.runs() {
                    let Ok(milliseconds) = self.exit(client, network) else { break };
                    times.push(milliseconds);
                    // Who waits for a time of its own waits as long the next time.
                    if milliseconds > 2_000.0 {
                        break;
                    }
                }
                (!times.is_empty()).then(|| Figure::of(times))
            };
            worst.exit_answers = times(Network::answers);
            if sends_later(client) {
                worst.exit_refused = times(Network::refused);
            }
        }
        // Most of the others wait half a minute for the network at their end, and do nothing meanwhile: whoever is not through
        // after some seconds waits on beside the next one.
        thread::scope(|scope| {
            let mut waiting = Vec::new();
            for (place, client) in self.clients.iter().enumerate().filter(|(_, client)| sends_later(client)) {
                let runs: [(&str, Case); 3] = [
                    ("black hole", Box::new(|| Ended::Burst(self.burst(client, Network::black_hole(), 0)))),
                    ("refused", Box::new(|| Ended::Burst(self.burst(client, Network::refused(), 0)))),
                    ("end in a black hole", Box::new(|| Ended::Exit(self.exit(client, Network::black_hole)))),
                ];
                for (what, run) in runs {
                    let thread = scope.spawn(run);
                    let start = Instant::now();
                    while !thread.is_finished() && start.elapsed() < STAYS {
                        thread::sleep(Duration::from_millis(5));
                    }
                    waiting.push((place, what, thread));
                }
            }
            for (place, what, thread) in waiting {
                let (Some(client), Some(worst)) = (self.clients.get(place), all.get_mut(place)) else { continue };
                match thread.join() {
                    Ok(Ended::Burst(burst)) if what == "refused" => {
                        worst.refused = self.note(what, client, burst, &mut worst.errors);
                    }
                    Ok(Ended::Burst(burst)) => worst.black_hole = self.note(what, client, burst, &mut worst.errors),
                    Ok(Ended::Exit(Ok(milliseconds))) => {
                        self.say(&format!("{what}, {}: {milliseconds:.0} ms", client.name));
                        worst.exit_black_hole = Some(milliseconds);
                    }
                    Ok(Ended::Exit(Err(error))) => {
                        self.say(&format!("{what}, {}: {}", client.name, error.words()));
                        worst.errors.push(format!("{what}: {}", error.words()));
                    }
                    Err(_) => {}
                }
            }
        });
        all
    }

    fn note(
        &self,
        what: &str,
        client: &Client,
        result: Result<Burst, NoRun>,
        errors: &mut Vec<String>,
    ) -> Option<Burst> {
        match result {
            Ok(burst) => {
                self.say(&format!(
                    "{what}, {}: {:.0} delivered, {:.0} kept, {:.0} lost, {:.0} ms",
                    client.name, burst.delivered, burst.kept, burst.lost, burst.milliseconds
                ));
                Some(burst)
            }
            Err(error) => {
                self.say(&format!("{what}, {}: {}", client.name, error.words()));
                errors.push(format!("{what}: {}", error.words()));
                None
            }
        }
    }

    /// Milliseconds from start to end of a program that records one event and ends as its client's documentation says.
    fn exit(&self, client: &Client, network: fn() -> std::io::Result<Network>) -> Result<f64, NoRun> {
        let (network, state) = (network()?, self.folders.state()?);
        let one = [pair("--mode", "burst"), pair("--events", 0), pair("--flush-every", 0)];
        program::run_in(&self.folders, client, &network, state.path(), &[], &one).map(|run| run.milliseconds)
    }

    /// 200,000 events in a row; what became of them.
    fn burst(&self, client: &Client, network: std::io::Result<Network>, flush: u64) -> Result<Burst, NoRun> {
        let (network, state) = (network?, self.folders.state()?);
        let arguments = [pair("--mode", "burst"), pair("--events", BURST), pair("--flush-every", flush)];
        let run = program::run_in(&self.folders, client, &network, state.path(), &[], &arguments)?;
        let delivered = run.arrived.events as f64;
        let mut kept = 0.0;
        if client.keeps {
            // A server that is back, and a pause that is over.
            for breaker in program::find(state.path(), "breaker.json") {
                fs::remove_file(breaker)?;
            }
            // glean looks for what an earlier run has left some time after its start.
            let drain = [pair("--events", 1), pair("--pause", 2_000), pair("--flush-every", 1)];
            let drained = program::run_in(&self.folders, client, &Network::answers()?, state.path(), &[], &drain)?;
            kept = drained.arrived.events.saturating_sub(2) as f64;
        }
        Ok(Burst {
            delivered,
            kept,
            lost: (run.said.recorded as f64 - delivered - kept).max(0.0),
            record_ns: run.said.record_us * 1e3 / BURST as f64,
            cpu_us: run.said.total_cpu_us / BURST as f64,
            peak_kib: run.said.peak_kib,
            milliseconds: run.milliseconds,
        })
    }

    /// A line for each client: the median of what several runs say.
    fn sweep(
        &self,
        sweep: &mut Sweep,
        what: &str,
        client: &Client,
        x: u64,
        arguments: &[(&'static str, String)],
        value: fn(&Run) -> f64,
    ) -> Vec<Run> {
        let runs = match self.several(client, arguments) {
            Ok(runs) => runs,
            Err(_) => {
                sweep.add(client.id, x, None);
                return Vec::new();
            }
        };
        let figure = Figure::of(runs.iter().map(value).collect());
        self.say(&format!("{x} {what}, {}: {:.2}", client.name, figure.median));
        sweep.add(client.id, x, Some(figure.median));
        runs
    }

    fn fields(&self) -> (Sweep, Sweep) {
        let (mut cpu, mut instructions) = (Sweep::default(), Sweep::default());
        for client in &self.clients {
            // These have no event of many fields, or the same cost as another line.
            if matches!(client.id, "metrics" | "strict" | "by-hand-http") {
                continue;
            }
            for width in WIDTHS {
                let arguments = [pair("--fields", width), pair("--events", FEW)];
                let runs = self.sweep(&mut cpu, "fields", client, width, &arguments, Run::cpu_per_delivered);
                if !self.valgrind || !matches!(width, 1 | 16 | 64) {
                    continue;
                }
                if runs.is_empty() {
                    instructions.add(client.id, width, None);
                    continue;
                }
                let arguments = [
                    pair("--fields", width),
                    pair("--mode", "record"),
                    pair("--events", 1_000),
                    pair("--flush-every", 0),
                ];
                let counted = program::instructions(&self.folders, client, Some("peers_measured"), &arguments);
                instructions.add(client.id, width, counted.ok().map(|count| count / 1_000.0));
            }
        }
        (cpu, instructions)
    }

    fn threads(&self) -> (Sweep, Sweep) {
        let (mut cpu, mut rate) = (Sweep::default(), Sweep::default());
        for client in &self.clients {
            if matches!(client.id, "strict" | "by-hand-http") {
                continue;
            }
            for threads in THREADS {
                let arguments = [pair("--threads", threads), pair("--events", FEW)];
                let runs = self.sweep(&mut cpu, "threads", client, threads, &arguments, Run::cpu_per_delivered);
                let rates = runs.iter().map(|run| FEW as f64 / run.said.record_us.max(0.001)).collect();
                rate.add(client.id, threads, (!runs.is_empty()).then(|| Figure::of(rates).median));
            }
        }
        (cpu, rate)
    }

    /// So many processes at once, each of which records a hundred events and ends.
    fn processes(&self) -> Sweep {
        let mut sweep = Sweep::default();
        for client in &self.clients {
            if matches!(client.id, "strict" | "by-hand-http" | "metrics" | "tracing") {
                continue;
            }
            for processes in PROCESSES {
                let rounds = if processes > 10 { self.runs().min(3) } else { self.runs() };
                let costs: Vec<f64> = (0..rounds).filter_map(|_| self.at_once(client, processes).ok()).collect();
                let figure = (!costs.is_empty()).then(|| Figure::of(costs).median);
                self.say(&format!("{processes} processes, {}: {:.1}", client.name, figure.unwrap_or(f64::NAN)));
                sweep.add(client.id, processes, figure);
            }
        }
        sweep
    }

    /// CPU time of all processes for each event that arrived.
    fn at_once(&self, client: &Client, processes: u64) -> Result<f64, NoRun> {
        let (network, state) = (Network::answers()?, self.folders.state()?);
        let program = self.folders.program(client.package);
        let arguments = [pair("--events", 99), pair("--pause", 0), pair("--flush-every", 1)];
        // The files of each harness are its own; what the client keeps is shared, as programs of one user share it.
        let started: Result<Vec<_>, _> = (0..processes)
            .map(|_| program::start(&program, client.variant, &network, state.path(), &[], &arguments))
            .collect();
        let mut cpu = 0.0;
        for started in started? {
            cpu += started.wait(program::LIMIT)?.0.total_cpu_us;
        }
        Ok(cpu / network.arrived()?.events.max(1) as f64)
    }

    /// What writing an event costs where the spool is full of events that could not be sent.
    fn spool(&self) -> Sweep {
        let mut sweep = Sweep::default();
        for client in self.clients.iter().filter(|client| client.kind == Kind::Ours) {
            let Ok(per_event) = self.bytes_on_disk(client) else { continue };
            for filled in FILLED {
                let costs: Vec<f64> =
                    (0..self.runs()).filter_map(|_| self.filled(client, filled, per_event).ok()).collect();
                let figure = (!costs.is_empty()).then(|| Figure::of(costs).median);
                self.say(&format!("{filled} % of the spool, {}: {:.2}", client.name, figure.unwrap_or(f64::NAN)));
                sweep.add(client.id, filled, figure);
            }
            sweep.words.push(format!("{}: {per_event:.0} bytes on disk for each event", client.name));
        }
        sweep
    }

    fn fill(&self, client: &Client, state: &Path, events: u64) -> Result<Run, NoRun> {
        let arguments = [pair("--events", events), pair("--flush-every", 0), pair("--pause", 60)];
        program::run_in(&self.folders, client, &Network::refused()?, state, &[], &arguments)
    }

    fn bytes_on_disk(&self, client: &Client) -> Result<f64, NoRun> {
        let state = self.folders.state()?;
        self.fill(client, state.path(), 4_000)?;
        let spools = program::find(state.path(), "spool");
        Ok(spools.iter().map(|spool| program::size_of(spool)).sum::<u64>() as f64 / 4_000.0)
    }

    fn filled(&self, client: &Client, filled: u64, per_event: f64) -> Result<f64, NoRun> {
        let state = self.folders.state()?;
        let events = (SPOOL as f64 * filled as f64 / 100.0 / per_event.max(1.0)) as u64;
        if events > 0 {
            // A little more where it is to be full: then every further event has to push out an old one.
            self.fill(client, state.path(), if filled == 100 { events + events / 10 } else { events })?;
        }
        let run = self.fill(client, state.path(), FEW)?;
        Ok(run.said.cpu_us / FEW as f64)
    }

    /// What the number of declared events costs.
    fn registered(&self) -> BTreeMap<String, Sweep> {
        let mut all: BTreeMap<String, Sweep> = BTreeMap::new();
        let Some(client) = client("extended") else { return all };
        let registered = Client { package: "registered", variant: "", ..*client };
        for events in REGISTERED {
            let variables = [("PEERS_EVENTS", events.to_string())];
            // Dependencies first, so that the figure is that of the program's own crate.
            if events == REGISTERED[0] {
                self.say("builds registered where it is not built");
                let _ =
                    builds::build(&self.peers, &self.folders.base, "registered", &[("PEERS_EVENTS", "2".to_owned())]);
            }
            let mut add = |line: &str, value: Option<f64>| {
                all.entry(line.to_owned()).or_default().add("extended", events, value);
            };
            let (cpu, _) = match builds::build(&self.peers, &self.folders.base, "registered", &variables) {
                Ok(built) => built,
                Err(message) => {
                    self.say(&format!("{events} declared events: {message}"));
                    continue;
                }
            };
            add("build_cpu_s", Some(cpu));
            let size = builds::stripped(&self.folders.program("registered"));
            add("program_kib", size.ok().map(|bytes| bytes as f64 / 1024.0));
            let Ok(runs) = self.several(&registered, &[pair("--events", 0), pair("--flush-every", 1)]) else {
                continue;
            };
            let median = |value: fn(&Run) -> f64| Figure::of(runs.iter().map(value).collect()).median;
            add("first_event_ms", Some(median(|run| run.said.begin_cpu_us / 1e3)));
            add("memory_kib", Some(median(|run| run.said.begin_kib)));
            self.say(&format!(
                "{events} declared events: first event {:.1} ms, {:.0} KiB, built in {cpu:.1} s of CPU",
                median(|run| run.said.begin_cpu_us / 1e3),
                median(|run| run.said.begin_kib),
            ));
        }
        all
    }
}

/// The clients of the tables, all of them.
pub fn all_clients() -> Vec<&'static Client> {
    CLIENTS.iter().collect()
}
