//! `memory` of a page: a line for each thing that is remembered; the same names as in `format.rs`. A line that cannot be read costs itself alone.
//!
//! ```text
//! telemetry-memory 1
//! roll <day> <value>
//! day <day>                         of the marks that follow
//! seen <mark>
//! rolling <mark> <tick>
//! gone <version> <endpoint>
//! active <JSON>                     as in memory.json, where a declaration needs it
//! counts <JSON>                     the same
//! ```
//!
//! Marks are 16 hexadecimal digits.

use telemetry_schema::{cut, digest, json::Json};

use super::{ACTIVE, COUNTS, Gone, Memory, SampleRoll};
use crate::{
    base::{
        limits::{ENDPOINTS, MEMORY_ENTRIES},
        needs,
    },
    write::files::{
        active_days::ActiveDays,
        day_counts::{Counted, Sum},
    },
};

/// Its key.
pub(crate) const NAME: &str = "memory";

const HEAD: &str = "telemetry-memory 1";

/// What the text of the key says. `None` if it is none of ours, or of another version.
pub(crate) fn parse(text: &[u8]) -> Option<Memory> {
    let mut lines = cut::lines(str::from_utf8(text).ok()?);
    if lines.next()? != HEAD {
        return None;
    }
    let mut memory = Memory::default();
    for line in lines {
        let _ = read(&mut memory, line);
    }
    memory.bound();
    Some(memory)
}

fn read(memory: &mut Memory, line: &str) -> Option<()> {
    let (word, rest) = cut::once(line, b' ')?;
    let pair = || cut::once(rest, b' ');
    match word {
        "roll" => {
            let (day, value) = pair()?;
            memory.sample_roll = Some(SampleRoll { day: small(day)?, value: small(value)? });
        }
        "day" => memory.throttle_day = small(rest)?,
        // Marks of a day that nobody knows are none.
        "seen" if memory.throttle_day != 0 => {
            memory.seen.insert(mark(rest)?);
        }
        "rolling" => {
            let (one, expires) = pair()?;
            memory.rolling.insert(mark(one)?, small(expires)?);
        }
        "gone" => {
            let (version, endpoint) = pair()?;
            memory.gone.push(Gone { endpoint: endpoint.to_owned(), version: version.to_owned() });
        }
        ACTIVE | COUNTS => match if word == ACTIVE { active::needed() } else { counts::needed() } {
            Some(lines) => (lines.read)(memory, rest)?,
            // What nothing here needs stays as it is.
            None => memory.others.push((word.to_owned(), Json::of(rest))),
        },
        _ => {}
    }
    Some(())
}

fn small(number: &str) -> Option<u32> {
    cut::number_of(number.as_bytes())?.try_into().ok()
}

fn mark(digits: &str) -> Option<u64> {
    digest::of_hex(digits)?.try_into().ok()
}

fn add_number(text: &mut String, before: &str, number: u32) {
    text.push_str(before);
    cut::push_number(text, number.into());
}

fn add_mark(text: &mut String, before: &str, mark: u64) {
    text.push_str(before);
    text.push_str(digest::hex(mark.into()).get(16..).unwrap_or_default());
}

/// The text of the key.
pub(super) fn render(memory: &Memory) -> Vec<u8> {
    let mut text = HEAD.to_owned();
    if let Some(SampleRoll { day, value }) = memory.sample_roll {
        add_number(&mut text, "\nroll ", day);
        add_number(&mut text, " ", value);
    }
    add_number(&mut text, "\nday ", memory.throttle_day);
    for mark in memory.seen.iter().take(MEMORY_ENTRIES) {
        add_mark(&mut text, "\nseen ", *mark);
    }
    for (mark, expires) in memory.rolling.iter().take(MEMORY_ENTRIES) {
        add_mark(&mut text, "\nrolling ", *mark);
        add_number(&mut text, " ", *expires);
    }
    for Gone { endpoint, version } in memory.gone.iter().skip(memory.gone.len().saturating_sub(ENDPOINTS)) {
        cut::push(&mut text, &["\ngone ", version, " ", endpoint]);
    }
    for lines in [active::needed(), counts::needed()].into_iter().flatten() {
        (lines.add)(&mut text, memory);
    }
    for (word, rest) in &memory.others {
        cut::push(&mut text, &["\n", word, " ", rest.text().unwrap_or_default()]);
    }
    text.push('\n');
    text.into_bytes()
}

