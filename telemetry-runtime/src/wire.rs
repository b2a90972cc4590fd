//! How events and batches look on the wire: pure functions from what was recorded to bytes.

#[cfg(not(compiled_out))]
mod beside;
#[cfg(not(compiled_out))]
pub(crate) mod compress;
#[cfg(not(compiled_out))]
pub(crate) mod date;
#[cfg(not(compiled_out))]
pub(crate) mod envelope;
#[cfg(not(compiled_out))]
pub(crate) mod format;
#[cfg(not(compiled_out))]
#[cfg_attr(in_page, path = "wire/layout_page.rs")]
pub(crate) mod layout;
#[cfg(not(compiled_out))]
pub(crate) mod otlp;
#[cfg(any(in_page, all(test, native)))]
mod plain;
#[cfg(not(compiled_out))]
pub(crate) mod redact;
#[cfg(not(compiled_out))]
pub(crate) mod render;
