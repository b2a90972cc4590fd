//! A real collector on loopback ports, asked over real connections.

mod answers;
mod clients;
mod deletion;
mod examples;
mod harness;
mod mutations;
mod otlp;
mod page;
mod public;
mod queries;
mod registry;
mod samples;
mod watch;
