//! Answers: of rows for days that are open, of counts for days that are closed; and beside both what SQLite has had before the collector was given an engine.

use std::collections::BTreeMap;

use clickhouse::Row as EngineRow;
use serde::Deserialize;

use super::{
    engine::Engine,
    rows::{actor, date, ephemeral},
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

/// The same rows, each once for every value of a field.
pub(super) fn by_facet(rows: &str) -> String {
    rows.replace("FINAL WHERE", "FINAL ARRAY JOIN facets AS facet WHERE")
}

/// A sum of numbers that stays within what every reader of ours can hold exactly.
pub(super) const SUM: &str = "toInt64(greatest(-9007199254740992, least(9007199254740992, sum(toInt128(facet.sum)))))";

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
        for sdk in &sdks {
            let sql = format!(
                "SELECT sdk, day, event, discriminant, version, wrapper,
                 wrapper_version, instance, rate, actor, ephemeral, payload, count() AS n
                 {LIVE} AND kept GROUP BY ALL ORDER BY ALL"
            );
            self.engine.each(&sql, &[sdk, &from, &to, sdk], &mut |row: RowOf| {
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
            })?;
        }
        self.before.rows(sdk, days, each)
    }

    fn counts(&mut self, sdk: &str, days: Days) -> Result<Vec<EventCount>, StoreError> {
        let (from, to) = texts(days);
        let columns = "day, event, discriminant, version, rate";
        let sql = format!(
            "SELECT day, event, discriminant, version, rate, sum(n) FROM
             (SELECT {columns}, count() AS n {LIVE} GROUP BY {columns} UNION ALL SELECT {columns}, n FROM counts {CLOSED})
             GROUP BY ALL ORDER BY ALL"
        );
        let all = self.engine.all(&sql, &[sdk, &from, &to, sdk, sdk, &from, &to])?;
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
        let (from, to) = texts(days);
        let sql = format!(
            "SELECT day, actor, sum(n) FROM
             (SELECT day, actor, count() AS n {LIVE} AND event = ? GROUP BY day, actor
              UNION ALL SELECT day, actor, n FROM counts {CLOSED} AND event = ?)
             GROUP BY ALL ORDER BY ALL"
        );
        let all = self.engine.all(&sql, &[sdk, &from, &to, sdk, event, sdk, &from, &to, event])?;
        let of = |row: ActorOf| ActorCount { day: Day(row.day), actor: actor(&row.actor), n: row.n };
        let mut sums = BTreeMap::new();
        for ActorCount { day, actor, n } in all.into_iter().map(of).chain(self.before.actors(sdk, event, days)?) {
            *sums.entry((day, actor)).or_default() += n;
        }
        Ok(sums.into_iter().map(|((day, actor), n)| ActorCount { day, actor, n }).collect())
    }

    fn values(&mut self, sdk: &str, event: &str, days: Days) -> Result<Vec<ValueCount>, StoreError> {
        let (from, to) = texts(days);
        let live = by_facet(LIVE);
        let sql = format!(
            "SELECT day, event, discriminant, path, value, version, rate, sum(n) AS n_, sum(sum) AS sum_ FROM
             (SELECT day, event, discriminant, facet.path AS path, facet.value AS value, version, rate, count() AS n, {SUM} AS sum
              {live} AND event = ? GROUP BY day, event, discriminant, path, value, version, rate
              UNION ALL SELECT day, event, discriminant, path, value, version, rate, n, sum FROM value_counts {CLOSED} AND event = ?)
             GROUP BY ALL ORDER BY ALL"
        );
        let all = self.engine.all(&sql, &[sdk, &from, &to, sdk, event, sdk, &from, &to, event])?;
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
        let (from, to) = texts(days);
        let live = by_facet(LIVE);
        let sql = format!(
            "SELECT event, discriminant, path, value, rate, sum(n) FROM
             (SELECT event, discriminant, facet.path AS path, facet.value AS value, rate, count() AS n {live}
              GROUP BY event, discriminant, path, value, rate
              UNION ALL SELECT event, discriminant, path, value, rate, n FROM value_counts {CLOSED})
             GROUP BY ALL ORDER BY ALL"
        );
        let all = self.engine.all(&sql, &[sdk, &from, &to, sdk, sdk, &from, &to])?;
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
