//! What folders say, for people and as JSON.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use serde::Serialize;
use telemetry_runtime::{Consent, SdkFolder, StoredDecision, sent_request};

#[derive(Serialize)]
struct Row {
    name: String,
    decision: String,
    /// Unknown where the spool cannot be read.
    waiting: Option<u64>,
    folder: PathBuf,
}

/// What the user decided, and up to which level.
fn decision(folder: &SdkFolder) -> String {
    let decision = folder.decision();
    match (&decision, folder.level()) {
        (StoredDecision::Decided(Consent::On | Consent::Local), Some(level)) => format!("{decision}, {}", level.word()),
        _ => decision.to_string(),
    }
}

fn row(folder: &SdkFolder) -> Row {
    Row { name: folder.name().to_owned(), decision: decision(folder), waiting: folder.waiting(), folder: folder.path() }
}

fn waiting(row: &Row) -> String {
    row.waiting.map_or_else(|| "?".to_owned(), |events| events.to_string())
}

pub(crate) fn list(folders: &[SdkFolder], json: bool, out: &mut dyn Write) -> io::Result<()> {
    let rows: Vec<_> = folders.iter().map(row).collect();
    if json {
        return writeln!(out, "{}", serde_json::to_string_pretty(&rows)?);
    }
    if rows.is_empty() {
        return writeln!(out, "No SDK has a folder here.");
    }
    let width = |of: fn(&Row) -> &str, least: usize| rows.iter().map(|row| of(row).len()).max().unwrap_or(0).max(least);
    let (name, decision) = (width(|row| &row.name, 4), width(|row| &row.decision, 8));
    writeln!(out, "{:name$}  {:decision$}  {:>7}  FOLDER", "NAME", "DECISION", "WAITING")?;
    for row in &rows {
        let folder = row.folder.display();
        writeln!(out, "{:name$}  {:decision$}  {:>7}  {folder}", row.name, row.decision, waiting(row))?;
    }
    Ok(())
}

pub(crate) fn status(folder: &SdkFolder, out: &mut dyn Write) -> io::Result<()> {
    let row = row(folder);
    writeln!(out, "{}: {}", row.name, row.decision)?;
    writeln!(out, "  folder: {}", row.folder.display())?;
    writeln!(out, "  waiting to be sent: {}", waiting(&row))?;
    let last = folder.sent_log().lines().last().and_then(sent_request);
    let last = last.as_deref().and_then(|request| request.lines().next());
    writeln!(out, "  last request: {}", last.unwrap_or("none, as far as the log goes back"))?;
    for id in folder.installation_ids() {
        writeln!(out, "  pseudonymous id: {id}; the product's own `erase --at-vendor` has deleted what came with it")?;
    }
    if let Some(off) = folder.kept_off_by() {
        writeln!(out, "  besides: {off}")?;
    }
    writeln!(
        out,
        "  What the product itself decides, its command or its debug mode shows; what it collects, README.txt in that folder."
    )
}

pub(crate) fn log(folder: &SdkFolder, json: bool, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "{}", if json { folder.sent_log() } else { folder.sent_requests() })
}
