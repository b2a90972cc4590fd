//! The collector: receives the batches of `telemetry-runtime`, holds each event against what its program declares, keeps what
//! was declared, and nothing else.
//!
//! [`serve::Collector`] is the running one. A request goes through [`ingest`], which asks the [`registry`] of SDKs what may come
//! in, and is answered when [`commit`] has it on disk in the [`store`]. The program `telemetry-collector` is thin: arguments in
//! [`cli`], one file per command in `commands/`.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)
)]

pub mod answers;
mod arguments;
pub mod cli;
pub mod clock;
mod commands;
pub mod commit;
pub mod config;
mod demo;
pub mod exit_code;
pub mod failure;
pub mod ingest;
pub mod metrics;
pub mod page;
pub mod published;
pub mod reason;
pub mod registry;
pub mod serve;
pub mod store;
pub mod watchers;
