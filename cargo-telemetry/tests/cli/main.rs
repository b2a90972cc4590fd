//! The command line from the outside: what is printed, what is written, how it ends.

mod baseline;
mod builds;
mod debian;
mod exceptions;
mod formats;
mod help;
mod hidden;
mod init;
mod kit;
mod library;
mod lock;
mod lock_damage;
mod manifests;
mod manners;
mod matrix;
mod packages;
mod rules;
mod services;
mod transcript;
