//! A plugin that records. Its SDK and its event are those of the probe, as two versions of one SDK in one process would
//! have them. Every function takes a number and returns one, so that a host can call it by its name alone.
#![allow(unsafe_code, reason = "names for `dlsym`")]

use std::time::Duration;

use telemetry_runtime::{Options, Sdk, flush, record, sdk, shutdown, telemetry_event};

/// The probe's telemetry, once more.
pub static TELEMETRY: Sdk = sdk! {
    name: "probe",
    role: Library,
    default: On,
    env: "PROBE",
    env_aliases: ["PROBE_NO_TELEMETRY"],
    endpoint: "http://127.0.0.1:4318",
    wire: EventBatch { strict: false },
    docs: "https://probe.example/telemetry",
    operator: "Probe Inc.",
    contact: "privacy@probe.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
};

/// Something happened; every time.
#[telemetry_event(throttle = None)]
pub struct Happened {
    /// Its number in this run.
    #[telemetry(range = 0..=1_000_000)]
    number: u32,
}

/// Touches the library and records nothing; returns the length of the SDK's name.
#[unsafe(no_mangle)]
pub extern "C" fn plugin_touch(_: u64) -> u64 {
    TELEMETRY.name().len() as u64
}

/// Sends to this port from now on.
#[unsafe(no_mangle)]
pub extern "C" fn plugin_use_port(port: u64) -> u64 {
    TELEMETRY.configure(Options::new().loopback().loopback_port(u16::try_from(port).unwrap_or_default()));
    0
}

/// Records one event with this number.
#[unsafe(no_mangle)]
pub extern "C" fn plugin_record(number: u64) -> u64 {
    record!(Happened { number: u32::try_from(number).unwrap_or_default() });
    0
}

/// Delivers; returns how many events of this copy were sent so far, or `u64::MAX`.
#[unsafe(no_mangle)]
pub extern "C" fn plugin_flush(seconds: u64) -> u64 {
    let flushed = flush(Duration::from_secs(seconds));
    if flushed.is_ok() { TELEMETRY.status().ledger.sent } else { u64::MAX }
}

/// How many events this copy was offered so far.
#[unsafe(no_mangle)]
pub extern "C" fn plugin_offered(_: u64) -> u64 {
    TELEMETRY.status().ledger.offered
}

/// Delivers and ends; 0 if that went well.
#[unsafe(no_mangle)]
pub extern "C" fn plugin_shutdown(seconds: u64) -> u64 {
    u64::from(shutdown(Duration::from_secs(seconds)).is_err())
}
