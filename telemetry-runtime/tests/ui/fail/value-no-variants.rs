use telemetry_runtime::TelemetryValue;

#[derive(TelemetryValue)]
pub enum Theme {}

fn main() {}
