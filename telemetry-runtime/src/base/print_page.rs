//! The console of a page; the same names as in `print.rs`.

use crate::base::{
    effects::{self, Effect},
    page,
};

/// Writes `text` for whoever asked for it: debug mode.
pub(crate) fn write(text: &str) -> bool {
    effects::note(Effect::Printed);
    page::console("log", text.trim_ascii_end());
    true
}

/// Tells the developer.
pub(crate) fn show(text: &str) -> bool {
    effects::note(Effect::Printed);
    page::console("info", text.trim_ascii_end());
    true
}
