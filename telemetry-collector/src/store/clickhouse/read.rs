//! Answers: of rows for days that are open, of what was counted of those that have not changed since, of counts for days that are closed; and beside them what SQLite
//! has had before the collector was given an engine.

use std::collections::BTreeMap;

use clickhouse::{Row as EngineRow, RowOwned, RowRead};
use serde::Deserialize;

use super::{
    counted::CountedDays,
    engine::Engine,
    rows::{SUM, actor, by_facet, date, ephemeral},
};
use crate::{
    clock::Day,
    config::Config,
    store::{
        ActorCount, Days, EventCount, Outcome, Read, Row, StoreError, ValueCount, ValueSum, sqlite::Reader as Before,
    },
};

/// What reads.
pub(crate) struct Reader {
    before: Before,
    engine: Engine,
}

/// Events of an SDK and of days that count by their rows, without those of installations that are deleted. Its texts: the SDK, two days, the SDK.
const LIVE: &str = "FROM events FINAL WHERE sdk = ? AND day BETWEEN toDate32(?) AND toDate32(?)
    AND day GLOBAL NOT IN (SELECT day FROM closed)
    AND installation GLOBAL NOT IN (SELECT installation FROM deleted WHERE sdk = ?)";

/// The same of counts. Its texts: the SDK, two days.
const CLOSED: &str = "FINAL WHERE sdk = ? AND day BETWEEN toDate32(?) AND toDate32(?)
    AND day GLOBAL IN (SELECT day FROM closed)";

/// What an answer adds up, as a query inside a query. Each part of it has texts of its own.
struct Added {
    sql: String,
    texts: Vec<String>,
}

/// What is added up by which columns.
struct Columns {
    /// By name, as tables of counts have them.
    names: &'static str,
    /// Tables of counts: of days that are closed, and of those that are not.
    tables: [&'static str; 2],
    /// Whether each row counts for every value of a field.
    is_by_value: bool,
    /// Whether numbers are added up as well.
    has_sum: bool,
}

impl Columns {
    /// Adds up what is of an SDK, of days, and of an event or all.
    fn of(&self, sdk: &str, days: Days, event: Option<&str>, counted: &CountedDays) -> Added {
        let (from, to) = texts(days);
        let of = if event.is_some() { "AND event = ?" } else { "" };
        let (mut parts, mut all) = (Vec::new(), Vec::new());
        let mut add = |part: String, texts: &[&str]| {
            parts.push(part);
            all.extend(texts.iter().copied().chain(event).map(str::to_owned));
        };
        let Self { names, tables: [closed, open], is_by_value, has_sum } = self;
        let (n, columns) = (if *has_sum { "toInt64(n) AS n, sum" } else { "toInt64(n) AS n" }, self.of_rows());
        let rows = |sign: &str, rows: &str| {
            let sum = if *has_sum { format!(", {sign}{SUM} AS sum") } else { String::new() };
            let rows = if *is_by_value { by_facet(rows) } else { rows.to_owned() };
            format!("SELECT {columns}, {sign}toInt64(count()) AS n{sum} {rows} {of} GROUP BY {names}")
        };
        let is_open = if counted.is_empty() { String::new() } else { format!("AND day NOT IN ({})", counted.days()) };
        add(rows("", &format!("{LIVE} {is_open}")), &[sdk, &from, &to, sdk]);
        add(format!("SELECT {names}, {n} FROM {closed} {CLOSED} {of}"), &[sdk, &from, &to]);
        if !counted.is_empty() {
            add(format!("SELECT {names}, {n} FROM {open} WHERE sdk = ? AND run IN ({}) {of}", counted.runs()), &[sdk]);
            // What was counted of deleted installations, and is still there.
            let gone = format!(
                "FROM events FINAL WHERE sdk = ? AND day IN ({})
                 AND installation IN (SELECT installation FROM deleted WHERE sdk = ?)",
                counted.days()
            );
            add(rows("-", &gone), &[sdk, sdk]);
        }
        Added { sql: parts.join("\nUNION ALL "), texts: all }
    }

