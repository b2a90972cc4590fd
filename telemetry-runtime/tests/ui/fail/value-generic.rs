use telemetry_runtime::TelemetryValue;

#[derive(TelemetryValue)]
pub enum Theme<T> {
    Dark(T),
}

fn main() {}
