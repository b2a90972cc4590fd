//! What the runtime has to know of the process it lives in: that a fork may copy it, that a `dlclose` may unmap it, and
//! that its threads must not take the host's signals.
//!
//! These are the only places of the crate with `unsafe` code; each is one call of the C library, or one pointer, with its
//! reason beside it. Nothing here happens before the first accepted event: [`enter`] is called when it comes.
//!
//! | file | keeps |
//! | --- | --- |
//! | `fork.rs` | the handler that silences a forked child, and the question whether this is one |
//! | `local.rs` | values of which every process has its own: locks, above all |
//! | `list.rs` | lists that the handler can read |
//! | `give_back.rs` | memory of statics that is not used any more |
//! | `inside.rs` | whether this thread is in our code, where nothing that is recorded is an event; the number of this thread |
//! | `descriptors.rs` | our open files, so that a child can close its copies, and that none is taken for one of the host's |
//! | `lock.rs` | exclusive locks on open files |
//! | `started_as.rs` | the file name that this program was started under |
//! | `privilege.rs` | whether this program has rights that its user does not have |
//! | `nodelete.rs` | the shared library that holds us, for as long as the process lives |
//! | `thread.rs` | threads that leave all signals to the host |
//! | `write.rs` | writes that raise no signal in the host |

#[cfg_attr(unix, path = "process/descriptors.rs")]
#[cfg_attr(not(unix), path = "process/descriptors_other.rs")]
mod descriptors;
#[cfg_attr(unix, path = "process/fork.rs")]
#[cfg_attr(not(unix), path = "process/fork_other.rs")]
mod fork;
#[cfg_attr(any(target_os = "linux", target_os = "android"), path = "process/give_back.rs")]
#[cfg_attr(not(any(target_os = "linux", target_os = "android")), path = "process/give_back_other.rs")]
mod give_back;
mod inside;
mod list;
mod local;
#[cfg_attr(unix, path = "process/lock.rs")]
#[cfg_attr(not(unix), path = "process/lock_other.rs")]
mod lock;
mod nodelete;
mod privilege;
mod started_as;
#[cfg_attr(unix, path = "process/thread.rs")]
#[cfg_attr(not(unix), path = "process/thread_other.rs")]
mod thread;
#[cfg_attr(unix, path = "process/write.rs")]
#[cfg_attr(not(unix), path = "process/write_other.rs")]
mod write;

pub(crate) use descriptors::Tracked;
pub(crate) use fork::{end_silence, is_forked, look_for_fork, on_fork};
pub(crate) use give_back::give_back;
pub(crate) use inside::{Inside, is_inside, stay_inside, thread_number};
pub(crate) use list::List;
pub(crate) use local::PerProcess;
pub(crate) use privilege::raised_by;
pub(crate) use started_as::started_as;
pub(crate) use thread::spawn;
pub(crate) use write::append_once;
#[cfg(unix)]
pub(crate) use write::{may_grow, without_signals};

/// Prepares this process for threads and files of ours: from here on the library that holds us stays, and a child of a
/// fork falls silent. Called with the first accepted event, before anything is started or opened for it; later calls do
/// nothing.
pub(crate) fn enter() {
    fork::register(nodelete::pin);
}

#[cfg(test)]
mod tests;
