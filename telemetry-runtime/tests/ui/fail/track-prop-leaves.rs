// 3 mistakes
#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::track_mount;

#[track_mount(props(wide = wide?, tall = tall.ready().await, named = if label.is_empty() { return None } else { true }))]
pub async fn counter(wide: Option<bool>, tall: Tall, label: &str) -> Option<u8> {
    let _ = (wide, tall, label);
    None
}

pub struct Tall;

impl Tall {
    async fn ready(&self) -> bool {
        true
    }
}

fn main() {}
