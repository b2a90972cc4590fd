//! What version 1.4.0 of the components tells of a dialog.

use telemetry_runtime::{record, telemetry_event};

/// A dialog was opened.
#[telemetry_event(throttle = None, sdk = crate::client::ui::TELEMETRY)]
struct DialogOpened {
    /// How many buttons it had.
    #[telemetry(range = 0..=10)]
    buttons: u8,
}

/// Opens a dialog.
pub(crate) fn open(buttons: u8) {
    record!(DialogOpened { buttons });
}