/// Lines that only some declarations need.
pub(crate) struct Lines {
    read: fn(&mut Memory, &str) -> Option<()>,
    add: fn(&mut String, &Memory),
}

/// `active`
pub(crate) mod active {
    use super::{ACTIVE, ActiveDays, Json, Lines, add, needs};

    needs::part!(&'static Lines = &Lines {
        read: |memory, rest| {
            memory.active.push(ActiveDays::read(&Json::parse(rest.as_bytes())?)?);
            Some(())
        },
        add: |text, memory| memory.active.iter().for_each(|days| add(text, ACTIVE, days.clone().json())),
    });
}

/// `counts`
pub(crate) mod counts {
    use super::{COUNTS, Counted, Json, Lines, Sum, add, needs};

    needs::part!(&'static Lines = &Lines {
        read: |memory, rest| {
            let row = Json::parse(rest.as_bytes())?;
            let [counted, sum] = row.list()? else { return None };
            memory.counts.insert(Counted::read(counted)?, Sum::read(sum)?);
            Some(())
        },
        add: |text, memory| {
            let rows =
                memory.counts.iter().map(|(counted, sum)| Json::List(vec![counted.clone().json(), sum.clone().json()]));
            rows.for_each(|row| add(text, COUNTS, row));
        },
    });
}

fn add(text: &mut String, word: &str, json: Json) {
    let json = String::from_utf8(json.render(false)).unwrap_or_default();
    cut::push(text, &["\n", word, " ", &json]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_reads_back_as_documented() {
        let gone = |version: &str| Gone { endpoint: "https://t.example/a b".to_owned(), version: version.to_owned() };
        let memory = Memory {
            sample_roll: Some(SampleRoll { day: 20_000, value: u32::MAX }),
            throttle_day: 20_000,
            seen: [1, u64::MAX].into(),
            rolling: [(7, 480_000)].into(),
            gone: vec![gone("1.0.0"), gone("1.1.0")],
            ..Memory::default()
        };
        let text = render(&memory);
        assert_eq!(
            str::from_utf8(&text).unwrap(),
            "telemetry-memory 1\nroll 20000 4294967295\nday 20000\nseen 0000000000000001\nseen ffffffffffffffff\n\
             rolling 0000000000000007 480000\ngone 1.0.0 https://t.example/a b\ngone 1.1.0 https://t.example/a b\n"
        );
        assert_eq!(parse(&text), Some(memory));
        assert_eq!(parse(&render(&Memory::default())), Some(Memory::default()));
    }

    #[test]
    fn what_was_counted_and_active_days_read_back() {
        let active = Json::parse(br#"{"destination":"00ff","last_day":20000,"first_day":19000}"#).unwrap();
        let memory = Memory { active: ActiveDays::read(&active).into_iter().collect(), ..Memory::default() };
        assert_eq!(memory.active.len(), 1);
        assert_eq!(parse(&render(&memory)), Some(memory));
    }

    #[test]
    fn what_cannot_be_read_costs_itself_and_nothing_else() {
        let text = "telemetry-memory 1\nroll 1\nday x\nseen 01\nseen\nrolling 0000000000000007 9\nrolling y 9\ngone 1.0.0\nlater 1\nactive {\n";
        assert_eq!(parse(text.as_bytes()), Some(Memory { rolling: [(7, 9)].into(), ..Memory::default() }));
        for text in ["", "{\"version\":1}", "telemetry-memory 2\nday 5\n"] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn a_full_memory_is_bounded() {
        let mut full = Memory::default();
        full.throttle_day = 1;
        full.seen = (0..10_000_u64).collect();
        full.rolling = full.seen.iter().map(|mark| (*mark, u32::MAX)).collect();
        full.gone = (0..99).map(|n| Gone { endpoint: "e".to_owned(), version: n.to_string() }).collect();
        let read = parse(&render(&full)).unwrap();
        assert_eq!((read.seen.len(), read.rolling.len(), read.gone.len()), (MEMORY_ENTRIES, MEMORY_ENTRIES, ENDPOINTS));
        assert_eq!(read.gone.last(), full.gone.last());
    }
}
