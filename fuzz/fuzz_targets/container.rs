//! `absent` of any bytes: containers, images and texts, in each other.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| telemetry_fuzz::container(data));
