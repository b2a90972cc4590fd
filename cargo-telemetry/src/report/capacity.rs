//! Payload capacity, per event and per day.

use std::fmt::Write as _;

use serde::Serialize;
use telemetry_schema::{EventDescriptor, Manifest};

use super::{clean, markdown::escape};
use crate::check::{
    capacity::{self, Capacity, Sends, rounded},
    sdk_of,
};

/// What a receiver learns beside what is counted.
pub(crate) const OUTSIDE: [&str; 3] = [
    "network address, time of arrival and TLS parameters",
    "what follows from linking events with each other",
    "the key of an instance and the sampling rate, which the host program sets for all its users",
];

/// The capacity of one event, for programs.
#[derive(Debug, Serialize)]
pub(crate) struct Line {
    event: String,
    payload_bits: Bits,
    bits_per_event: Bits,
    beside: Vec<Part>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sends_per_day: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bits_per_day: Option<Bits>,
}

/// Bits to three digits behind the point, rounded up.
#[derive(Debug, Clone, Copy, Serialize)]
struct Bits(f64);

impl From<f64> for Bits {
    fn from(bits: f64) -> Self {
        Self(((bits - 1e-9) * 1000.0).ceil().max(0.0) / 1000.0)
    }
}

#[derive(Debug, Serialize)]
struct Part {
    name: &'static str,
    bits: Bits,
}

/// All events.
pub(crate) fn lines(manifest: &Manifest) -> Vec<Line> {
    of_all(manifest).map(|(event, capacity)| line(event, &capacity)).collect()
}

fn of_all(manifest: &Manifest) -> impl Iterator<Item = (&EventDescriptor, Capacity)> {
    manifest.events.iter().map(|event| (event, capacity::of(event, sdk_of(event, manifest), manifest)))
}

fn line(event: &EventDescriptor, capacity: &Capacity) -> Line {
    Line {
        event: event.key(),
        payload_bits: capacity.payload.into(),
        bits_per_event: capacity.event().into(),
        beside: capacity.beside.iter().map(|&(name, bits)| Part { name, bits: bits.into() }).collect(),
        sends_per_day: match capacity.sends {
            Sends::AtMost(sends) => Some(sends),
            Sends::EveryTime | Sends::TooMany => None,
        },
        bits_per_day: capacity.day().map(Bits::from),
    }
}

/// The bound of one day in words.
fn day(capacity: &Capacity) -> String {
    match (capacity.sends, capacity.day()) {
        (Sends::AtMost(sends), Some(bits)) => {
            let times = if sends > 1.0 { "times" } else { "time" };
            format!("{} bits a day, sent at most {sends} {times}", rounded(bits))
        }
        (Sends::TooMany, _) => "no bound per day: too many distinct payloads".to_owned(),
        _ => "no bound per day: sent every time".to_owned(),
    }
}

/// One line per event, and what is outside.
pub(crate) fn text(manifest: &Manifest) -> String {
    let mut out = "capacity, as upper bounds:\n".to_owned();
    for (event, capacity) in of_all(manifest) {
        let (key, payload) = (event.key(), rounded(capacity.payload));
        let _ = writeln!(
            out,
            "  {}: {} bits an event, {payload} of them in its fields; {}",
            clean(&key),
            rounded(capacity.event()),
            day(&capacity)
        );
    }
    let _ = writeln!(out, "  outside: {}", OUTSIDE.join("; "));
    out
}

/// The same as a table.
pub(crate) fn markdown(manifest: &Manifest) -> String {
    let mut out = "| event | bits of its fields | bits an event | a day |\n| --- | --- | --- | --- |\n".to_owned();
    for (event, capacity) in of_all(manifest) {
        let (payload, total) = (rounded(capacity.payload), rounded(capacity.event()));
        let _ = writeln!(out, "| {} | {payload} | {total} | {} |", escape(&event.key()), day(&capacity));
    }
    let _ = writeln!(out, "\nUpper bounds. Outside of them: {}.", OUTSIDE.join("; "));
    out
}

/// Everything about one event, for `show`.
pub(crate) fn details(event: &EventDescriptor, manifest: &Manifest) -> String {
    let capacity = capacity::of(event, sdk_of(event, manifest), manifest);
    let beside: Vec<_> = capacity.beside.iter().map(|(name, bits)| format!("{} {name}", rounded(*bits))).collect();
    format!(
        "at most {} bits: {} in its fields; beside them {}; {}",
        rounded(capacity.event()),
        rounded(capacity.payload),
        beside.join(", "),
        day(&capacity)
    )
}
