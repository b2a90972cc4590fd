//! What the runtime has to know of the process it lives in: that a fork may copy it, that a `dlclose` may unmap it, and
//! that its threads must not take the host's signals. Forks, open files and writes are `telemetry_spool::process`.
//!
//! These are the only places of the crate with `unsafe` code; each is one call of the C library, or one pointer, with its
//! reason beside it. Nothing here happens before the first accepted event: [`enter`] is called when it comes.
//!
//! | file | keeps |
//! | --- | --- |
//! | `give_back.rs` | memory of statics that is not used any more |
//! | `inside.rs` | whether this thread is in our code, where nothing that is recorded is an event; the number of this thread |
//! | `lock.rs` | how a lock is taken |
//! | `started_as.rs` | the file name that this program was started under |
//! | `privilege.rs` | whether this program has rights that its user does not have |
//! | `nodelete.rs` | the shared library that holds us, for as long as the process lives |
//! | `thread.rs` | threads that leave all signals to the host |

#[cfg(native)]
#[cfg_attr(any(target_os = "linux", target_os = "android"), path = "process/give_back.rs")]
#[cfg_attr(not(any(target_os = "linux", target_os = "android")), path = "process/give_back_other.rs")]
mod give_back;
#[cfg_attr(in_page, path = "process/inside_page.rs")]
mod inside;
#[cfg_attr(in_page, path = "process/lock_page.rs")]
mod lock;
mod nodelete;
#[cfg(native)]
mod privilege;
#[cfg(native)]
mod started_as;
#[cfg(native)]
#[cfg_attr(unix, path = "process/thread.rs")]
#[cfg_attr(not(unix), path = "process/thread_other.rs")]
mod thread;

#[cfg(native)]
pub(crate) use give_back::give_back;
pub(crate) use inside::{Inside, is_inside, number_outside, thread_number};
#[cfg(native)]
pub(crate) use inside::{outside, stay_inside};
pub(crate) use lock::lock;
#[cfg(native)]
pub(crate) use privilege::raised_by;
#[cfg(native)]
pub(crate) use started_as::started_as;
pub(crate) use telemetry_spool::process::{FORKS, List, PerProcess, is_forked, look_for_fork, on_fork};
#[cfg(native)]
pub(crate) use telemetry_spool::process::{Tracked, end_silence};
#[cfg(unix)]
pub(crate) use telemetry_spool::process::{may_grow, without_signals};
#[cfg(native)]
pub(crate) use thread::spawn;

/// Prepares this process for threads and files of ours: from here on the library that holds us stays, and a child of a
/// fork falls silent. Called with the first accepted event, before anything is started or opened for it; later calls do
/// nothing.
pub(crate) fn enter() {
    telemetry_spool::process::register(nodelete::pin);
}

#[cfg(test)]
mod tests;
