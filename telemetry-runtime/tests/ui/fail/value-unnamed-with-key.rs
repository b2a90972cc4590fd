use telemetry_runtime::TelemetryValue;

#[derive(TelemetryValue)]
pub enum Theme {
    Named(#[telemetry(rename = "name")] bool),
}

fn main() {}
