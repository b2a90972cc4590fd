#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::track_mount;

#[track_mount(props(theme), present_with = given)]
pub fn sign_in(theme: Option<u8>) {
    let _ = theme;
}

fn given(theme: &Option<u8>) -> u8 {
    theme.unwrap_or(0)
}

fn main() {}
