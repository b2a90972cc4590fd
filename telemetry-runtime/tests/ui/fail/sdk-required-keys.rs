use telemetry_runtime::{Sdk, sdk};

pub static TELEMETRY: Sdk = sdk! {
    name: "acme-ui",
};

fn main() {}
