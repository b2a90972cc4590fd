use telemetry_runtime::telemetry_event;

#[telemetry_event]
pub struct Opened {
    yes: bool,
}

fn main() {}
