//! Active installations: sums of the flags of `active: Daily`, which never is sampled. There is no id in them.

use std::collections::BTreeMap;

use super::{Cell, Found, Grain, Period, Scope, Table, name_of};
use crate::{
    clock::Day,
    store::{Actor, ActorCount, Read, StoreError},
};

/// The installations of one period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Active {
    /// The period.
    pub period: Period,
    /// Installations that were active in it; `None` where nothing arrived.
    pub active: Option<u64>,
    /// Those that were active for the first time of all.
    pub new: Option<u64>,
    /// Of days alone: who ran the program, in the order of [`Actor::ALL`].
    pub by_actor: Option<[u64; Actor::ALL.len()]>,
}

/// The flag that counts an installation once per period. Every event counts its day.
const fn flag(by: Grain) -> Option<&'static str> {
    match by {
        Grain::Day => None,
        Grain::Week => Some("first_in_week"),
        Grain::Month => Some("first_in_month"),
    }
}

/// Active installations per period; empty if the SDK has sent no active event in these days.
///
/// # Errors
///
/// [`StoreError`]
pub fn active(read: &mut dyn Read, scope: &Scope) -> Result<Vec<Active>, StoreError> {
    let found = Found::read(read, scope)?;
    let Some(name) = name_of(&found.counts, "active") else { return Ok(Vec::new()) };
    let flags = flags(read, scope, name)?;
    let mut days: BTreeMap<Day, [u64; Actor::ALL.len()]> = BTreeMap::new();
    for ActorCount { day, actor, n } in read.actors(&scope.sdk, name, scope.whole_days())? {
        if let Some(sum) = days.entry(day).or_default().get_mut(actor as usize) {
            *sum += n;
        }
    }
    let of = |period: &Period| {
        let flagged = |flag: &'static str| flags.get(&(period.first, flag)).map_or(0, |n| n.values().sum());
        let of_day = days.get(&period.first).copied().unwrap_or_default();
        let active = flag(scope.by).map_or_else(|| of_day.iter().sum(), flagged);
        let has_data = found.has_data(period);
        Active {
            period: period.clone(),
            active: has_data.then_some(active),
            new: has_data.then(|| flagged("first_ever")),
            by_actor: (has_data && scope.by == Grain::Day).then_some(of_day),
        }
    };
    Ok(found.periods.iter().map(of).collect())
}

/// The flag of the first day with a version.
const ADOPTED: &str = "first_of_version";

/// The flags that are set, by period and name; of each, how many by version.
type Flags = BTreeMap<(Day, &'static str), BTreeMap<String, u64>>;

fn flags(read: &mut dyn Read, scope: &Scope, event: &str) -> Result<Flags, StoreError> {
    let mut flags = Flags::new();
    for value in read.values(&scope.sdk, event, scope.whole_days())? {
        let known = ["first_in_week", "first_in_month", "first_ever"].into_iter().find(|flag| *flag == value.path);
        if let (Some(flag), "true", None) = (known, value.value.as_str(), &value.discriminant) {
            let period = scope.by.first_day(value.day);
            *flags.entry((period, flag)).or_default().entry(value.version).or_default() += value.n;
        }
    }
    Ok(flags)
}

/// Installations by the first day of a period and the version.
type ByVersion = BTreeMap<(Day, String), u64>;

/// Active installations per period and version: each counts for the version with which it was first active in the period.
pub(super) fn by_version(read: &mut dyn Read, scope: &Scope, found: &Found) -> Result<ByVersion, StoreError> {
    let mut result = BTreeMap::new();
    let Some(name) = name_of(&found.counts, "active") else { return Ok(result) };
    match flag(scope.by) {
        None => {
            for count in found.counts.iter().filter(|count| count.event == name) {
                *result.entry((count.day, count.version.clone())).or_default() += count.n;
            }
        }
        Some(wanted) => {
            for ((first, flag), versions) in flags(read, scope, name)? {
                if flag == wanted {
                    result.extend(versions.into_iter().map(|(version, n)| ((first, version), n)));
                }
            }
        }
    }
    Ok(result)
}

/// Installations per period and version that were counted with this version for the first time; `None` where no event has the flag.
pub(super) fn adoptions(read: &mut dyn Read, scope: &Scope, found: &Found) -> Result<Option<ByVersion>, StoreError> {
    let Some(name) = name_of(&found.counts, "active") else { return Ok(None) };
    let mut result = None;
    for value in read.values(&scope.sdk, name, scope.whole_days())? {
        if value.path == ADOPTED && value.discriminant.is_none() {
            let all = result.get_or_insert_with(ByVersion::new);
            let n = if value.value == "true" { value.n } else { 0 };
            *all.entry((scope.by.first_day(value.day), value.version)).or_default() += n;
        }
    }
    Ok(result)
}

impl Active {
    /// The rows as a table.
    pub fn table(sdk: &str, by: Grain, rows: &[Self]) -> Table {
        let mut columns = vec!["sdk", by.word(), "active", "new"];
        if by == Grain::Day {
            columns.extend(["human", "ci", "agent", "unknown"]);
        }
        columns.push("state");
        let mut table = Table::new(&columns);
        for Self { period, active, new, by_actor } in rows {
            let mut cells = vec![
                Cell::Text(sdk.to_owned()),
                Cell::Text(period.label.clone()),
                Cell::maybe(*active),
                Cell::maybe(*new),
            ];
            if by == Grain::Day {
                for actor in [Actor::Human, Actor::Ci, Actor::Agent, Actor::Unknown] {
                    let n = by_actor.and_then(|all| all.get(actor as usize).copied());
                    cells.push(Cell::maybe(n));
                }
            }
            cells.push(Cell::Text(period.state.word().to_owned()));
            table.rows.push(cells);
        }
        if rows.is_empty() {
            table
                .notes
                .push(format!("`{sdk}` has sent no active event in these days; `active: Daily` in `sdk!` sends it"));
        } else if rows.iter().any(|row| row.active.is_none()) {
            table.notes.push("where there is no figure, nothing at all has arrived: that is not zero".to_owned());
        }
        table
    }
}
