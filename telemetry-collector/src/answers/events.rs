//! Events: which, how many, and what a sample of them tells of all.

use std::collections::BTreeMap;

use super::{Cell, Estimate, Found, Grain, Period, Scope, Table};
use crate::{
    clock::Day,
    store::{Read, StoreError},
};

/// The events of one kind in one period.
#[derive(Debug, Clone, PartialEq)]
pub struct Events {
    /// The period.
    pub period: Period,
    /// The event's name.
    pub event: String,
    /// Which component or method.
    pub discriminant: Option<String>,
    /// The sampling rates, in millionths, the lowest first.
    pub rates: Vec<u32>,
    /// How many.
    pub n: Estimate,
}

/// Events per period and kind. Kinds of which nothing was received in a period have no row there.
///
/// # Errors
///
/// [`StoreError`]
pub fn events(read: &mut dyn Read, scope: &Scope) -> Result<Vec<Events>, StoreError> {
    let found = Found::read(read, scope)?;
    type Key = (Day, String, Option<String>);
    let mut sums: BTreeMap<Key, BTreeMap<u32, u64>> = BTreeMap::new();
    for count in found.counts {
        let key = (scope.by.first_day(count.day), count.event, count.discriminant);
        *sums.entry(key).or_default().entry(count.rate).or_default() += count.n;
    }
    let row = |((first, event, discriminant), by_rate): (Key, BTreeMap<u32, u64>)| Events {
        period: scope.period(first),
        event,
        discriminant,
        rates: by_rate.keys().copied().collect(),
        n: Estimate::of(by_rate),
    };
    Ok(sums.into_iter().map(row).collect())
}

impl Events {
    /// The rows as a table.
    pub fn table(sdk: &str, by: Grain, rows: &[Self]) -> Table {
        let mut table =
            Table::new(&["sdk", by.word(), "event", "of", "received", "rate", "estimate", "low", "high", "state"]);
        for Self { period, event, discriminant, rates, n } in rows {
            table.rows.push(vec![
                Cell::Text(sdk.to_owned()),
                Cell::Text(period.label.clone()),
                Cell::Text(event.clone()),
                Cell::Text(discriminant.clone().unwrap_or_default()),
                Cell::Whole(n.received),
                Cell::Text(rates_text(rates)),
                Cell::About(n.all),
                Cell::About(n.low),
                Cell::About(n.high),
                Cell::Text(period.state.word().to_owned()),
            ]);
        }
        if rows.iter().any(|row| row.rates.iter().any(|rate| *rate < 1_000_000)) {
            table.notes.push(
                "`low` and `high` hold the truth in 95 of 100 cases where an installation sends the event at most once a day"
                    .to_owned(),
            );
        }
        table
    }
}

/// Sampling rates as shares, the lowest first: `0.1 1`.
pub(super) fn rates_text(rates: &[u32]) -> String {
    rates.iter().map(|rate| (f64::from(*rate) / 1e6).to_string()).collect::<Vec<_>>().join(" ")
}
