//! One file per command.

pub(crate) mod backup;
pub(crate) mod check;
pub(crate) mod demo;
pub(crate) mod erase;
pub(crate) mod export;
pub(crate) mod query;
mod remote;
pub(crate) mod sdk;
pub(crate) mod serve;
pub(crate) mod token;
pub(crate) mod watch;
