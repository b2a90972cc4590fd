use telemetry_runtime::{OneOf, TelemetryValue};

#[derive(TelemetryValue)]
pub enum Theme {
    Dark,
    Named { builtin: bool },
}

fn main() {
    let _ = OneOf::<Theme>::parse("dark");
}

// 1 mistake, only rustc can speak: it is a method like any other
