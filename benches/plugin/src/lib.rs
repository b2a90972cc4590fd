//! The cases of the benchmark `record` in a shared library.
#![allow(unsafe_code, reason = "a name for `dlsym`")]

// The source and not the crate: `cargo package` finds no dependency that is published nowhere.
#[path = "../../src/lib.rs"]
pub mod benches;

pub use benches::{STRICT, TELEMETRY};

/// Runs the case with this number so many times; the median in nanoseconds per call.
#[unsafe(no_mangle)]
pub extern "C" fn bench_plugin_run(case: usize, rounds: usize) -> f64 {
    benches::record::run(benches::record::CASES[case].0, rounds)
}
