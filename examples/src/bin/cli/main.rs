//! A command-line program that reports each command that succeeded, modelled on the Refine CLI.
//!
//! ```sh
//! cargo run --bin cli
//! ```
//!
//! It sends the report of @refinedev/cli@2.16.52 in the same wire format: `Report`, one `POST` per command with the
//! payload as the body. `docs/compatibility.md` lists the differences.
//!
//! One variant of its command line gives its users `acme telemetry status | off | local | on | preview | log | erase | notice`, and
//! `command` in `sdk!` names them in the notice.
//!
//! A command-line program ends before any request could. So events of `kind = Command` are on disk before `record!`
//! returns, and `main` waits for nothing. With `exit: Detached` and the first line of `main`, one run a day leaves a process
//! behind that sends what lies there.

mod command;
mod present;
mod report;

use std::{env, process::ExitCode, time::Duration};

use clap::Parser as _;
use telemetry_examples::Example;
use telemetry_runtime::{Options, Sdk, record, sdk};

use crate::{
    command::{Acme, Command},
    report::CommandSucceeded,
};

/// Which commands of the Acme CLI are used.
pub static TELEMETRY: Sdk = sdk! {
    name: "acme-cli",
    role: Application,
    exit: Detached,
    default: On,
    env: "ACME_CLI",
    env_aliases: ["ACME_NO_TELEMETRY"],
    command: "acme telemetry",
    // A real one is https; see the quickstart.
    endpoint: "http://127.0.0.1:4318",
    wire: Report,
    docs: "https://acme.example/telemetry",
    operator: "Acme Inc.",
    contact: "privacy@acme.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
};

/// The variable with which the presenter asks one run to wait until everything is sent; no real program has one.
const WAIT: &str = "ACME_DEMO_WAIT";

/// The command-line program.
fn program(options: Options) -> ExitCode {
    TELEMETRY.configure(options);

    // Help is no use of a command, and never touches telemetry: clap ends the program.
    let (command, arguments) = match Acme::parse() {
        Acme::Build(arguments) => (Command::Build, arguments),
        Acme::Start(arguments) => (Command::Start, arguments),
        Acme::Whoami(arguments) => (Command::Whoami, arguments),
        Acme::Telemetry(command) => return command.run(&TELEMETRY),
    };
    if let Err(error) = command.run(&arguments) {
        eprintln!("acme: {error}");
        return ExitCode::FAILURE; // What failed is not reported.
    }
    record!(CommandSucceeded::of(command));

    // For the demo only, and in one of its runs. All others end here, as a real program does.
    if env::var_os(WAIT).is_some() {
        match telemetry_runtime::flush(Duration::from_secs(10)) {
            Ok(flushed) => println!("flushed: {} events sent, {} waiting", flushed.sent, flushed.waiting),
            Err(error) => println!("not flushed: {error}"),
        }
    }
    ExitCode::SUCCESS
}

fn main() -> ExitCode {
    let _telemetry = telemetry_runtime::exit_guard();
    Example {
        variables: &["ACME_CLI_TELEMETRY_DISABLED", "ACME_CLI_TELEMETRY_DEBUG", "ACME_NO_TELEMETRY"],
        program,
        present: present::present,
    }
    .main()
}
