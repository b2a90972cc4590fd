//! Versions: who uses which, the unknown ones first.

use std::collections::{BTreeMap, BTreeSet};

use super::{Cell, Found, Grain, Period, Scope, Table, active};
use crate::store::{Read, StoreError};

/// One version in one period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The period.
    pub period: Period,
    /// The version; empty where the format has none.
    pub version: String,
    /// Whether the list of SDKs has it.
    pub is_known: bool,
    /// Installations that were first active in the period with it; `None` if the SDK does not count them.
    pub active: Option<u64>,
    /// Installations that were counted with it for the first time, in this period; `None` if the SDK does not say so.
    pub adoptions: Option<u64>,
    /// Events that were received.
    pub events: u64,
}

/// Versions per period: those that are not `known` first.
///
/// # Errors
///
/// [`StoreError`]
pub fn versions(read: &mut dyn Read, scope: &Scope, known: &BTreeSet<String>) -> Result<Vec<Version>, StoreError> {
    let found = Found::read(read, scope)?;
    let active = active::by_version(read, scope, &found)?;
    let adoptions = active::adoptions(read, scope, &found)?;
    let mut events = BTreeMap::new();
    for count in found.counts {
        *events.entry((scope.by.first_day(count.day), count.version)).or_insert(0) += count.n;
    }
    let row = |((first, version), events): ((_, String), u64)| Version {
        period: scope.period(first),
        is_known: version.is_empty() || known.contains(&version),
        active: (!active.is_empty()).then(|| active.get(&(first, version.clone())).copied().unwrap_or(0)),
        adoptions: adoptions.as_ref().map(|adoptions| adoptions.get(&(first, version.clone())).copied().unwrap_or(0)),
        version,
        events,
    };
    let mut rows: Vec<_> = events.into_iter().map(row).collect();
    rows.sort_by_key(|row| row.is_known);
    Ok(rows)
}

impl Version {
    /// The rows as a table.
    pub fn table(sdk: &str, by: Grain, rows: &[Self]) -> Table {
        let mut table = Table::new(&["sdk", by.word(), "version", "known", "active", "adoptions", "events", "state"]);
        for Self { period, version, is_known, active, adoptions, events } in rows {
            table.rows.push(vec![
                Cell::Text(sdk.to_owned()),
                Cell::Text(period.label.clone()),
                Cell::Text(version.clone()),
                Cell::Text(if *is_known { "yes" } else { "no" }.to_owned()),
                Cell::maybe(*active),
                Cell::maybe(*adoptions),
                Cell::Whole(*events),
                Cell::Text(period.state.word().to_owned()),
            ]);
        }
        if rows.iter().any(|row| !row.is_known) {
            let note = "versions that are not known were checked against all known ones; `sdk add` makes them known";
            table.notes.push(note.to_owned());
        }
        table
    }
}
