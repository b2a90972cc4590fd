#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::telemetry_event;

mod dialogs {
    #[telemetry_runtime::telemetry_event]
    pub struct DialogOpened {
        yes: bool,
    }
}

#[telemetry_event(name = "dialog_opened")]
pub struct Opened {
    yes: bool,
}

fn main() {}
