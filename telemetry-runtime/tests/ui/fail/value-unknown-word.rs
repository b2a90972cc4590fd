use telemetry_runtime::TelemetryValue;

#[derive(TelemetryValue)]
#[telemetry(rename = "other")]
pub enum Theme {
    Dark,
}

fn main() {}
