// 2 mistakes.
#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::track_mount;

pub struct CardProps {
    component: Option<u8>,
    count: Option<u8>,
}

#[track_mount(props(component = props.component))]
pub fn card(props: &CardProps) {}

#[track_mount(kind = Counter, props(count = props.count.is_some()))]
pub fn pager(props: &CardProps) {}

fn main() {}
