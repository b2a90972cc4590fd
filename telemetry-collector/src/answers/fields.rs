//! Values of fields: which, how often, and what a sample of them tells of all.

use std::collections::BTreeMap;

use super::{Cell, Estimate, Scope, Table, events::rates_text};
use crate::store::{Read, StoreError};

/// One value of one field, over all days of a scope.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldValue {
    /// The event's name.
    pub event: String,
    /// Which component or method.
    pub discriminant: Option<String>,
    /// Which field: `providers.auth`.
    pub field: String,
    /// Which value; of numbers of wide ranges the power of two below.
    pub value: String,
    /// The sampling rates, in millionths, the lowest first.
    pub rates: Vec<u32>,
    /// How many events have it.
    pub n: Estimate,
}

impl FieldValue {
    fn field_key(&self) -> (&str, Option<&str>, &str) {
        (&self.event, self.discriminant.as_deref(), &self.field)
    }
}

/// How often each value came: field by field, numbers in their order, words by how often they came.
///
/// # Errors
///
/// [`StoreError`]
pub fn fields(read: &mut dyn Read, scope: &Scope) -> Result<Vec<FieldValue>, StoreError> {
    type Key = (String, Option<String>, String, String);
    let mut sums: BTreeMap<Key, BTreeMap<u32, u64>> = BTreeMap::new();
    for count in read.value_sums(&scope.sdk, scope.whole_days())? {
        let key = (count.event, count.discriminant, count.path, count.value);
        *sums.entry(key).or_default().entry(count.rate).or_default() += count.n;
    }
    let row = |((event, discriminant, field, value), by_rate): (Key, BTreeMap<u32, u64>)| FieldValue {
        event,
        discriminant,
        field,
        value,
        rates: by_rate.keys().copied().collect(),
        n: Estimate::of(by_rate),
    };
    let mut rows: Vec<FieldValue> = sums.into_iter().map(row).collect();
    for field in rows.chunk_by_mut(|a, b| a.field_key() == b.field_key()) {
        let number = |row: &FieldValue| row.value.parse::<i128>().ok();
        // `(absent)` and its like stand in fields of numbers too.
        if field.iter().all(|row| number(row).is_some() || row.value.starts_with('(')) {
            field.sort_by_key(|row| (number(row).is_none(), number(row)));
        } else {
            field.sort_by(|a, b| b.n.all.total_cmp(&a.n.all));
        }
    }
    Ok(rows)
}

impl FieldValue {
    /// The rows as a table.
    pub fn table(sdk: &str, rows: &[Self]) -> Table {
        let mut table =
            Table::new(&["sdk", "event", "of", "field", "value", "received", "rate", "estimate", "low", "high"]);
        for Self { event, discriminant, field, value, rates, n } in rows {
            table.rows.push(vec![
                Cell::Text(sdk.to_owned()),
                Cell::Text(event.clone()),
                Cell::Text(discriminant.clone().unwrap_or_default()),
                Cell::Text(field.clone()),
                Cell::Text(value.clone()),
                Cell::Whole(n.received),
                Cell::Text(rates_text(rates)),
                Cell::About(n.all),
                Cell::About(n.low),
                Cell::About(n.high),
            ]);
        }
        table
    }
}
