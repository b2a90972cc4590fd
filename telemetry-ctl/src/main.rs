//! `telemetry-ctl`: the user's say over every SDK of this machine. See the README.

mod ask;
mod show;

use std::{
    io::{self, Write},
    process::ExitCode,
};

use clap::Parser;

use crate::ask::{Ask, run};

/// Shows, turns off and erases the usage telemetry of every SDK of this user
#[derive(Parser)]
#[command(version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    ask: Ask,
}

fn main() -> ExitCode {
    let mut out = io::stdout().lock();
    let done = run(&Arguments::parse().ask, &mut out).and_then(|done| out.flush().map(|()| done));
    match done {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(reason)) => {
            let _ = writeln!(io::stderr(), "error: {reason}");
            ExitCode::FAILURE
        }
        // Whoever read it has read enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: the answer cannot be written: {error}");
            ExitCode::FAILURE
        }
    }
}
