//! The page of figures, in Markdown.

use std::{
    fmt::Write as _,
    fs,
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

use crate::process;

/// One server under one load.
pub(crate) struct Rate {
    pub(crate) server: String,
    pub(crate) events: f64,
    pub(crate) requests: f64,
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    pub(crate) cpu_us: f64,
    pub(crate) memory: f64,
}

/// What was to be reached, and what was.
struct Goal {
    what: &'static str,
    wanted: String,
    found: String,
    is_reached: bool,
}

/// From which share of the processors on, taken by others, times are not those of an idle machine.
const BUSY_SHARE: f64 = 0.1;

/// What the page says where others used the machine.
const BUSY: &str = "> **Measured on a busy machine**. What waits for the disk, as the floor does, loses less by that than what\n\
                    computes, as the collector does; so its times are too long and its share of the floor is too small. Memory and the processor's time hold.\n\n";

/// The sections that were measured, in their order.
pub(crate) struct Page {
    others: Others,
    goals: Vec<Goal>,
    sections: String,
}

impl Page {
    pub(crate) fn new() -> Self {
        Self { others: Others::now(), goals: Vec::new(), sections: String::new() }
    }

    pub(crate) fn text(&self) -> String {
        let Self { others, goals, sections } = self;
        let others = others.share();
        let mut text = format!(
            "# Performance of the collector\n\n\
             Written by `scripts/collector-bench`, which runs `cargo bench -p telemetry-collector`; nothing here is written by hand. Each server is a process of\n\
             its own, built for release, asked over loopback by clients that take their share of the same machine.\n\n\
             Machine: {}; others took {:.0} % of its processors while this ran. Collector {}, SQLite {}.\n\n\
             | figure | to reach | reached | |\n| --- | --- | --- | --- |\n",
            machine(),
            others * 100.0,
            env!("CARGO_PKG_VERSION"),
            rusqlite::version(),
        );
        if others > BUSY_SHARE {
            let at = text.find("| figure |").unwrap_or(text.len());
            text.insert_str(at, BUSY);
        }
        for Goal { what, wanted, found, is_reached } in goals {
            let _ = writeln!(text, "| {what} | {wanted} | {found} | {} |", if *is_reached { "yes" } else { "**no**" });
        }
        text.push_str(sections);
        text
    }

    fn goal(&mut self, what: &'static str, wanted: &str, found: String, is_reached: bool) {
        self.goals.push(Goal { what, wanted: wanted.to_owned(), found, is_reached });
    }

    fn rates(&mut self, rates: &[Rate]) {
        self.sections.push_str(
            "| server | events/s | requests/s | half answered in | 99 of 100 in | processor per event | most memory |\n\
             | --- | --- | --- | --- | --- | --- | --- |\n",
        );
        for Rate { server, events, requests, p50, p99, cpu_us, memory } in rates {
            let _ = writeln!(
                self.sections,
                "| {server} | {} | {} | {p50:.1} ms | {p99:.1} ms | {cpu_us:.1} µs | {memory:.0} MiB |",
                whole(*events),
                whole(*requests)
            );
        }
    }

    pub(crate) fn ingest(&mut self, clients: usize, events: usize, rates: &[Rate; 3]) {
        let [_, floor, collector] = rates;
        let share = collector.events / floor.events;
        self.goal(
            "events a second in batches of 100",
            "half of the append floor",
            format!("{} ({share:.2} of it)", whole(collector.events)),
            share >= 0.5,
        );
        let p99 = collector.p99;
        self.goal("99 of 100 answers, 64 clients", "250 ms", format!("{p99:.0} ms"), p99 <= 250.0);
        let memory = collector.memory;
        self.goal("memory under this load", "128 MiB", format!("{memory:.0} MiB"), memory <= 128.0);
        let _ = write!(
            self.sections,
            "\n## Batches of 100 events\n\n{clients} clients, each with a connection of its own, send one batch after the other; an answer follows the commit. {} events in\n\
             five runs, each with ids of its own; the servers take turns, with the same bytes. The median of the runs.\n\n",
            whole(events as f64)
        );
        self.rates(rates);
    }

    pub(crate) fn single(&mut self, clients: usize, rates: &[Rate; 3]) {
        let requests = rates[2].requests;
        self.goal("requests a second of one event each", "2,000", whole(requests), requests >= 2000.0);
        let _ = write!(
            self.sections,
            "\n## Requests of one event\n\nThe same, with {clients} clients and one event in each request.\n\n"
        );
        self.rates(rates);
    }

    pub(crate) fn otlp(&mut self, rates: &[Rate], rotel: Option<&Path>) {
        self.sections.push_str(
            "\n## Logs of OpenTelemetry\n\nThe same events as OTLP/HTTP logs in protobuf, 100 in a request.\n\n",
        );
        self.rates(rates);
        self.sections.push_str(&match rotel {
            Some(program) => format!(
                "\nrotel is {}, from its Python wheel, with the exporter `blackhole`: it answers when the logs are in its memory, and keeps none. It reads no record, looks\n\
                 for no repeat and promises no disk, so its figures say what receiving OTLP costs, and not what keeping costs.\n",
                said(program, &["version"])
            ),
            None => "\nrotel was not at hand for this run: `scripts/collector-bench` gets it, or says why it cannot.\n".to_owned(),
        });
    }

    pub(crate) fn refused(&mut self, rows: &[(&str, usize, f64, f64, f64)], memory: f64) {
        let worst = rows.iter().map(|row| row.2).fold(0.0, f64::max);
        self.goal("a body that is refused", "1 ms", format!("{worst:.2} ms at most"), worst <= 1.0);
        self.sections.push_str(
            "\n## Bodies that are refused\n\nOne client, one request after the other: from the first byte that is sent to the answer.\n\n\
             | what | bytes of the request | half answered in | 99 of 100 in | processor |\n| --- | --- | --- | --- | --- |\n",
        );
        for (what, bytes, p50, p99, cpu) in rows {
            let bytes = whole(*bytes as f64);
            let _ = writeln!(self.sections, "| {what} | {bytes} | {p50:.2} ms | {p99:.2} ms | {cpu:.2} ms |");
        }
        let _ = writeln!(self.sections, "\nThe most memory in all of it: {memory:.0} MiB.");
    }

    pub(crate) fn rows(
        &mut self,
        counted: &[(&str, u64)],
        bytes: u64,
        written: Option<(f64, u64)>,
        restart: f64,
        answers: &[(String, f64, usize)],
        memory: f64,
    ) {
        let (page, plots) = answers.split_last().expect("questions were asked");
        let worst = plots.iter().map(|(_, time, _)| *time).fold(0.0, f64::max);
        self.goal("a plot, 10 million rows", "200 ms", format!("{worst:.0} ms at most"), worst <= 200.0);
        self.goal("restart, 10 million rows", "2 s", format!("{restart:.2} s"), restart <= 2.0);
        self.goal("memory after all plots", "128 MiB", format!("{memory:.0} MiB"), memory <= 128.0);
        let tables: Vec<String> =
            counted.iter().map(|(table, n)| format!("{} in `{table}`", whole(*n as f64))).collect();
        let _ = write!(
            self.sections,
            "\n## Ten million rows\n\nNinety days of one SDK with 30 components, 15 methods and three versions in use at a time; a number of 32 bits in each event makes nearly every\n\
             event a row of its own. Rows: {}; {} MiB on disk.\n",
            tables.join(", "),
            whole(bytes as f64 / 1024.0 / 1024.0)
        );
        if let Some((seconds, events)) = written {
            let _ = writeln!(
                self.sections,
                "The store itself wrote them, 5,000 events in a commit, in {seconds:.0} s: {} events a second without HTTP, with one thread.",
                whole(events as f64 / seconds)
            );
        }
        self.sections.push_str("\n| question, half a year | time | bytes |\n| --- | --- | --- |\n");
        for (name, time, bytes) in plots.iter().chain([page]) {
            let _ = writeln!(self.sections, "| {name} | {time:.0} ms | {} |", whole(*bytes as f64));
        }
        let _ = writeln!(
            self.sections,
            "\nFrom the start of the process to its first line: {restart:.2} s. The most memory: {memory:.0} MiB."
        );
    }
}

/// 1234567 as 1,234,567.
fn whole(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// What the processors did until some moment: for everybody, and for this program and its servers.
struct Others {
    begin: Instant,
    all: f64,
    ours: f64,
}

impl Others {
    fn now() -> Self {
        let stat = fs::read_to_string("/proc/stat").unwrap_or_default();
        // Of all processors: user, nice, system, idle, waiting for a disk, interrupts of two kinds, taken by the host.
        let times = stat.lines().next().unwrap_or_default().split_whitespace().skip(1).take(8);
        let of_all = times.enumerate().filter(|(place, _)| !matches!(place, 3 | 4)).map(|(_, ticks)| ticks);
        let own = fs::read_to_string("/proc/self/stat").unwrap_or_default();
        // Its own, and those of children that have ended.
        let of_own = own.rsplit(") ").next().unwrap_or_default().split(' ').skip(11).take(4);
        Self { begin: Instant::now(), all: process::seconds(of_all), ours: process::seconds(of_own) }
    }

    /// The share of all processors that others have taken since then.
    fn share(&self) -> f64 {
        let now = Self::now();
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let seconds = self.begin.elapsed().as_secs_f64() * cores as f64;
        ((now.all - self.all - (now.ours - self.ours)) / seconds).max(0.0)
    }
}

/// Processor, cores and compiler.
fn machine() -> String {
    let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = processors.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let name = model.map_or("a processor without a name", |(_, name)| name.trim());
    format!("{name}, {cores} cores, {}", said(Path::new("rustc"), &["--version"]))
}

fn said(program: &Path, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).stderr(Stdio::null()).output();
    output.map_or("unknown".to_owned(), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
