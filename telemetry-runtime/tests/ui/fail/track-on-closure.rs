// 3 mistakes: rustc allows no attribute here, and says so twice
#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::track_call;



fn main() {
    let get_auth = #[track_call]
    || 3;
    get_auth();
}
