//! From `record!` to the answer of the server.

use crate::{
    clients::Client,
    parts::{Bench, pair},
    program::{self, NoRun, Run},
    results::{EndToEnd, Figure},
};

/// Events of a run that is timed.
const EVENTS: u64 = 20_000;
/// Events of a run under callgrind.
const COUNTED: u64 = 2_000;

impl Bench {
    pub(super) fn end_to_end(&self) -> Vec<EndToEnd> {
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
}
