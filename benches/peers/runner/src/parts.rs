//! What is measured, part by part. Each part's result is kept as JSON, so that the page can be written from parts of several runs.

mod end_to_end;
mod growth;
mod worst;

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use crate::{
    builds::{self, Build},
    clients::{CLIENTS, Client, PACKAGES},
    program::{self, Folders, NoRun, Run},
    results::Results,
};

/// Runs of which the median is taken.
const RUNS: usize = 5;
/// When this much of the time is used, what is left is measured once.
const BUDGET: Duration = Duration::from_secs(20 * 60);

pub const PARTS: [&str; 8] = ["builds", "end-to-end", "worst", "fields", "threads", "processes", "spool", "registered"];

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
}

/// The clients of the tables, all of them.
pub fn all_clients() -> Vec<&'static Client> {
    CLIENTS.iter().collect()
}
