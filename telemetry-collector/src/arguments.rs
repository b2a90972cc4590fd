//! What several commands have in common: where the data lie, days, how results and failures are told.

use std::{
    io::{ErrorKind, Write as _},
    path::PathBuf,
};

use clap::Args;

use crate::{clock::Day, config::Config, exit_code::ExitCode, failure::Failure, store::StoreError};

/// Where the configuration and the data lie. Arguments win over the file.
#[derive(Debug, Clone, Args)]
pub(crate) struct DataArguments {
    /// The configuration; every setting has a default.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The folder of the store and of the list of SDKs [default: telemetry-data].
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

impl DataArguments {
    /// The configuration with these arguments.
    pub(crate) fn config(&self) -> Result<Config, Failure> {
        let mut config = self.config.as_deref().map_or_else(|| Ok(Config::default()), Config::read)?;
        if let Some(data) = &self.data {
            config.server.data.clone_from(data);
        }
        Ok(config)
    }
}

/// Why a command that needs the store cannot have it.
pub(crate) fn store_failure(error: &StoreError) -> Failure {
    let failure = Failure::new(ExitCode::CannotTell, error.to_string());
    match error {
        StoreError::Damaged(_) => failure.with_hint("`serve` sets a damaged store aside and begins a new one"),
        StoreError::Unavailable(_) => failure.with_hint("is `--data` the folder of a collector?"),
        _ => failure,
    }
}

/// A day on the command line.
pub(crate) fn day(text: &str) -> Result<Day, String> {
    Day::parse(text).ok_or_else(|| "a day is written as 2026-11-22".to_owned())
}

/// Writes a result to standard output. A reader that has heard enough is no error.
pub(crate) fn result(text: &str) -> Result<(), Failure> {
    let mut out = anstream::stdout();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::new(ExitCode::CannotWrite, format!("cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}
