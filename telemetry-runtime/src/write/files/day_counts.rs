//! How often counters were recorded on days that are not over: a part of `memory.json`.
//!
//! Each row is an event with a hole for its number, so whatever version of the program runs when the day is over sends what was
//! recorded, under the version that recorded it. The event's id is made with the row: should a crash come between its
//! append and the removal of its row, the event is appended again under the same id.

use telemetry_schema::json::Json;
use telemetry_spool::Digest;

use crate::base::collections::BTreeMap;
use crate::{
    base::{
        limits::{COUNT_BYTES, KEPT_DAYS},
        needs,
    },
    declare::value::CountBucket,
};

/// What is counted: events that agree in this are one row, whichever process recorded them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Counted {
    /// The UTC day, in days since 1970-01-01.
    pub(crate) day: u32,
    /// The program, by the name of its spool: events are sent by the program that recorded them.
    pub(crate) host: String,
    /// Where it goes, in hexadecimal.
    pub(crate) destination: String,
    /// What the user has agreed to, in hexadecimal.
    pub(crate) digest: String,
    /// The wire format, by its code.
    pub(crate) kind: u8,
    /// What is sent before the number.
    pub(crate) before: String,
    /// What is sent behind the id.
    pub(crate) after: String,
}

/// How often; and what stands behind the number to the end of the id of the event that will say so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Sum {
    pub(crate) count: u64,
    pub(crate) id: String,
}

/// The rows.
pub(crate) type DayCounts = BTreeMap<Counted, Sum>;

impl Sum {
    /// Reads it from `memory.json`.
    pub(crate) fn read(json: &Json) -> Option<Self> {
        Some(Self { count: json.get("count")?.unsigned()?, id: json.text_of("id")? })
    }

    /// As it stands there.
    pub(crate) fn json(self) -> Json {
        Json::object([("count", Json::number(self.count)), ("id", Json::of(self.id))])
    }
}

impl Counted {
    /// Reads it from `memory.json`.
    pub(crate) fn read(json: &Json) -> Option<Self> {
        Some(Self {
            day: json.get("day")?.unsigned_32()?,
            host: json.text_of("host")?,
            destination: json.text_of("destination")?,
            digest: json.text_of("digest")?,
            kind: json.get("kind")?.unsigned()?.try_into().ok()?,
            before: json.text_of("before")?,
            after: json.text_of("after")?,
        })
    }

    /// As it stands there.
    pub(crate) fn json(self) -> Json {
        let Self { day, host, destination, digest, kind, before, after } = self;
        Json::object([
            ("day", Json::number(day)),
            ("host", Json::of(host)),
            ("destination", Json::of(destination)),
            ("digest", Json::of(digest)),
            ("kind", Json::number(kind)),
            ("before", Json::of(before)),
            ("after", Json::of(after)),
        ])
    }

    /// The digest of what the user has agreed to, and where it goes; `None` in a row that nobody of ours has written.
    pub(crate) fn digests(&self) -> Option<(Digest, Digest)> {
        let digest = |hex: &str| u128::from_str_radix(hex, 16).ok().map(u128::to_be_bytes);
        Some((digest(&self.digest)?, digest(&self.destination)?))
    }

    /// The event with its number, rounded down to a power of two.
    pub(crate) fn event(&self, count: &Sum) -> String {
        let number = CountBucket::of(count.count).number();
        format!("{}{number}{}{}", self.before, count.id, self.after)
    }

    /// The bytes of its row in the file, or a few more.
    fn bytes(&self) -> usize {
        let quoted = |text: &str| text.bytes().map(|byte| if byte < b' ' { 6 } else { 2 }).sum::<usize>();
        200 + self.host.len() + quoted(&self.before) + quoted(&self.after)
    }
}

/// Adds to a row, or makes it; `false` if there is no room for one more.
pub(crate) fn add(rows: &mut DayCounts, counted: &Counted, more: &Sum) -> bool {
    if let Some(row) = rows.get_mut(counted) {
        row.count = row.count.saturating_add(more.count);
        return true;
    }
    let has_room = bytes(rows) + counted.bytes() <= COUNT_BYTES;
    if has_room {
        rows.insert(counted.clone(), more.clone());
    }
    has_room
}

