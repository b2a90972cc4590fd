//! `query`: the page's answers on a terminal, as CSV or as JSON.

use std::collections::{BTreeMap, BTreeSet};

use clap::{Args, ValueEnum};

use crate::{
    answers::{Grain, Question, Scope, Table},
    arguments::{DataArguments, day, result, store_failure},
    clock::{Clock, Day},
    exit_code::ExitCode,
    failure::Failure,
    registry::edit,
    store::{self, Days},
};

/// Arguments of `query`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// What is asked.
    #[arg(value_enum)]
    question: Question,
    #[command(flatten)]
    data: DataArguments,
    /// Of this SDK only.
    #[arg(long, value_name = "NAME")]
    sdk: Option<String>,
    /// How days are put together.
    #[arg(long, value_enum, default_value = "week")]
    by: Grain,
    /// The first day; the period that holds it is taken as a whole.
    #[arg(long, value_name = "DAY", value_parser = day)]
    from: Option<Day>,
    /// The last day; the period that holds it is taken as a whole.
    #[arg(long, value_name = "DAY", value_parser = day)]
    to: Option<Day>,
    /// How it is written.
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

/// How an answer is written.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// For people.
    Table,
    /// With a head; a cell that a spreadsheet would take for a formula begins with an apostrophe.
    Csv,
    /// `{"rows":[…],"notes":[…]}`
    Json,
}

/// Answers one question about one SDK or all.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let config = arguments.data.config()?;
    let mut known: BTreeMap<String, BTreeSet<String>> =
        edit::list(&config.server.data)?.into_iter().map(|entry| (entry.sdk.clone(), entry.versions())).collect();
    let mut reader = store::reader(&config).map_err(|error| store_failure(&error))?;
    for sdk in reader.sdks().map_err(|error| store_failure(&error))? {
        known.entry(sdk).or_default();
    }
    if let Some(wanted) = &arguments.sdk {
        known.retain(|sdk, _| sdk == wanted);
        if known.is_empty() {
            let message = format!("neither the list of SDKs nor the store has `{wanted}`");
            return Err(Failure::new(ExitCode::Usage, message).with_hint("`sdk list` shows all"));
        }
    }
    let days = Days { from: arguments.from.unwrap_or(Days::ALL.from), to: arguments.to.unwrap_or(Days::ALL.to) };
    let mut all: Option<Table> = None;
    for (sdk, versions) in known {
        let scope =
            Scope { sdk, days, by: arguments.by, today: Clock::system().today(), late_days: config.days.oldest };
        let one = arguments.question.ask(&mut *reader, &scope, &versions).map_err(|error| store_failure(&error))?;
        match &mut all {
            None => all = Some(one),
            Some(all) => {
                all.rows.extend(one.rows);
                all.notes.extend(one.notes.into_iter().filter(|note| !all.notes.contains(note)).collect::<Vec<_>>());
            }
        }
    }
    let Some(table) = all else {
        anstream::eprintln!("no SDK may send yet; `telemetry-collector sdk add FILE` adds one");
        return Ok(ExitCode::Holds);
    };
    result(&match arguments.format {
        Format::Table => table.to_text(),
        Format::Csv => table.to_csv(),
        Format::Json => table.to_json(),
    })?;
    Ok(ExitCode::Holds)
}
