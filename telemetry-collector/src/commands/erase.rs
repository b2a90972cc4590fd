//! `erase`: deletes so that no byte is left in the files of the store. A collector may run meanwhile.

use clap::Args;

use crate::{
    arguments::{DataArguments, day, result, store_failure},
    clock::Day,
    exit_code::ExitCode,
    failure::Failure,
    store::{self, Erase},
};

/// Arguments of `erase`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    data: DataArguments,
    /// Of this SDK only.
    #[arg(long, value_name = "NAME")]
    sdk: Option<String>,
    /// What happened before this day only.
    #[arg(long, value_name = "DAY", value_parser = day)]
    before: Option<Day>,
    /// Rows with this publishable key only. Counts have no keys, and stay.
    #[arg(long, value_name = "KEY")]
    instance: Option<String>,
    /// All there is, where nothing above is said.
    #[arg(long, conflicts_with_all = ["sdk", "before", "instance"])]
    all: bool,
}

/// Deletes.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let Arguments { data: place, sdk, before, instance, all } = arguments;
    if sdk.is_none() && before.is_none() && instance.is_none() && !all {
        return Err(Failure::new(ExitCode::Usage, "nothing says what to erase")
            .with_hint("name `--sdk`, `--before` or `--instance`, or `--all`"));
    }
    let what = Erase { sdk: sdk.clone(), before: *before, instance: instance.clone() };
    let mut store = store::open_existing(&place.config()?).map_err(|error| store_failure(&error))?;
    let erased = store.erase(&what).map_err(|error| store_failure(&error))?;
    result(&format!("erased {} events and {} rows of counts\n", erased.events, erased.counts)).map(|()| ExitCode::Holds)
}