    /// The same columns of rows.
    fn of_rows(&self) -> String {
        if self.is_by_value {
            self.names.replace("path, value", "facet.path AS path, facet.value AS value")
        } else {
            self.names.to_owned()
        }
    }
}

const COUNTS: [&str; 2] = ["counts", "day_counts"];

const VALUE_COUNTS: [&str; 2] = ["value_counts", "day_values"];

#[derive(EngineRow, Deserialize)]
struct RowOf {
    sdk: String,
    day: i32,
    event: String,
    discriminant: String,
    version: String,
    wrapper: String,
    wrapper_version: String,
    instance: String,
    rate: u32,
    actor: String,
    ephemeral: String,
    payload: String,
    n: u64,
}

#[derive(EngineRow, Deserialize)]
struct CountOf {
    day: i32,
    event: String,
    discriminant: String,
    version: String,
    rate: u32,
    n: u64,
}

#[derive(EngineRow, Deserialize)]
struct ActorOf {
    day: i32,
    actor: String,
    n: u64,
}

#[derive(EngineRow, Deserialize)]
struct ValueOf {
    day: i32,
    event: String,
    discriminant: String,
    path: String,
    value: String,
    version: String,
    rate: u32,
    n: u64,
    sum: i64,
}

#[derive(EngineRow, Deserialize)]
struct SumOf {
    event: String,
    discriminant: String,
    path: String,
    value: String,
    rate: u32,
    n: u64,
}

#[derive(EngineRow, Deserialize)]
struct OutcomeOf {
    day: i32,
    word: String,
    n: u64,
}

fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

impl Reader {
    /// The answers of the engine that the configuration names, and of the data folder.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    pub(crate) fn open(config: &Config) -> Result<Self, StoreError> {
        Ok(Self { before: Before::open(&config.server.data)?, engine: Engine::new(config)? })
    }

    fn rows_of_day(&self, sdk: &str, day: Day, each: &mut dyn FnMut(Row)) -> Result<(), StoreError> {
        let day = date(day).to_string();
        let sql = format!(
            "SELECT sdk, day, event, discriminant, version, wrapper,
             wrapper_version, instance, rate, actor, ephemeral, payload, count() AS n
             {LIVE} AND kept GROUP BY ALL ORDER BY ALL"
        );
        self.engine.each(&sql, &[sdk, &day, &day, sdk], &mut |row: RowOf| {
            each(Row {
                sdk: row.sdk,
                day: Day(row.day),
                event: row.event,
                discriminant: some(row.discriminant),
                version: row.version,
                wrapper: (row.wrapper, row.wrapper_version),
                instance: some(row.instance),
                rate: row.rate,
                actor: actor(&row.actor),
                is_ephemeral: ephemeral(&row.ephemeral),
                payload: row.payload,
                n: row.n,
            });
        })
    }

    /// Adds up, by the columns in their order.
    fn sums<T: RowOwned + RowRead>(
        &self,
        columns: &Columns,
        sdk: &str,
        days: Days,
        event: Option<&str>,
    ) -> Result<Vec<T>, StoreError> {
        let ask = |counted: &CountedDays| {
            let Added { sql, texts } = columns.of(sdk, days, event, counted);
            let (names, sum) = (columns.names, if columns.has_sum { ", sum(sum) AS sums" } else { "" });
            let sql = format!(
                "SELECT {names}, toUInt64(sum(n)) AS ns{sum} FROM ({sql}) GROUP BY {names} HAVING sum(n) > 0 ORDER BY {names}"
            );
            self.engine.all(&sql, &texts.iter().map(String::as_str).collect::<Vec<_>>())
        };
        let counted = CountedDays::of(&self.engine, days);
        let answer = ask(&counted)?;
        // What was taken off was there as long as the days were what they are.
        if counted.is_empty() || counted.are_in(&CountedDays::of(&self.engine, days)) {
            return Ok(answer);
        }
        ask(&CountedDays::default())
    }
}

/// First and last day as texts of the engine.
fn texts(days: Days) -> (String, String) {
    (date(days.from).to_string(), date(days.to).to_string())
}

