//! JSON as all commands write it.

use serde::Serialize;

use crate::hidden;

/// Two spaces of indentation and a line end, as in a manifest.
pub(crate) fn document(value: &impl Serialize) -> String {
    // Nothing here is beyond JSON; an empty document would only hide a fault of serde.
    let mut text = hidden::in_json(&serde_json::to_string_pretty(value).unwrap_or_default());
    text.push('\n');
    text
}