/// Adds rows, and leaves of `more` what is there now; answers how many calls there was no room for.
pub(crate) fn add_all(rows: &mut DayCounts, more: &mut DayCounts) -> u64 {
    let mut full = 0;
    more.retain(|counted, more| {
        let is_there = add(rows, counted, more);
        full += if is_there { 0 } else { more.count };
        is_there
    });
    full
}

/// Takes back what was added to a row.
pub(crate) fn take_back(rows: &mut DayCounts, counted: &Counted, count: u64) {
    if let Some(row) = rows.get_mut(counted) {
        row.count = row.count.saturating_sub(count);
    }
    rows.retain(|_, row| row.count > 0);
}

/// Forgets rows of programs that did not run again for as long as an event is kept.
pub(crate) fn forget_old(rows: &mut DayCounts, today: u32) {
    rows.retain(|counted, _| counted.day.saturating_add(KEPT_DAYS) >= today);
}

needs::part!(fn(&mut DayCounts) = bound);

/// Keeps to [`COUNT_BYTES`]: what a file that we have not written has beyond it goes, the latest days first.
fn bound(rows: &mut DayCounts) {
    while bytes(rows) > COUNT_BYTES {
        rows.pop_last();
    }
}

fn bytes(rows: &DayCounts) -> usize {
    rows.keys().map(Counted::bytes).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(day: u32, what: &str) -> Counted {
        Counted {
            day,
            host: "acme".into(),
            destination: "0f".into(),
            digest: "ff".into(),
            kind: 0,
            before: format!("{{\"event\":\"{what}\",\"payload\":{{\"count\":"),
            after: ",\"actor\":\"human\"}".into(),
        }
    }

    fn count(count: u64) -> Sum {
        Sum { count, id: "},\"id\":\"7\"".into() }
    }

    #[test]
    fn a_row_becomes_an_event_with_the_power_of_two_below() {
        let mut rows = DayCounts::new();
        assert!(add(&mut rows, &counted(1, "a"), &count(4)));
        assert!(add(&mut rows, &counted(1, "a"), &Sum { count: 3, id: "of another process".into() }));
        let (counted, row) = rows.first_key_value().unwrap();
        let event = "{\"event\":\"a\",\"payload\":{\"count\":4},\"id\":\"7\",\"actor\":\"human\"}";
        assert_eq!((row.count, counted.event(row).as_str()), (7, event));
        let mut of_four = [0; 16];
        of_four[15] = 0x0f;
        assert_eq!(counted.digests().unwrap().1, of_four);
    }

    #[test]
    fn rows_have_a_bound_and_an_end() {
        let mut rows = DayCounts::new();
        let mut there = 0;
        while add(&mut rows, &counted(20_000, &format!("event_{there}")), &count(1)) {
            there += 1;
        }
        assert!((100..400).contains(&there), "{there}");
        assert!(add(&mut rows, &counted(20_000, "event_0"), &count(1)), "what is there goes on");
        let mut more: DayCounts =
            [(counted(20_000, "event_1"), count(2)), (counted(20_000, "one_more"), count(3))].into();
        assert_eq!(add_all(&mut rows, &mut more), 3);
        assert_eq!(more, [(counted(20_000, "event_1"), count(2))].into(), "what a veto has to take back");
        take_back(&mut rows, &counted(20_000, "event_1"), 2);
        let row = |(counted, sum): (&Counted, &Sum)| Json::List(vec![counted.clone().json(), sum.clone().json()]);
        let file = Json::List(rows.iter().map(row).collect()).render(false).len();
        assert!(file <= COUNT_BYTES && file > COUNT_BYTES / 2, "{file}");
        take_back(&mut rows, &counted(20_000, "event_0"), 1);
        take_back(&mut rows, &counted(20_000, "event_1"), 1);
        assert_eq!(rows.len(), there - 1);
        forget_old(&mut rows, 20_000 + KEPT_DAYS);
        assert_eq!(rows.len(), there - 1);
        forget_old(&mut rows, 20_001 + KEPT_DAYS);
        assert!(rows.is_empty());
    }
}
