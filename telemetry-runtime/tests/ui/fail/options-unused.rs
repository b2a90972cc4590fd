// 3 mistakes
#![deny(unused_must_use)]
use telemetry_runtime::{Options, exit_guard};

fn main() {
    Options::new();
    Options::new().enabled(false);
    exit_guard();
}
