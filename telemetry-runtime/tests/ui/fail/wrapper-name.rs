use telemetry_runtime::{Wrapper, wrapper};

pub const WRAPPER: Wrapper = wrapper!("acme next");

fn main() {}
