//! From the queue to the disk: the worker, one writer for each SDK, the small files of its folder.

#[cfg(not(compiled_out))]
pub(crate) mod caller;
#[cfg(not(compiled_out))]
pub(crate) mod files;
#[cfg(not(compiled_out))]
pub(crate) mod outbox;
#[cfg(not(compiled_out))]
pub(crate) mod removal;
#[cfg(not(compiled_out))]
pub(crate) mod silence;
#[cfg(not(compiled_out))]
pub(crate) mod spooled;
#[cfg(all(test, unix, not(compiled_out)))]
pub(crate) mod test_kit;
#[cfg(not(compiled_out))]
pub(crate) mod worker;
#[cfg(not(compiled_out))]
pub(crate) mod worker_thread;
#[cfg(not(compiled_out))]
pub(crate) mod writer;
