use telemetry_runtime::TelemetryValue;

#[derive(TelemetryValue)]
pub enum Theme {
    Named(std::rc::Rc<bool>),
}

fn main() {}
