#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::track_mount;

#[track_mount(props("theme", wide = , theme, theme, other.is_some(), colour))]
pub fn counter(theme: Option<u8>, width: u32) {
    let _ = (theme, width);
}

fn main() {}

// 5 mistakes
