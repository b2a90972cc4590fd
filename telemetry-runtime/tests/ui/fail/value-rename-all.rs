use telemetry_runtime::TelemetryValue;

#[derive(TelemetryValue)]
#[telemetry(rename_all = "Title Case")]
pub enum Theme {
    Dark,
}

fn main() {}
