//! One file per command: its arguments, and the way from them to a result and an exit code.

pub(crate) mod absent;
pub(crate) mod check;
pub(crate) mod diff;
pub(crate) mod docs;
pub(crate) mod list;
pub(crate) mod lock;
pub(crate) mod schema;
pub(crate) mod show;
