//! No policy reaches a page; the same names as in `policy.rs`.

use crate::decide::answer::Answer;

/// All policies that hold for this page.
#[derive(Debug)]
pub(crate) struct Policies {
    /// Where the policy of the machine would be.
    pub(crate) machine_path: &'static str,
    pub(crate) machine: Option<PolicyFile>,
    pub(crate) project: [PolicyFile; 0],
}

impl Policies {
    pub(crate) const NONE: Self = Self { machine_path: "none reaches a page", machine: None, project: [] };
}

/// There is none.
#[derive(Debug)]
pub(crate) enum PolicyFile {}

/// What these say of an SDK.
pub(crate) fn strictest<'a>(files: impl IntoIterator<Item = &'a PolicyFile>, _sdk: &str) -> Option<Answer> {
    files.into_iter().map(|file| match *file {}).next()
}
