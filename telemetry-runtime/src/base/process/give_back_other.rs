//! Where nobody has tried how memory is given back.

use std::sync::atomic::AtomicU64;

/// Keeps it.
pub(crate) fn give_back(_words: &'static [AtomicU64]) {}
