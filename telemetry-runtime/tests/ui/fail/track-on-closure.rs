// 3 messages: rustc allows no attribute on an expression and says so twice, without a repair; the third one is ours, which has it
#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::track_call;



fn main() {
    let get_auth = #[track_call]
    || 3;
    get_auth();
}
