//! From batches on disk to answers of the server. Asks `write` for what goes out, and is never asked by it.

#[cfg(not(compiled_out))]
pub(crate) mod delivery;
#[cfg(not(compiled_out))]
pub(crate) mod ending;
#[cfg(all(not(compiled_out), has_transport))]
pub(crate) mod http;
#[cfg(not(compiled_out))]
pub(crate) mod preview;
#[cfg(not(compiled_out))]
pub(crate) mod sent_log;
#[cfg(not(compiled_out))]
pub(crate) mod threads;
