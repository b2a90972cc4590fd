//! From the queue to the disk: the worker, one writer for each SDK, the small files of its folder.

#[cfg(not(compiled_out))]
#[cfg_attr(in_page, path = "write/caller_page.rs")]
pub(crate) mod caller;
#[cfg(not(compiled_out))]
pub(crate) mod files;
#[cfg(not(compiled_out))]
#[cfg_attr(in_page, path = "write/frame_buffer_page.rs")]
pub(crate) mod frame_buffer;
#[cfg(native)]
pub(crate) mod outbox;
#[cfg(all(test, native))]
#[path = "write/page_spool/contents.rs"]
mod page_contents;
#[cfg(in_page)]
pub(crate) mod page_spool;
#[cfg(native)]
pub(crate) mod removal;
#[cfg(not(compiled_out))]
pub(crate) mod silence;
#[cfg(native)]
pub(crate) mod spooled;
#[cfg(all(test, unix, native))]
pub(crate) mod test_kit;
#[cfg(not(compiled_out))]
#[cfg_attr(in_page, path = "write/worker_page.rs")]
pub(crate) mod worker;
#[cfg(native)]
pub(crate) mod worker_thread;
#[cfg(not(compiled_out))]
#[cfg_attr(in_page, path = "write/writer_page.rs")]
pub(crate) mod writer;
