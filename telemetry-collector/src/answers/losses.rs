//! What did not come through: as clients report it, and as the collector counts it.

use std::collections::BTreeMap;

use super::{Cell, Found, Grain, Period, Scope, Table, name_of};
use crate::{
    clock::Day,
    reason::Reason,
    store::{Read, StoreError, outcome},
};

/// Who counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// The collector, on the day of arrival.
    Collector,
    /// Clients, by `health: Daily`, on the day of their report.
    Client,
}

/// How many events ended in one way in one period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// The period.
    pub period: Period,
    /// Who counted.
    pub source: Source,
    /// How they ended: a word of [`outcome`], of [`Reason`], or of the client's ledger.
    pub word: String,
    /// How many; several reports of clients are added up.
    pub n: u64,
}

/// What is to be seen first; other words follow as they come.
const FIRST: [&str; 1] = [outcome::UNKNOWN_VERSION];

/// Losses per period; words that count nothing have no row. `accepted` is there to compare with.
///
/// # Errors
///
/// [`StoreError`]
pub fn losses(read: &mut dyn Read, scope: &Scope) -> Result<Vec<Loss>, StoreError> {
    let found = Found::read(read, scope)?;
    let mut sums: BTreeMap<(u8, Day, Source, String), u64> = BTreeMap::new();
    let mut add = |day: Day, source, word: String, n: u64| {
        let rank = u8::from(!FIRST.contains(&word.as_str()) || source == Source::Client);
        *sums.entry((rank, scope.by.first_day(day), source, word)).or_default() += n;
    };
    for outcome in &found.outcomes {
        add(outcome.day, Source::Collector, outcome.word.clone(), outcome.n);
    }
    if let Some(event) = name_of(&found.counts, "telemetry_health") {
        for value in read.values(&scope.sdk, event, scope.whole_days())? {
            // Its fields are numbers; their sum is what was lost.
            add(value.day, Source::Client, value.path, u64::try_from(value.sum).unwrap_or_default());
        }
    }
    let row = |((_, first, source, word), n)| Loss { period: scope.period(first), source, word, n };
    Ok(sums.into_iter().filter(|(_, n)| *n > 0).map(row).collect())
}

impl Loss {
    /// What the word means, for people.
    pub fn meaning(&self) -> &'static str {
        let refused = Reason::ALL.iter().any(|reason| reason.word() == self.word);
        match (self.source, self.word.as_str()) {
            (Source::Client, _) => "lost before or on its way, as clients report",
            (_, outcome::ACCEPTED) => "kept",
            (_, outcome::DUPLICATE) => "came again, and counts once",
            (_, outcome::UNKNOWN_VERSION) => "kept; `sdk add` has not seen the version",
            (_, outcome::WITHOUT_KEY) => "kept; a repeat would count again",
            (_, outcome::WITHOUT_DAY) => "kept; counts on the day of its arrival",
            (_, outcome::TOO_OLD | outcome::TOO_NEW) => "not kept: its clock must be wrong",
            _ if refused => "refused",
            _ => "",
        }
    }

    /// The rows as a table.
    pub fn table(sdk: &str, by: Grain, rows: &[Self]) -> Table {
        let mut table = Table::new(&["sdk", by.word(), "counted_by", "what", "events", "meaning", "state"]);
        for row in rows {
            let source = match row.source {
                Source::Collector => "collector",
                Source::Client => "client",
            };
            table.rows.push(vec![
                Cell::Text(sdk.to_owned()),
                Cell::Text(row.period.label.clone()),
                Cell::Text(source.to_owned()),
                Cell::Text(row.word.clone()),
                Cell::Whole(row.n),
                Cell::Text(row.meaning().to_owned()),
                Cell::Text(row.period.state.word().to_owned()),
            ]);
        }
        table
    }
}
