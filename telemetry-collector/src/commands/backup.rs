//! `backup`: a copy that another collector can be started on.

use std::{fs, path::PathBuf};

use clap::Args;

use crate::{
    arguments::{DataArguments, store_failure},
    exit_code::ExitCode,
    failure::Failure,
    published::Published,
    registry::edit,
    store::sqlite,
};

/// Arguments of `backup`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    data: DataArguments,
    /// A folder that is not there yet, or is empty. To restore, stop the collector and name this folder by `--data`.
    #[arg(value_name = "DIR")]
    to: PathBuf,
}

/// Copies the store, the list of SDKs, and what everybody was shown.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let data = arguments.data.config()?.server.data;
    let to = &arguments.to;
    let cannot =
        |error: std::io::Error| Failure::new(ExitCode::CannotWrite, format!("cannot write {}: {error}", to.display()));
    fs::create_dir_all(to).map_err(cannot)?;
    if fs::read_dir(to).map_err(cannot)?.next().is_some() {
        return Err(Failure::new(ExitCode::CannotWrite, format!("{} is not empty", to.display())));
    }
    // The list first: a version that is added meanwhile has its events in the store, and is no more than unknown.
    edit::copy(&data, to)?;
    Published::copy(&data, to).map_err(cannot)?;
    sqlite::backup(&data, &to.join(sqlite::FILE_NAME)).map_err(|error| store_failure(&error))?;
    Ok(ExitCode::Holds)
}
