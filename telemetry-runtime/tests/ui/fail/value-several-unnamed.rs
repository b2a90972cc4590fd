use telemetry_runtime::TelemetryValue;

#[derive(TelemetryValue)]
pub enum Theme {
    Mixed(bool, bool),
}

fn main() {}
