//! A store with millions of rows, written by the store itself: ninety days of one SDK, day after day, each event checked against
//! its record as ingest does. Nearly every event is different from all others of its day, which is the worst case of a store that
//! keeps equal ones as one row.

use std::{path::Path, sync::Arc, time::Instant};

use cargo_telemetry::payload;
use serde_json::{Map, Value, json};
use telemetry_collector::{
    clock::Day,
    store::{Actor, Batch, Event, Store as _, When, sqlite::Sqlite},
};
use telemetry_schema::FieldDescriptor;

use super::bodies;

/// The name of the SDK.
pub(crate) const SDK: &str = "wide";
/// Days that rows are kept by default.
pub(crate) const DAYS: i32 = 90;
/// Days that ids are kept by default. What is older is written without: it is gone in a store that has lived through these days.
const IDS_DAYS: i32 = 16;
/// Components and methods.
const COMPONENTS: u64 = 30;
const METHODS: u64 = 15;
/// Installations that are active on a day.
const ACTIVE: u64 = 2_000;
/// Events of one commit.
const COMMIT: u64 = 5_000;

const FLAGS: [&str; 4] = ["first_in_week", "first_in_month", "first_ever", "first_of_version"];

/// One of the kinds of events: name, which one of its kind, its rate and its fields.
struct Kind {
    name: &'static str,
    discriminant: Option<String>,
    rate: u32,
    fields: Arc<Vec<FieldDescriptor>>,
}

/// Random numbers that are the same everywhere: SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % below.max(1)
    }
}

/// Writes so many rows to the store of this folder, and declares the SDK; how many seconds the store took for how many events.
pub(crate) fn write(data: &Path, rows: u64) -> (f64, u64) {
    let used = json!([
        { "name": "dark", "type": "bool" },
        { "name": "routing", "type": { "enum": ["hash", "path", "virtual", "none"] } },
        { "name": "children", "type": "count_bucket" },
        { "name": "level", "type": { "int": { "min": 0, "max": 9 } } },
        { "name": "pixels", "type": { "unbounded": "u32" }, "reason": "r" },
    ]);
    let flags: Value = FLAGS.iter().map(|name| json!({ "name": name, "type": "bool" })).collect();
    let mut manifest =
        bodies::manifest(SDK, "1.0.0", "https://t.example/wide", &json!({ "event_batch": { "strict": false } }), &[]);
    let mut kinds = Vec::new();
    let mut declare = |name: &'static str, kind: &str, discriminant: Option<String>, rate: u32, fields: &Value| {
        let mut event = json!({
            "sdk": SDK, "crate": SDK, "version": "1.0.0", "event": name, "kind": kind, "fields": fields,
            "sample": f64::from(rate) / 1e6, "throttle": "daily", "at": "lib.rs:2",
        });
        if let Some(discriminant) = &discriminant {
            event["discriminant"] = json!(discriminant);
        }
        if let Some(events) = manifest["events"].as_array_mut() {
            events.push(event);
        }
        let fields = Arc::new(serde_json::from_value(fields.clone()).unwrap());
        kinds.push(Kind { name, discriminant, rate, fields });
    };
    declare("active", "event", None, 1_000_000, &flags);
    for number in 0..COMPONENTS {
        declare("component_mounted", "mount", Some(format!("Component{number}")), 1_000_000, &used);
    }
    for number in 0..METHODS {
        declare("method_called", "call", Some(format!("method{number}")), 100_000, &used);
    }
    bodies::add(data, manifest);
    let mut store = Sqlite::open(data).unwrap().store;
    let mut random = Random(1);
    let (mut seconds, mut events) = (0.0, 0);
    let first = bodies::today().plus(1 - DAYS);
    let per_day = rows.div_ceil(DAYS.unsigned_abs().into());
    for number in 0..DAYS {
        let day = first.plus(number);
        let mut left = ACTIVE + per_day;
        while left > 0 {
            let now = left.min(COMMIT);
            let of_commit = (0..now)
                .map(|n| {
                    let is_active = left - n > per_day;
                    let kind = if is_active { 0 } else { 1 + random.below(COMPONENTS + METHODS) as usize };
                    event(&kinds[kind], day, number, &mut random)
                })
                .collect();
            let batch = Batch {
                sdk: SDK.into(),
                received: day,
                key: None,
                is_dated: true,
                events: of_commit,
                outcomes: vec![("unknown_field", now / 1000)],
            };
            let begin = Instant::now();
            store.write(&[batch]).unwrap();
            seconds += begin.elapsed().as_secs_f64();
            left -= now;
            events += now;
        }
        eprintln!("day {} of {DAYS}: {events} events, {:.0} a second", number + 1, events as f64 / seconds);
    }
    (seconds, events)
}

fn event(kind: &Kind, day: Day, number: i32, random: &mut Random) -> Event {
    let mut payload = Map::new();
    if kind.discriminant.is_none() {
        payload.extend(FLAGS.iter().map(|flag| ((*flag).to_owned(), json!(random.below(7) == 0))));
    } else {
        payload.insert("dark".to_owned(), json!(random.below(2) == 0));
        payload.insert("routing".to_owned(), json!(["hash", "path", "virtual", "none"][random.below(4) as usize]));
        payload.insert("children".to_owned(), json!(1_u64 << random.below(8)));
        payload.insert("level".to_owned(), json!(random.below(10)));
        payload.insert("pixels".to_owned(), json!(random.below(1 << 32)));
    }
    let payload = payload::of(&kind.fields, &payload).unwrap();
    let milliseconds = u128::from(day.0.unsigned_abs()) * 86_400_000;
    let random_bits = u128::from(random.below(u64::MAX)) & 0x0fff_ffff_ffff_ffff;
    Event {
        id: (number > DAYS - IDS_DAYS).then(|| (milliseconds << 80 | random_bits).to_be_bytes()),
        when: When::On(day),
        name: kind.name.to_owned(),
        discriminant: kind.discriminant.clone(),
        // Three releases are in use at a time, and one comes every second week.
        version: format!("1.{}.0", number / 14 + random.below(3) as i32),
        is_version_known: true,
        wrapper: Default::default(),
        instance: None,
        installation: None,
        rate: kind.rate,
        actor: [Actor::Human, Actor::Human, Actor::Ci, Actor::Agent][random.below(4) as usize],
        is_ephemeral: Some(random.below(4) == 0),
        payload: payload.json,
        facets: payload.facets,
    }
}

/// Rows of the tables.
pub(crate) fn counted(data: &Path) -> Vec<(&'static str, u64)> {
    let connection = rusqlite::Connection::open(data.join("collector.sqlite")).unwrap();
    let count = |table: &&'static str| {
        let sql = format!("SELECT count(*) FROM {table}");
        let n: i64 = connection.query_row(&sql, [], |row| row.get(0)).unwrap();
        (*table, n.unsigned_abs())
    };
    ["events", "counts", "value_counts", "seen"].iter().map(count).collect()
}
