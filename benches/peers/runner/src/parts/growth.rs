//! How cost grows: with fields, threads, processes, events that wait and events that are declared.

use std::{collections::BTreeMap, path::Path};

use crate::{
    builds,
    clients::{Client, Kind, client},
    parts::{Bench, pair},
    program::{self, Network, NoRun, Run},
    results::{Figure, Sweep},
};

/// Events of a run of which there are many.
const FEW: u64 = 5_000;
/// What the spool of one SDK and program holds, from `telemetry-spool/src/limits.rs`.
const SPOOL: u64 = 3 * 1024 * 1024;

const WIDTHS: [u64; 5] = [1, 4, 16, 32, 64];
const THREADS: [u64; 4] = [1, 2, 4, 16];
const PROCESSES: [u64; 5] = [1, 2, 10, 25, 50];
const REGISTERED: [u64; 5] = [1, 10, 100, 1_000, 10_000];
const FILLED: [u64; 5] = [0, 25, 50, 75, 100];

impl Bench {
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

    pub(super) fn fields(&self) -> (Sweep, Sweep) {
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

    pub(super) fn threads(&self) -> (Sweep, Sweep) {
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
    pub(super) fn processes(&self) -> Sweep {
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
    pub(super) fn spool(&self) -> Sweep {
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
    pub(super) fn registered(&self) -> BTreeMap<String, Sweep> {
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
