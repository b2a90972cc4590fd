use telemetry_runtime::TelemetryValue;

#[derive(TelemetryValue)]
pub enum Theme {
    Sized(#[telemetry(unbounded, reason = "sizes have no bound")] u64),
}

fn main() {}
