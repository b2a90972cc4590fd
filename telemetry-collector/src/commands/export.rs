//! `export`: rows out, for other tools.

use std::io::{self, Write};

use clap::{Args, ValueEnum};

use crate::{
    answers::csv_line,
    arguments::{DataArguments, day, store_failure},
    clock::Day,
    exit_code::ExitCode,
    failure::Failure,
    store::{self, Days, Row},
};

/// Arguments of `export`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    data: DataArguments,
    /// Of this SDK only.
    #[arg(long, value_name = "NAME")]
    sdk: Option<String>,
    /// The first day.
    #[arg(long, value_name = "DAY", value_parser = day)]
    from: Option<Day>,
    /// The last day.
    #[arg(long, value_name = "DAY", value_parser = day)]
    to: Option<Day>,
    /// How it is written.
    #[arg(long, value_enum, default_value = "csv")]
    format: Format,
}

/// How rows are written.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// With a head; a cell that a spreadsheet would take for a formula begins with an apostrophe.
    Csv,
    /// A JSON object per line.
    Json,
}

const COLUMNS: [&str; 13] = [
    "sdk",
    "day",
    "event",
    "discriminant",
    "version",
    "wrapper",
    "wrapper_version",
    "instance",
    "rate",
    "actor",
    "ephemeral",
    "payload",
    "n",
];

/// Writes rows to standard output.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let mut reader = store::reader(&arguments.data.config()?).map_err(|error| store_failure(&error))?;
    let days = Days { from: arguments.from.unwrap_or(Days::ALL.from), to: arguments.to.unwrap_or(Days::ALL.to) };
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut written = match arguments.format {
        Format::Csv => csv_line(&mut out, &COLUMNS.map(str::to_owned)),
        Format::Json => Ok(()),
    };
    let mut each = |row: Row| {
        if written.is_ok() {
            written = match arguments.format {
                Format::Csv => csv_line(&mut out, &cells(row)),
                Format::Json => json_line(&mut out, &row),
            };
        }
    };
    reader.rows(arguments.sdk.as_deref(), days, &mut each).map_err(|error| store_failure(&error))?;
    match written.and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::new(ExitCode::CannotWrite, format!("cannot write to standard output: {error}")))
        }
        _ => Ok(ExitCode::Holds),
    }
}

fn cells(row: Row) -> [String; 13] {
    let Row { sdk, day, event, discriminant, version, wrapper, instance, rate, actor, is_ephemeral, payload, n } = row;
    [
        sdk,
        day.to_string(),
        event,
        discriminant.unwrap_or_default(),
        version,
        wrapper.0,
        wrapper.1,
        instance.unwrap_or_default(),
        (f64::from(rate) / 1e6).to_string(),
        actor.word().to_owned(),
        is_ephemeral.map(|is| is.to_string()).unwrap_or_default(),
        payload,
        n.to_string(),
    ]
}

fn json_line(out: &mut impl Write, row: &Row) -> io::Result<()> {
    let payload: serde_json::Value = serde_json::from_str(&row.payload)?;
    let line = serde_json::json!({
        "sdk": row.sdk,
        "day": row.day.to_string(),
        "event": row.event,
        "discriminant": row.discriminant,
        "version": row.version,
        "wrapper": row.wrapper.0,
        "wrapper_version": row.wrapper.1,
        "instance": row.instance,
        "rate": f64::from(row.rate) / 1e6,
        "actor": row.actor.word(),
        "ephemeral": row.is_ephemeral,
        "payload": payload,
        "n": row.n,
    });
    writeln!(out, "{line}")
}
