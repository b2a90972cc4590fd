//! Days that are counted already. To count rows takes time, and most days do not change any more: of these an answer takes what was counted of them once.
//!
//! A day is known by its state: the parts of its partition, and what is in them. What was counted holds while its day has the state that it had then; a new event, a
//! merge and a deletion make another one, and until that is counted the answer comes from rows. So it is the same answer, whoever counts and when.
//!
//! Rows of deleted installations are counted like all others, and each answer takes off those that are still there: a request for deletion changes no day.

use clickhouse::Row;
use serde::Deserialize;

use super::{
    engine::Engine,
    rows::{SUM, by_facet, date},
};
use crate::{
    clock::Day,
    store::{Days, StoreError},
};

/// The state of each day that has rows, and when it became that.
const STATES: &str = "(SELECT toDate32(partition) AS day, cityHash64(arraySort(groupArray((name, hash_of_all_files)))) AS state, max(modification_time) AS changed
     FROM system.parts WHERE database = currentDatabase() AND table = 'events' AND active GROUP BY day)";

/// Hours for which what was counted is used. The tables keep it for a day.
const USED: u32 = 12;

/// Hours after which a day is counted again, so that there is something to be used at any time.
const COUNTED_AGAIN: u32 = 10;

/// How long a day must have been as it is, and how long ago it must have been counted the last time, before it is counted; seconds. A day to which events
/// come all the time is not: what is counted would be of no use.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rested {
    pub(super) unchanged: u32,
    pub(super) uncounted: u32,
}

impl Rested {
    /// As collectors do it: some merges later, and few enough times to fill no disk.
    pub(super) const ENOUGH: Self = Self { unchanged: 30, uncounted: 900 };
}

/// A day in a state, and under which number it was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Row, Deserialize)]
pub(super) struct Counted {
    day: i32,
    state: u64,
    run: u64,
}

/// The days that are counted as they are now.
#[derive(Debug, Default)]
pub(super) struct CountedDays(Vec<Counted>);

impl CountedDays {
    /// Asks the engine. One that does not tell of its parts, as a cluster cannot of all servers, has none.
    pub(super) fn of(engine: &Engine, days: Days) -> Self {
        if engine.settings.cluster.is_some() {
            return Self::default();
        }
        let (from, to) = (date(days.from), date(days.to));
        let sql = format!(
            "SELECT day, state, max(run) FROM counted WHERE at > now() - INTERVAL {USED} HOUR AND (day, state) IN (SELECT day, state FROM {STATES})
             AND day BETWEEN toDate32('{from}') AND toDate32('{to}') AND day NOT IN (SELECT day FROM closed) GROUP BY day, state"
        );
        Self(engine.all(&sql, &[]).unwrap_or_default())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether all of them are there.
    pub(super) fn are_in(&self, others: &Self) -> bool {
        self.0.iter().all(|one| others.0.contains(one))
    }

    /// Them as a list of the engine.
    pub(super) fn days(&self) -> String {
        self.0.iter().map(|one| format!("toDate32('{}')", date(Day(one.day)))).collect::<Vec<_>>().join(", ")
    }

    /// Their numbers as a list of the engine.
    pub(super) fn runs(&self) -> String {
        self.0.iter().map(|one| one.run.to_string()).collect::<Vec<_>>().join(", ")
    }
}

#[derive(Row, Deserialize)]
struct Next {
    day: i32,
    state: u64,
}

/// Counts the next day that has rested, the latest first; whether there was one.
pub(super) fn count_next(engine: &Engine, rested: Rested) -> Result<bool, StoreError> {
    if engine.settings.cluster.is_some() {
        return Ok(false);
    }
    let Rested { unchanged, uncounted } = rested;
    let sql = format!(
        "SELECT day, state FROM {STATES} WHERE changed <= now() - INTERVAL {unchanged} SECOND
         AND (day, state) NOT IN (SELECT day, state FROM counted WHERE at > now() - INTERVAL {COUNTED_AGAIN} HOUR)
         AND day NOT IN (SELECT day FROM counted WHERE at > now() - INTERVAL {uncounted} SECOND)
         AND day NOT IN (SELECT day FROM closed) ORDER BY day DESC LIMIT 1"
    );
    let Some(Next { day, state }) = engine.all::<Next>(&sql, &[])?.into_iter().next() else { return Ok(false) };
    let day = date(Day(day));
    // A number that nobody else has: of what is counted twice, an answer takes one.
    let mut run = [0; 8];
    getrandom::fill(&mut run).map_err(|error| StoreError::Unavailable(error.to_string()))?;
    let run = u64::from_ne_bytes(run);
    let rows = format!("FROM events FINAL WHERE day = toDate32('{day}')");
    let columns = "sdk, day, event, discriminant, version, rate, actor";
    engine.execute(&format!(
        "INSERT INTO day_counts ({columns}, n, run) SELECT {columns}, count(), {run} {rows} GROUP BY ALL"
    ))?;
    let columns = "sdk, day, event, discriminant, path, value, version, rate";
    let values = by_facet(&rows);
    engine.execute(&format!(
        "INSERT INTO day_values ({columns}, n, sum, run) SELECT sdk, day, event, discriminant, facet.path AS path, facet.value AS value, version, rate,
         count(), {SUM}, {run} {values} GROUP BY ALL"
    ))?;
    // Only if the day is still what was counted. Parts do not come back, so it was so all the time.
    engine.execute(&format!(
        "INSERT INTO counted (day, state, run) SELECT day, state, {run} FROM {STATES} WHERE day = toDate32('{day}') AND state = {state}"
    ))?;
    Ok(true)
}
