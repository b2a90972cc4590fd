//! What version 1.5.0 of the components tells of a dialog: one field more.

use telemetry_runtime::{record, telemetry_event};

/// A dialog was opened.
#[telemetry_event(throttle = None, sdk = crate::client::ui::TELEMETRY)]
struct DialogOpened {
    /// How many buttons it had.
    #[telemetry(range = 0..=10)]
    buttons: u8,
    /// Whether it had a title.
    titled: bool,
}

/// Opens a dialog.
pub(crate) fn open(buttons: u8) {
    record!(DialogOpened { buttons, titled: buttons > 1 });
}
