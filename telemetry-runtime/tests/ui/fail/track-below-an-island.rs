#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::track_mount;

pub struct IslandProps {
    pub label: Option<u8>,
}

// What Leptos makes of an island.
#[allow(non_snake_case)]
#[track_mount(props(label, wide = label.is_some()))]
pub fn Island(props: IslandProps) {
    let serialized = String::new();
    let IslandProps { label } = props;
    let _ = (label, serialized);
}

fn main() {}
