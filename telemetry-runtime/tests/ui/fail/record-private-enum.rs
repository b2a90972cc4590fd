// 1 mistake, only rustc can speak: the enum is the author's own
#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::record;

mod dialogs {
    #[derive(telemetry_runtime::TelemetryValue)]
    enum Dialog {
        Settings,
    }

    #[telemetry_runtime::telemetry_event]
    pub struct Opened {
        pub dialog: Dialog,
    }
}

fn main() {
    record!(dialogs::Opened { dialog: dialogs::Dialog::Settings });
}
