#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::{prop_set, track_mount};

prop_set! { APPEARANCE: appearance, theme }

#[track_mount(props(theme, ..APPEARANCE))]
pub fn sign_in(appearance: bool, theme: bool) {
    let _ = (appearance, theme);
}

fn main() {}
