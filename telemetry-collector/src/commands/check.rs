//! `check`: whether store and list are sound.

use clap::Args;

use crate::{
    arguments::{DataArguments, result, store_failure},
    exit_code::ExitCode,
    failure::Failure,
    registry::edit,
    store::{StoreError, sqlite},
};

/// Arguments of `check`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    data: DataArguments,
}

/// Looks at all of it; 1 if something is wrong.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let data = arguments.data.config()?.server.data;
    let sdks = edit::list(&data)?.len();
    let found = match sqlite::check(&data) {
        Ok(found) => found,
        Err(StoreError::Damaged(why)) => vec![why],
        Err(error) => return Err(store_failure(&error)),
    };
    if found.is_empty() {
        return result(&format!("the store is sound; {sdks} SDKs may send\n")).map(|()| ExitCode::Holds);
    }
    result(&format!("{}\n", found.join("\n"))).map(|()| ExitCode::Found)
}
