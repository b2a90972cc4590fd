#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::track_mount;

pub struct Props {
    pub label: Option<u8>,
}

#[track_mount(props(label))]
pub fn counter(props: &Props) {
    let _ = props;
}

fn main() {}
