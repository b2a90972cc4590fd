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
mod wrap;

pub(crate) use crate::hidden::clean;
