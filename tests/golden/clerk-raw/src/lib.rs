//! The events that goldens record without a helper (`input.steps[].op` is `record`), declared as an author would.
//!
//! The build script reads every file of `golden/data` and declares an SDK for each file with such events: [`shape`] says
//! what fields they have, and what cannot be declared.

use serde_json::Value;
use telemetry_runtime::Sdk;

pub mod shape;

/// The SDK of one golden.
pub struct Case {
    /// The file's name without `.json`.
    pub name: &'static str,
    /// Its SDK.
    pub sdk: &'static Sdk,
    /// Records an event; false if none of this name is declared.
    pub record: fn(&Value) -> bool,
}

include!(concat!(env!("OUT_DIR"), "/cases.rs"));

/// The SDK of a golden, if one of its events can be declared.
pub fn case(name: &str) -> Option<&'static Case> {
    CASES.iter().find(|case| case.name == name)
}

/// The SDKs of all goldens.
pub fn sdks() -> impl Iterator<Item = &'static Sdk> {
    CASES.iter().map(|case| case.sdk)
}
