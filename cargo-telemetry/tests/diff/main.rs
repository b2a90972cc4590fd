//! `diff`: every rule by a fixture, every key of a descriptor, what a user agrees to, files made up to break it, and
//! the command.

mod command;
mod complete;
mod digests;
mod hostile;
mod rules;
mod snippets;
