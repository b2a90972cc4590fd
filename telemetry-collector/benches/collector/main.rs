//! What the collector reaches, beside a server that writes nothing (the ceiling), one that appends each body to a file and syncs it
//! (the floor), and an OTLP collector; by the same clients with the same bodies in one run, each server a process of its own.
//!
//! ```sh
//! cargo bench -p telemetry-collector                   # some ten minutes on two cores; nothing else should run
//! cargo bench -p telemetry-collector -- --only ingest,refused
//! scripts/collector-bench                              # gets rotel, and writes docs/collector-performance.md
//! ```
//!
//! | argument | does |
//! | --- | --- |
//! | `--only PART,PART` | these alone: `ingest`, `single`, `otlp`, `refused`, `rows` |
//! | `--rows N` | rows of the large store: ten million where it is left out |
//! | `--keep FOLDER` | the large store lies there; one that is there already is not written again |
//! | `--rotel FILE` | the program of rotel, to measure beside |
//! | `--write FILE` | writes the page there, and not to standard output |
//!
//! The clients take their share of the same machine.

#![allow(clippy::print_stdout, reason = "a bench prints its figures")]

mod bodies;
mod load;
mod page;
mod parts;
mod process;
mod rows;
mod servers;

use std::{env, fs, path::PathBuf};

/// What can be measured, in this order.
const PARTS: [&str; 5] = ["ingest", "single", "otlp", "refused", "rows"];

/// What was asked for.
struct Asked {
    parts: Vec<String>,
    rows: u64,
    keep: Option<PathBuf>,
    rotel: Option<PathBuf>,
    write: Option<PathBuf>,
}

fn asked(arguments: &[String]) -> Result<Asked, String> {
    let mut asked =
        Asked { parts: PARTS.map(str::to_owned).to_vec(), rows: 10_000_000, keep: None, rotel: None, write: None };
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut value = || rest.next().cloned().ok_or(format!("{argument}: a value is missing"));
        match argument.as_str() {
            // What cargo says.
            "--bench" => {}
            "--only" => {
                asked.parts = value()?.split(',').map(str::to_owned).collect();
                if let Some(unknown) = asked.parts.iter().find(|part| !PARTS.contains(&part.as_str())) {
                    return Err(format!("--only {unknown}: one of {}", PARTS.join(", ")));
                }
            }
            "--rows" => asked.rows = value()?.parse().map_err(|error| format!("--rows: {error}"))?,
            "--keep" => asked.keep = Some(value()?.into()),
            "--rotel" => asked.rotel = Some(value()?.into()),
            "--write" => asked.write = Some(value()?.into()),
            _ => return Err(format!("{argument}: no such argument; --only, --rows, --keep, --rotel or --write")),
        }
    }
    Ok(asked)
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let Some((first, rest)) = arguments.split_first()
        && first == servers::ARGUMENT
    {
        return servers::serve(rest);
    }
    let asked = asked(&arguments).unwrap_or_else(|error| {
        eprintln!("{error}");
        std::process::exit(64)
    });
    let mut page = page::Page::new();
    for part in PARTS.iter().filter(|part| asked.parts.iter().any(|wanted| wanted == *part)) {
        eprintln!("{part} …");
        match *part {
            "ingest" => parts::ingest(&mut page),
            "single" => parts::single(&mut page),
            "otlp" => parts::otlp(&mut page, asked.rotel.as_deref()),
            "refused" => parts::refused(&mut page),
            _ => parts::rows(&mut page, asked.rows, asked.keep.clone()),
        }
    }
    let text = page.text();
    match &asked.write {
        Some(file) => fs::write(file, text).unwrap(),
        None => println!("{text}"),
    }
}
