//! `memory.json`: one object.

use telemetry_schema::json::Json;

use super::{ACTIVE, COUNTS, Gone, Memory, SampleRoll};
use crate::write::files::{
    active_days::ActiveDays,
    day_counts::{Counted, Sum},
};

/// The file's name in the SDK's folder.
pub(crate) const NAME: &str = "memory.json";

/// The one version that is read and written.
const VERSION: u32 = 1;

impl SampleRoll {
    fn read(json: &Json) -> Option<Self> {
        Some(Self { day: json.get("day")?.unsigned_32()?, value: json.get("value")?.unsigned_32()? })
    }

    fn json(self) -> Json {
        Json::object([("day", Json::number(self.day)), ("value", Json::number(self.value))])
    }
}

impl Gone {
    fn read(json: &Json) -> Option<Self> {
        Some(Self { endpoint: json.text_of("endpoint")?, version: json.text_of("version")? })
    }

    fn json(self) -> Json {
        Json::object([("endpoint", Json::of(self.endpoint)), ("version", Json::of(self.version))])
    }
}

/// What the bytes of a file say, as far as each part can be read. `None` if it is none of ours, or of another version.
pub(crate) fn parse(bytes: &[u8]) -> Option<Memory> {
    let document = Json::parse(bytes)?;
    if document.get("version")?.unsigned()? != u64::from(VERSION) {
        return None;
    }
    let part = |name| document.get(name);
    let throttle = part("throttle");
    let throttle_day = throttle.and_then(|throttle| throttle.get("day")?.unsigned_32());
    // Marks of a day that nobody knows are none.
    let seen = throttle.filter(|_| throttle_day.is_some()).and_then(|throttle| throttle.get("seen"));
    let mut memory = Memory {
        sample_roll: part("sample_roll").and_then(SampleRoll::read),
        throttle_day: throttle_day.unwrap_or_default(),
        seen: each(seen, mark).collect(),
        rolling: each(part("rolling"), |row| pair(row, mark, Json::unsigned_32)).collect(),
        active: each(part(ACTIVE), ActiveDays::read).collect(),
        gone: each(part("gone"), Gone::read).collect(),
        counts: each(part(COUNTS), |row| pair(row, Counted::read, Sum::read)).collect(),
        others: Vec::new(),
    };
    memory.bound();
    Some(memory)
}

/// Of a list those that can be read. What is no list stands for itself.
fn each<'a, T>(part: Option<&'a Json>, read: fn(&Json) -> Option<T>) -> impl Iterator<Item = T> + use<'a, T> {
    let values = part.map_or(&[][..], |part| part.list().unwrap_or(std::slice::from_ref(part)));
    values.iter().filter_map(read)
}

fn pair<A, B>(row: &Json, first: fn(&Json) -> Option<A>, second: fn(&Json) -> Option<B>) -> Option<(A, B)> {
    let [one, other] = row.list()? else { return None };
    Some((first(one)?, second(other)?))
}

fn mark(json: &Json) -> Option<u64> {
    u64::from_str_radix(json.text()?, 16).ok()
}

/// The bytes of the file.
pub(super) fn render(memory: &Memory) -> Vec<u8> {
    let mut bounded = memory.clone();
    bounded.bound();
    let Memory { sample_roll, throttle_day, seen, rolling, active, gone, counts, others } = bounded;
    let hex = |mark: u64| Json::of(format!("{mark:016x}"));
    let seen = Json::List(seen.into_iter().map(hex).collect());
    let mut document = vec![
        ("version".to_owned(), Json::number(VERSION)),
        ("sample_roll".to_owned(), Json::or_null(sample_roll.map(SampleRoll::json))),
        ("throttle".to_owned(), Json::object([("day", Json::number(throttle_day)), ("seen", seen)])),
    ];
    let rolling = rolling.into_iter().map(|(mark, expires)| Json::List(vec![hex(mark), Json::number(expires)]));
    let mut add = |name: &str, values: Vec<Json>| document.push((name.to_owned(), Json::List(values)));
    add("rolling", rolling.collect());
    add(ACTIVE, active.into_iter().map(ActiveDays::json).collect());
    add("gone", gone.into_iter().map(Gone::json).collect());
    if !counts.is_empty() {
        let row = |(counted, sum): (Counted, Sum)| Json::List(vec![counted.json(), sum.json()]);
        add(COUNTS, counts.into_iter().map(row).collect());
    }
    document.extend(others);
    Json::Object(document).render(false)
}
