use telemetry_runtime::{Sdk, sdk};

pub static TELEMETRY: Sdk = sdk! {
};

fn main() {}
