use telemetry_runtime::TelemetryValue;

#[derive(TelemetryValue)]
pub enum Theme {
    Dark,
    #[telemetry(rename = "Dark")]
    Night,
}

fn main() {}
