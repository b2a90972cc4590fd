use telemetry_runtime::TelemetryValue;

#[derive(TelemetryValue)]
pub union Theme {
    dark: bool,
}

fn main() {}
