//! What changed between two manifests, field by field, and for whom it matters.
//!
//! [`diff`] compares two manifests and answers with findings. What a finding means, how severe it is and what to do about
//! it is data: the tables in `diff/rules/`, from which `docs/diff-rules.md` is generated. Code decides only which rule
//! applies.
//!
//! Versions of crates and the place of a declaration are not compared: they change with every release, and a lock file
//! holds neither.

mod event;
mod finding;
mod manifest;
mod pair;
pub mod render;
pub mod rules;
mod sdk;
mod value;
mod words;

pub use finding::{Finding, Subject};
pub use manifest::{Side, diff, diff_sides};
pub use rules::{Id, Rule, Severity};
