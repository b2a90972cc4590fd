// 7 mistakes
#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::track_mount;

#[track_mount(props(width == 3, width > 80, is_wide(width), label && true, crate::is_wide(width), matches!(width, 3), -width))]
pub fn counter(width: u32, label: bool) {
    let _ = (width, label);
}

fn main() {}
