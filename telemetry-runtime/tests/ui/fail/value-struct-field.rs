use telemetry_runtime::TelemetryValue;

#[derive(TelemetryValue)]
pub struct Theme {
    size: u8,
}

fn main() {}
