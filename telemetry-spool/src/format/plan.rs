//! Plans: which frames go into one request. Nothing is copied: a plan names ranges of segments.
//!
//! ```text
//! TLMPLN2
//! 0198c0de-0000-7000-8000-000000000000 16 912 3 1a2b3c4d     segment, first byte, bytes, frames, CRC-32C of these bytes
//! = 5e6f7081                                                 CRC-32C of all lines before
//! ```
//!
//! The name of a plan is the key of its request. It is `<key>.plan` until the request has its end, and `<key>.done` from then
//! until the segments it names are gone. Frames that end without a request stand in a `.done` of their own.

use std::{collections::BTreeMap, fmt::Write as _};

use crate::{format::crc32c::crc32c, uuid::unix_ms_of};

const MAGIC: &str = "TLMPLN2\n";

/// Whole frames of one segment, one behind the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Range {
    /// The id of the segment.
    pub(crate) segment: String,
    /// The first byte.
    pub(crate) at: u64,
    /// Bytes.
    pub(crate) len: u64,
    pub(crate) frames: u32,
    /// The checksum of these bytes; 0 where nobody reads them any more.
    pub(crate) crc: u32,
}

impl Range {
    /// Its line in a file.
    pub(crate) fn push_line(&self, text: &mut String) {
        let Self { segment, at, len, frames, crc } = self;
        let _ = writeln!(text, "{segment} {at} {len} {frames} {crc:08x}");
    }

    pub(crate) fn parse(line: &str) -> Option<Self> {
        let mut words = line.split(' ');
        let segment = words.next().filter(|segment| unix_ms_of(segment).is_some())?.to_owned();
        let mut number = || words.next()?.parse::<u64>().ok();
        let (at, len, frames) = (number()?, number()?, u32::try_from(number()?).ok()?);
        let crc = u32::from_str_radix(words.next()?, 16).ok()?;
        at.checked_add(len)?;
        words.next().is_none().then_some(Self { segment, at, len, frames, crc })
    }
}

/// The ranges of one request, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) ranges: Vec<Range>,
}

impl Plan {
    /// Adds a frame with its bytes behind the others.
    pub(crate) fn push(&mut self, segment: &str, at: u64, bytes: &[u8]) {
        let len = bytes.len() as u64;
        match self.ranges.last_mut() {
            Some(last) if last.segment == segment && last.at + last.len == at => {
                last.len += len;
                last.frames += 1;
                last.crc = super::crc32c::extend(last.crc, bytes);
            }
            _ => self.ranges.push(Range { segment: segment.to_owned(), at, len, frames: 1, crc: crc32c(bytes) }),
        }
    }

    /// Adds frames that stand one behind the other, all at once.
    pub(crate) fn push_all(&mut self, segment: &str, at: u64, frames: u32, bytes: &[u8]) {
        let (segment, len) = (segment.to_owned(), bytes.len() as u64);
        self.ranges.push(Range { segment, at, len, frames, crc: crc32c(bytes) });
    }

    /// Where it stands among others: the first of its frames.
    pub(crate) fn position(&self) -> (&str, u64) {
        self.ranges.first().map_or(("", 0), |range| (range.segment.as_str(), range.at))
    }

    /// Whether this byte of a segment is in it.
    pub(crate) fn has(&self, segment: &str, at: u64) -> bool {
        self.ranges.iter().any(|range| range.segment == segment && (range.at..range.at + range.len).contains(&at))
    }

    pub(crate) fn names(&self, segment: &str) -> bool {
        self.ranges.iter().any(|range| range.segment == segment)
    }

    /// The file's text.
    pub(crate) fn render(&self) -> String {
        let mut text = MAGIC.to_owned();
        self.ranges.iter().for_each(|range| range.push_line(&mut text));
        let sum = crc32c(text.as_bytes());
        let _ = writeln!(text, "= {sum:08x}");
        text
    }

    /// Reads a file's text; `None` if it is not whole.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (body, sum) = text.rsplit_once("= ")?;
        if sum.len() != 9 || u32::from_str_radix(sum.strip_suffix('\n')?, 16).ok()? != crc32c(body.as_bytes()) {
            return None;
        }
        let ranges = body.strip_prefix(MAGIC)?.lines().map(Range::parse);
        ranges.collect::<Option<Vec<_>>>().map(|ranges| Self { ranges })
    }
}

/// Bytes of segments that plans speak of.
#[derive(Debug, Clone, Default)]
pub(crate) struct Covered(BTreeMap<String, Vec<(u64, u64)>>);

