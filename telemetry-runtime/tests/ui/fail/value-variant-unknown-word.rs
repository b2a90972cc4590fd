use telemetry_runtime::TelemetryValue;

#[derive(TelemetryValue)]
pub enum Theme {
    #[telemetry(skip)]
    Dark,
}

fn main() {}
