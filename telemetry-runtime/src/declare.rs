//! What an author writes, and what the compiler makes of it: SDKs, events, fields, the registry. Knows of no decision.

pub(crate) mod command;
#[cfg(not(compiled_out))]
pub(crate) mod configuration;
pub mod instance;
pub(crate) mod no_sdk;
#[cfg(not(compiled_out))]
#[cfg_attr(in_page, path = "declare/per_sdk/page.rs")]
pub(crate) mod per_sdk;
pub(crate) mod presence;
#[cfg(not(compiled_out))]
pub(crate) mod registry;
pub(crate) mod registry_types;
#[cfg(not(compiled_out))]
pub(crate) mod sampling;
#[cfg(not(compiled_out))]
pub(crate) mod sdk;
#[cfg(not(compiled_out))]
pub(crate) mod section;
#[cfg(not(compiled_out))]
pub(crate) mod sink;
pub mod transport;
#[cfg(not(compiled_out))]
pub(crate) mod used;
#[cfg(not(compiled_out))]
pub(crate) mod value;
pub(crate) mod wrapper;
