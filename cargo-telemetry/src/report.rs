//! How manifests look to people and programs.

pub(crate) mod capacity;
pub(crate) mod check;
mod github;
pub(crate) mod json;
pub(crate) mod markdown;
mod place;
mod sarif;
pub(crate) mod show;
pub(crate) mod text;
pub(crate) mod words;
mod wrap;

pub(crate) use crate::hidden::clean;

/// `1 event`, `2 events`.
pub(crate) fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
