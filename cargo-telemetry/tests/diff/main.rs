//! `diff`: every rule by a fixture, every key of a descriptor, what a user agrees to, and files made up to break it.

mod complete;
mod digests;
mod hostile;
mod rules;
mod snippets;
