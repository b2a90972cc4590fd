//! What a program may ask: settings, status, the user's decision, veto, flush, shutdown, the end of the program, forks.
//!
//! Nobody has to ask anything: the first accepted event starts everything.

#[cfg(not(compiled_out))]
pub(crate) mod asked;
pub(crate) mod at_vendor;
pub(crate) mod consent_answer;
pub(crate) mod consent_watch;
pub(crate) mod erased;
#[cfg(not(compiled_out))]
#[cfg_attr(in_page, path = "host/page/exit.rs")]
pub(crate) mod exit;
pub(crate) mod flushed;
#[cfg(not(compiled_out))]
#[cfg_attr(in_page, path = "off/folders.rs")]
pub(crate) mod folders;
#[cfg(native)]
pub(crate) mod fork;
#[cfg(not(compiled_out))]
#[cfg_attr(in_page, path = "host/page/kept.rs")]
mod kept;
#[cfg(not(compiled_out))]
#[cfg_attr(in_page, path = "host/page/lifecycle.rs")]
pub(crate) mod lifecycle;
#[cfg(in_page)]
#[path = "host/page/options.rs"]
mod options;
#[cfg(native)]
mod prompt;
#[cfg(not(compiled_out))]
pub(crate) mod sdk;
pub(crate) mod status;
pub(crate) mod stored_decision;
#[cfg(not(compiled_out))]
pub(crate) mod veto;
#[cfg(in_page)]
#[path = "host/page/watch.rs"]
mod watch;
