//! The audit of telemetry events: from the bytes of a program to a list, a lock file, a difference, a page, a schema, or
//! the finding that there is no trace.
//!
//! Everything starts from a [`Manifest`](telemetry_schema::Manifest), which [`reader`] takes from a binary that is never
//! run. The commands of the program `cargo-telemetry` are thin: arguments in [`cli`], one file per command in
//! `commands/`, and the work in the modules of this library.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)
)]

pub mod absent;
mod arguments;
mod builds;
mod cargo;
mod check;
pub mod cli;
mod commands;
mod config;
mod daily;
pub mod diff;
pub mod exit_code;
mod failure;
mod files;
mod finding;
mod hidden;
mod init;
mod json;
pub mod json_schema;
pub mod limits;
pub mod lock;
mod output;
pub mod page;
pub mod payload;
mod programs;
pub mod reader;
mod report;
mod source;
mod watch;
mod wire;
pub mod words;
