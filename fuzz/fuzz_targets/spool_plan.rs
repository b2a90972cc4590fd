#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    telemetry_runtime::fuzzing::plan(bytes);
    telemetry_runtime::fuzzing::name(bytes);
});
