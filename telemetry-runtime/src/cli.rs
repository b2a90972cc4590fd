//! The user's own commands, for products that use clap: `acme telemetry status | on | local | off | preview | log | erase | notice`.
//!
//! One variant in the product's enum, and one arm where it runs its commands:
//!
//! ```no_run
//! # use telemetry_runtime::{Sdk, sdk};
//! # pub static TELEMETRY: Sdk = sdk! {
//! #     name: "acme", role: Application, default: On, exit: Later, env: "ACME",
//! #     endpoint: "https://telemetry.acme.example", wire: EventBatch { strict: false },
//! #     docs: "https://acme.example/telemetry", operator: "Acme Inc.", contact: "privacy@acme.example",
//! #     region: "EU", retention: "90 days", shared_with: "nobody",
//! # };
//! use std::process::ExitCode;
//!
//! use clap::Parser;
//!
//! #[derive(Parser)]
//! enum Acme {
//!     /// Builds the project
//!     Build,
//!     /// What is collected, and your say in it
//!     Telemetry(telemetry_runtime::cli::Telemetry),
//! }
//!
//! fn main() -> ExitCode {
//!     match Acme::parse() {
//!         Acme::Build => ExitCode::SUCCESS,
//!         Acme::Telemetry(command) => command.run(&TELEMETRY),
//!     }
//! }
//! ```
//!
//! `command: "acme telemetry"` in `sdk!` makes the notice, `status` and `README.txt` name the commands; [`check_command`] holds
//! these words in a test.
//!
//! Each command says on standard output what it did and what holds now. It ends with 0, or with 1 and a line on standard error
//! where it could not do it. In a build without telemetry each says "compiled out" and ends with 0.

#[cfg(not(compiled_out))]
mod act;
mod reach;
#[cfg(not(compiled_out))]
mod tracked;

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use clap::{Args, Subcommand, ValueEnum};

pub use reach::check_command;

use crate::Sdk;

/// What users may ask of an SDK: the arguments of one subcommand of the product.
#[derive(Debug, Clone, Args)]
#[command(about = "What is collected, and your say in it", arg_required_else_help = false)]
pub struct Telemetry {
    #[command(subcommand)]
    ask: Option<Ask>,
}

/// Without one it is `status`.
#[derive(Debug, Clone, Subcommand)]
enum Ask {
    /// Shows whether anything is collected, and what decides it
    Status {
        /// As JSON, with everything in it
        #[arg(long)]
        json: bool,
    },
    /// Shows what is collected, where it goes and how to stop it
    Notice,
    /// Collects nothing and deletes what waits to be sent
    Off,
    /// Collects on this machine and sends nothing
    Local,
    /// Collects and sends, once the notice was shown
    On {
        /// How much, where there is a choice: without it what you chose before, or all of it
        #[arg(long, value_enum)]
        level: Option<Most>,
    },
    /// Shows what would be sent next, byte for byte, and sends nothing
    Preview,
    /// Shows what was sent lately and what became of it
    Log {
        /// As it stands in the file: a line of JSON for each request
        #[arg(long)]
        json: bool,
    },
    /// Removes everything of it from this machine
    Erase {
        /// Also a decision for off, which is kept otherwise
        #[arg(long)]
        forget: bool,
        /// First has the vendor delete what came with the ids of this machine, where it sends any
        #[arg(long)]
        at_vendor: bool,
        /// Does not ask whether you mean it
        #[arg(long, requires = "at_vendor")]
        yes: bool,
        /// Where the vendor cannot be asked now: removes everything else, and keeps the ids for 30 days to ask with this command again
        #[arg(long, requires = "at_vendor")]
        retry: bool,
    },
}

/// A level, as the command line has it.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Most {
    /// The least that the vendor asks for
    Basic,
    /// All of it
    Usage,
}

impl Most {
    #[cfg(not(compiled_out))]
    fn level(self) -> crate::Level {
        match self {
            Self::Basic => crate::Level::Basic,
            Self::Usage => crate::Level::Usage,
        }
    }
}

impl Telemetry {
    /// Does what the user asks, and says it on standard output.
    pub fn run(&self, sdk: &Sdk) -> ExitCode {
        let (mut out, mut errors) = (io::stdout().lock(), io::stderr().lock());
        let done = self.run_to(sdk, &mut out).and_then(|done| out.flush().map(|()| done));
        match done {
            Ok(Ok(())) => ExitCode::SUCCESS,
            Ok(Err(reason)) => {
                let _ = writeln!(errors, "error: {reason}");
                ExitCode::FAILURE
            }
            // Whoever read it has read enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
            Err(error) => {
                let _ = writeln!(errors, "error: the answer cannot be written: {error}");
                ExitCode::FAILURE
            }
        }
    }

    #[cfg(compiled_out)]
    fn run_to(&self, _: &Sdk, out: &mut dyn io::Write) -> io::Result<Result<(), String>> {
        writeln!(out, "Telemetry is compiled out: this program collects nothing.")?;
        Ok(Ok(()))
    }

    #[cfg(not(compiled_out))]
    fn run_to(&self, sdk: &Sdk, out: &mut dyn io::Write) -> io::Result<Result<(), String>> {
        match self.ask.clone().unwrap_or(Ask::Status { json: false }) {
            Ask::Status { json } => act::status(sdk, json, out),
            Ask::Notice => act::notice(sdk, out),
            Ask::Off => act::decide(sdk, crate::Consent::Off, None, out),
            Ask::Local => act::decide(sdk, crate::Consent::Local, None, out),
            Ask::On { level } => act::decide(sdk, crate::Consent::On, level.map(Most::level), out),
            Ask::Preview => act::preview(sdk, out),
            Ask::Log { json } => act::log(sdk, json, out),
            Ask::Erase { forget, at_vendor: true, yes, retry } => act::erase_at_vendor(sdk, (forget, yes, retry), out),
            Ask::Erase { forget, .. } => act::erase(sdk, forget, out),
        }
    }
}
