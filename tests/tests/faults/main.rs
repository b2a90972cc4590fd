//! Faults of the system, made by its own tools: system calls that fail or kill, full disks, clocks that jump, slow
//! resolvers. Real programs, a real server; each test ends with the check of the ledger in `check`. `docs/faults.md` says
//! what each shows, `scripts/fault-tests` runs them in full and fails where a tool is missing.
#![cfg(target_os = "linux")]

mod check;
mod clocks;
mod days;
mod disks;
mod errors;
mod kills;
mod stalls;
mod tools;
mod trace;
mod versions;

use std::process::Command;

use telemetry_tests::{Sandbox, sibling};

/// The program of these tests, told what to do, step by step.
fn steps(sandbox: &Sandbox, run: u64, steps: &[&str]) -> Command {
    let mut command = sandbox.command(sibling("spooler"));
    command.arg("steps").arg(run.to_string()).args(steps);
    command
}

/// As if nobody listened.
const NOBODY: (&str, &str) = ("PROBE_PORT", "1");
