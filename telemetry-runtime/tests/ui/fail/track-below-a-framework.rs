#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::track_mount;

pub struct CounterProps {
    pub label: Option<u8>,
    pub width: u32,
}

// What Leptos makes of a component.
#[allow(non_snake_case)]
#[track_mount(props(label, wide = width > 80))]
pub fn Counter(props: CounterProps) {
    let CounterProps { label, width } = props;
    let _ = (label, width);
}

fn main() {}
