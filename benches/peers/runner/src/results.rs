//! What was measured, as it is kept as JSON and as the page reads it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::builds::Build;

/// The median of several runs, and between which figures they lie.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Figure {
    pub median: f64,
    pub least: f64,
    pub most: f64,
    pub runs: usize,
}

impl Figure {
    pub fn of(mut values: Vec<f64>) -> Self {
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
    pub fn add(&mut self, line: &str, x: u64, y: Option<f64>) {
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
