#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::track_call;

#[track_call]
#[unsafe(naked)]
pub extern "C" fn get_auth() {
    core::arch::naked_asm!("ret")
}

fn main() {}
