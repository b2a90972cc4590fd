use telemetry_runtime::TelemetryValue;

#[derive(TelemetryValue)]
pub struct Theme;

fn main() {}