impl Read for Reader {
    fn sdks(&mut self) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT DISTINCT sdk FROM (SELECT sdk FROM events GROUP BY sdk UNION ALL SELECT sdk FROM counts
             GROUP BY sdk UNION ALL SELECT sdk FROM outcomes GROUP BY sdk)";
        let mut all: Vec<String> = self.engine.all(sql, &[])?;
        all.extend(self.before.sdks()?);
        all.sort();
        all.dedup();
        Ok(all)
    }

    fn rows(&mut self, sdk: Option<&str>, days: Days, each: &mut dyn FnMut(Row)) -> Result<(), StoreError> {
        let (from, to) = texts(days);
        let sdks = match sdk {
            Some(sdk) => vec![sdk.to_owned()],
            None => self.sdks()?,
        };
        let of_sdk =
            "SELECT DISTINCT day FROM events WHERE sdk = ? AND day BETWEEN toDate32(?) AND toDate32(?) ORDER BY day";
        for sdk in &sdks {
            // A day at a time: the engine puts rows in order before it hands over the first one.
            for day in self.engine.all::<i32>(of_sdk, &[sdk, &from, &to])? {
                self.rows_of_day(sdk, Day(day), each)?;
            }
        }
        self.before.rows(sdk, days, each)
    }

    fn counts(&mut self, sdk: &str, days: Days) -> Result<Vec<EventCount>, StoreError> {
        let columns = Columns {
            names: "day, event, discriminant, version, rate",
            tables: COUNTS,
            is_by_value: false,
            has_sum: false,
        };
        let all = self.sums(&columns, sdk, days, None)?;
        let of = |row: CountOf| EventCount {
            day: Day(row.day),
            event: row.event,
            discriminant: some(row.discriminant),
            version: row.version,
            rate: row.rate,
            n: row.n,
        };
        let mut sums = BTreeMap::new();
        for count in all.into_iter().map(of).chain(self.before.counts(sdk, days)?) {
            let EventCount { day, event, discriminant, version, rate, n } = count;
            *sums.entry((day, event, discriminant, version, rate)).or_default() += n;
        }
        let count =
            |((day, event, discriminant, version, rate), n)| EventCount { day, event, discriminant, version, rate, n };
        Ok(sums.into_iter().map(count).collect())
    }

    fn actors(&mut self, sdk: &str, event: &str, days: Days) -> Result<Vec<ActorCount>, StoreError> {
        let columns = Columns { names: "day, actor", tables: COUNTS, is_by_value: false, has_sum: false };
        let all = self.sums(&columns, sdk, days, Some(event))?;
        let of = |row: ActorOf| ActorCount { day: Day(row.day), actor: actor(&row.actor), n: row.n };
        let mut sums = BTreeMap::new();
        for ActorCount { day, actor, n } in all.into_iter().map(of).chain(self.before.actors(sdk, event, days)?) {
            *sums.entry((day, actor)).or_default() += n;
        }
        Ok(sums.into_iter().map(|((day, actor), n)| ActorCount { day, actor, n }).collect())
    }

    fn values(&mut self, sdk: &str, event: &str, days: Days) -> Result<Vec<ValueCount>, StoreError> {
        let columns = Columns {
            names: "day, event, discriminant, path, value, version, rate",
            tables: VALUE_COUNTS,
            is_by_value: true,
            has_sum: true,
        };
        let all = self.sums(&columns, sdk, days, Some(event))?;
        let of = |row: ValueOf| ValueCount {
            day: Day(row.day),
            event: row.event,
            discriminant: some(row.discriminant),
            path: row.path,
            value: row.value,
            version: row.version,
            rate: row.rate,
            n: row.n,
            sum: row.sum,
        };
        let mut sums: BTreeMap<_, (u64, i64)> = BTreeMap::new();
        for value in all.into_iter().map(of).chain(self.before.values(sdk, event, days)?) {
            let ValueCount { day, event, discriminant, path, value, version, rate, n, sum } = value;
            let sums = sums.entry((day, event, discriminant, path, value, version, rate)).or_default();
            *sums = (sums.0 + n, sums.1.saturating_add(sum));
        }
        let value = |((day, event, discriminant, path, value, version, rate), (n, sum))| ValueCount {
            day,
            event,
            discriminant,
            path,
            value,
            version,
            rate,
            n,
            sum,
        };
        Ok(sums.into_iter().map(value).collect())
    }

    fn value_sums(&mut self, sdk: &str, days: Days) -> Result<Vec<ValueSum>, StoreError> {
        let columns = Columns {
            names: "event, discriminant, path, value, rate",
            tables: VALUE_COUNTS,
            is_by_value: true,
            has_sum: false,
        };
        let all = self.sums(&columns, sdk, days, None)?;
        let of = |row: SumOf| ValueSum {
            event: row.event,
            discriminant: some(row.discriminant),
            path: row.path,
            value: row.value,
            rate: row.rate,
            n: row.n,
        };
        let mut sums = BTreeMap::new();
        for value in all.into_iter().map(of).chain(self.before.value_sums(sdk, days)?) {
            let ValueSum { event, discriminant, path, value, rate, n } = value;
            *sums.entry((event, discriminant, path, value, rate)).or_default() += n;
        }
        let sum =
            |((event, discriminant, path, value, rate), n)| ValueSum { event, discriminant, path, value, rate, n };
        Ok(sums.into_iter().map(sum).collect())
    }

    fn outcomes(&mut self, sdk: &str, days: Days) -> Result<Vec<Outcome>, StoreError> {
        // Those of SQLite are the totals that this collector tells the engine.
        let (from, to) = texts(days);
        let sql = "SELECT day, word, sum(n) FROM outcomes FINAL
             WHERE sdk = ? AND day BETWEEN toDate32(?) AND toDate32(?) GROUP BY ALL ORDER BY ALL";
        let all = self.engine.all(sql, &[sdk, &from, &to])?;
        Ok(all.into_iter().map(|row: OutcomeOf| Outcome { day: Day(row.day), word: row.word, n: row.n }).collect())
    }
}
