//! The reader and the search for traces: every format, hostile files, real programs.

mod absent;
mod between;
mod containers;
mod formats;
mod hidden;
mod hostile;
mod past_crashes;
mod python;
mod real;
mod samples;
mod texts;

use cargo_telemetry::reader::{Reading, inspect_bytes};

/// What the reader makes of these bytes; they must be a program.
#[track_caller]
fn inspect(bytes: &[u8]) -> Reading {
    inspect_bytes("sample", bytes).expect("a known format")
}

/// The names of the events that were read.
fn names(reading: &Reading) -> Vec<&str> {
    reading.manifest.events.iter().map(|event| event.event.as_str()).collect()
}

/// The faults as text.
fn faults(reading: &Reading) -> Vec<String> {
    reading.faults.iter().map(ToString::to_string).collect()
}
