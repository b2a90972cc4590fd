//! Weeks of ordinary life of three programs of one user: a command-line program that is run all day, a process with an event
//! every five minutes, a host that is rebuilt twice a day with one of two versions of a library beside it. Their server
//! sleeps at night. At the end every event was delivered once, and every notice was shown once for each set. And of two processes
//! that live beside each other, which are one installation.
//!
//! `cargo test` lives through four days, `scripts/ordinary-life` through sixty, in the released configuration.
#![cfg(unix)]

mod cli;
mod daemon;
mod home;
mod idle;
mod page;
mod pair;

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;
use telemetry_runtime::testing::LoopbackServer;
use telemetry_tests::{
    Sandbox,
    ledger::{self, Ledger},
    sibling,
    terminal::Terminal,
};

/// 2051-10-02: nothing of today's date can help.
const BEGIN: u64 = 2_580_163_200;
const HOUR: u64 = 60 * 60;
const DAY: u64 = 24 * HOUR;

/// How many days a test lives through.
fn days() -> u64 {
    match std::env::var("TELEMETRY_TESTS_DAYS") {
        Ok(days) => days.parse().expect("TELEMETRY_TESTS_DAYS is a number of days"),
        Err(_) => 4,
    }
}

/// Says how far the long form is; the short one needs no progress.
fn progress(program: &str, day: u64) {
    if days() > 7 && day.is_multiple_of(5) {
        println!("{program}: day {day} of {}", days());
    }
}

/// One program of one user, with a server of its own.
struct Life {
    sandbox: Sandbox,
    program: PathBuf,
    notices: u64,
}

impl Life {
    /// A user who has installed this program.
    fn new(program: &str) -> Self {
        let sandbox = Sandbox::new();
        let installed = sandbox.home().join("bin").join(program);
        std::fs::create_dir_all(installed.parent().expect("it has a folder")).expect("the home can be written");
        telemetry_tests::install_program(&sibling(program), &installed);
        Self { sandbox, program: installed, notices: 0 }
    }

    fn server(&self) -> &LoopbackServer {
        &self.sandbox.server
    }

    /// At night nobody answers.
    fn is_awake(&self, now: u64) -> bool {
        now % DAY >= 6 * HOUR
    }

    fn night_or_day(&self, now: u64) {
        if self.is_awake(now) {
            self.server().listen().expect("its port is free");
        } else {
            self.server().refuse();
        }
    }

    fn command(&self, now: u64, arguments: &[&str]) -> Command {
        let mut command = self.sandbox.command(&self.program);
        command.args(arguments).env("LIFE_NOW", now.to_string()).env("LIFE_PORT", self.server().port().to_string());
        command
    }

    /// A run that nobody watches; it says nothing but its result.
    #[track_caller]
    fn run(&self, now: u64, arguments: &[&str]) -> String {
        let mut command = self.command(now, arguments);
        let output = telemetry_tests::run(&mut command);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && errors.is_empty(), "{command:?}: {} {errors}", output.status);
        String::from_utf8(output.stdout).expect("programs print UTF-8")
    }

    /// A run on a terminal that a person watches; answers whether it showed a notice.
    #[track_caller]
    fn run_watched(&mut self, now: u64, arguments: &[&str]) -> bool {
        let (output, shown) = watched(&mut self.command(now, arguments));
        assert!(output.status.success(), "{arguments:?}: {} {shown}", output.status);
        let notice = shown.contains("https://life.example/telemetry");
        assert_eq!(notice, !shown.is_empty(), "a notice, or nothing: {shown}");
        self.notices += u64::from(notice);
        notice
    }

    /// All that waits is delivered: the server is awake, and no pause is longer than 30 hours.
    fn deliver_rest(&self, now: u64) {
        self.server().listen().expect("its port is free");
        self.run(now + 2 * DAY, &["deliver"]);
    }

    /// What was recorded and what arrived is the same, each event once.
    #[track_caller]
    fn check(&self, now: u64, recorded: u64) {
        let status: Value = serde_json::from_str(&self.run(now + 2 * DAY, &["status"])).expect("the status is JSON");
        check(&status["total"]["counts"], self.server(), recorded);
    }
}

#[track_caller]
fn check(total: &Value, server: &LoopbackServer, recorded: u64) {
    let total = Ledger::of(total);
    let delivered = ledger::delivered(&server.requests());
    let events = delivered.values().filter(|event| !event["payload"]["number"].is_null()).count() as u64;
    assert_eq!((events, total.lost(), total.of_word("waiting")), (recorded, 0, 0), "{total:?}");
    ledger::check(&total, &delivered, recorded);
}

fn watched(command: &mut Command) -> (Output, String) {
    Terminal::open().run(command)
}

/// The numbers of the events that arrived, in order.
fn arrived(server: &LoopbackServer) -> Vec<u64> {
    let delivered = ledger::delivered(&server.requests());
    let mut numbers: Vec<_> = delivered.values().filter_map(|event| event["payload"]["number"].as_u64()).collect();
    numbers.sort_unstable();
    numbers
}

/// Replaces an installed program, as installers do: by a rename.
fn install(from: &Path, to: &Path) {
    let new = to.with_extension("new");
    telemetry_tests::install_program(from, &new);
    std::fs::rename(new, to).expect("the folder can be written");
}
