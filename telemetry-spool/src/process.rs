//! What a queue on disk has to know of the process it lives in: that a fork may copy it, that the program may close its files,
//! and that a write may raise a signal.
//!
//! These are the only places of the crate with `unsafe` code; each is one call of the C library, or one pointer, with its
//! reason beside it. Nothing of it is needed to use a spool. A program that uses a spool may build on it.
//!
//! | file | keeps |
//! | --- | --- |
//! | `fork.rs` | the handler that silences a forked child, and the question whether this is one |
//! | `local.rs` | values of which every process has its own: locks, above all |
//! | `list.rs` | lists that the handler can read |
//! | `descriptors.rs` | our open files, so that a child can close its copies, and that none is taken for one of the program's |
//! | `lock.rs` | exclusive locks on open files |
//! | `write.rs` | writes that raise no signal in the program |

#[cfg_attr(unix, path = "process/descriptors.rs")]
#[cfg_attr(not(unix), path = "process/descriptors_other.rs")]
mod descriptors;
#[cfg_attr(unix, path = "process/fork.rs")]
#[cfg_attr(not(unix), path = "process/fork_other.rs")]
mod fork;
mod list;
#[cfg_attr(not(unix), path = "process/local_other.rs")]
mod local;
#[cfg_attr(unix, path = "process/lock.rs")]
#[cfg_attr(windows, path = "process/lock_other.rs")]
#[cfg_attr(not(any(unix, windows)), path = "process/lock_none.rs")]
mod lock;
#[cfg_attr(unix, path = "process/write.rs")]
#[cfg_attr(not(unix), path = "process/write_other.rs")]
mod write;

pub use descriptors::Tracked;
pub use fork::{FORKS, end_silence, is_forked, look_for_fork, on_fork, register};
pub use list::List;
pub use local::PerProcess;
pub use write::{append_once, append_parts};
#[cfg(unix)]
pub use write::{may_grow, takes_no_signal, without_signals};
