//! From batches on disk to answers of the server. Asks `write` for what goes out, and is never asked by it.

#[cfg(not(compiled_out))]
pub(crate) mod delivery;
#[cfg(native)]
pub(crate) mod ending;
#[cfg(all(native, has_transport))]
pub(crate) mod http;
#[cfg(native)]
pub(crate) mod preview;
#[cfg(any(in_page, has_transport))]
pub(crate) mod rejected;
#[cfg(native)]
pub(crate) mod sent_log;
#[cfg(not(compiled_out))]
#[cfg_attr(in_page, path = "send/threads_page.rs")]
pub(crate) mod threads;