impl Covered {
    /// Adds what a plan names.
    pub(crate) fn add(&mut self, plan: &Plan) {
        for range in &plan.ranges {
            let spans = self.0.entry(range.segment.clone()).or_default();
            spans.push((range.at, range.at + range.len));
            spans.sort_unstable();
            // Spans that touch become one, so that a look goes through few.
            spans.dedup_by(|next, last| {
                let touches = next.0 <= last.1;
                if touches {
                    last.1 = last.1.max(next.1);
                }
                touches
            });
        }
    }

    /// Whether this byte of a segment is among them.
    pub(crate) fn has(&self, segment: &str, at: u64) -> bool {
        has(self.of(segment), at)
    }

    /// Those of one segment, in their order: first byte, and the one behind the last.
    pub(crate) fn of(&self, segment: &str) -> &[(u64, u64)] {
        self.0.get(segment).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether all bytes from one to the other are.
    pub(crate) fn has_all(&self, segment: &str, from: u64, to: u64) -> bool {
        self.0.get(segment).is_some_and(|spans| spans.iter().any(|span| span.0 <= from && to <= span.1))
    }

    /// Whether any frame of a plan is among them.
    pub(crate) fn touches(&self, plan: &Plan) -> bool {
        plan.ranges.iter().any(|range| {
            let spans = self.0.get(&range.segment).map(Vec::as_slice).unwrap_or_default();
            spans.iter().any(|(from, to)| range.at < *to && *from < range.at + range.len)
        })
    }

    /// All of it as one plan, without checksums.
    pub(crate) fn as_plan(&self, wanted: impl Fn(&str) -> bool) -> Plan {
        let ranges = self.0.iter().filter(|(segment, _)| wanted(segment)).flat_map(|(segment, spans)| {
            spans.iter().map(|(from, to)| Range {
                segment: segment.clone(),
                at: *from,
                len: to - from,
                frames: 0,
                crc: 0,
            })
        });
        Plan { ranges: ranges.collect() }
    }
}

/// Whether this byte is among those of one segment.
pub(crate) fn has(spans: &[(u64, u64)], at: u64) -> bool {
    let behind = spans.partition_point(|(from, _)| *from <= at);
    behind.checked_sub(1).and_then(|last| spans.get(last)).is_some_and(|(_, to)| at < *to)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "0198c0de-0000-7000-8000-000000000000";
    const OTHER: &str = "0198c0df-0000-7000-8000-000000000000";

    fn plan() -> Plan {
        let mut plan = Plan::default();
        plan.push(ONE, 16, b"first");
        plan.push(ONE, 21, b"second");
        plan.push(ONE, 40, b"behind a gap");
        plan.push(OTHER, 16, b"elsewhere");
        plan
    }

    #[test]
    fn frames_side_by_side_are_one_range() {
        let ranges: Vec<_> = plan().ranges.iter().map(|range| (range.at, range.len, range.frames)).collect();
        assert_eq!(ranges, [(16, 11, 2), (40, 12, 1), (16, 9, 1)]);
        assert_eq!(plan().ranges[0].crc, crc32c(b"firstsecond"));
    }

    #[test]
    fn plans_read_back_and_damage_is_seen() {
        let text = plan().render();
        assert_eq!(Plan::parse(&text), Some(plan()));
        for place in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[place] ^= 1;
            assert_eq!(String::from_utf8(bytes).ok().and_then(|text| Plan::parse(&text)), None, "byte {place}");
            assert_eq!(Plan::parse(&text[..place]), None, "cut at {place}");
        }
    }

    #[test]
    fn what_is_covered() {
        let mut covered = Covered::default();
        covered.add(&plan());
        assert!(covered.has(ONE, 16) && covered.has(ONE, 26) && !covered.has(ONE, 27) && !covered.has(OTHER, 25));
        assert!(covered.has_all(ONE, 16, 27) && !covered.has_all(ONE, 16, 41));
        covered.add(&Plan { ranges: vec![Range { segment: ONE.to_owned(), at: 27, len: 13, frames: 1, crc: 0 }] });
        assert!(covered.has_all(ONE, 16, 52) && covered.touches(&plan()));
        assert!(!Covered::default().touches(&plan()));
        let all = covered.as_plan(|_| true);
        assert_eq!(all.ranges.len(), 2);
        assert_eq!(Plan::parse(&all.render()), Some(all));
    }
}
