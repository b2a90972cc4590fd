use telemetry_runtime::TelemetryValue;

#[derive(TelemetryValue)]
pub enum Theme {
    #[telemetry(rename = "")]
    Dark,
}

fn main() {}
