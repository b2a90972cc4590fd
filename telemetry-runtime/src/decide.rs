//! The gate, and what it asks: from facts to a decision with its reasons.

pub(crate) mod answer;
pub(crate) mod consent;
pub(crate) mod exit_text;
#[cfg(not(compiled_out))]
pub(crate) mod facts;
pub(crate) mod finding;
#[cfg(not(compiled_out))]
pub(crate) mod gate;
#[cfg(not(compiled_out))]
pub(crate) mod guarded;
pub(crate) mod layer;
#[cfg(not(compiled_out))]
pub(crate) mod loopback;
#[cfg(not(compiled_out))]
pub(crate) mod notice;
pub(crate) mod notice_text;
pub(crate) mod options;
pub(crate) mod pause_text;
#[cfg(not(compiled_out))]
#[cfg_attr(in_page, path = "decide/policy_page.rs")]
pub(crate) mod policy;
#[cfg(not(compiled_out))]
pub(crate) mod settings;
