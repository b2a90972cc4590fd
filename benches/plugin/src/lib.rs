//! The cases of the benchmark `record` in a shared library.
#![allow(unsafe_code, reason = "a name for `dlsym`")]

/// Runs the case with this number so many times; the median in nanoseconds per call.
#[unsafe(no_mangle)]
pub extern "C" fn bench_plugin_run(case: usize, rounds: usize) -> f64 {
    telemetry_benches::record::run(telemetry_benches::record::CASES[case].0, rounds)
}
