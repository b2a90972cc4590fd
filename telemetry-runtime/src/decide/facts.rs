//! What the layers of the gate are asked about. Whoever asks has read it: variables in `base/environment.rs`, files in `write/`.

use crate::{
    base::environment::Environment,
    decide::{consent::Consent, options::Options, policy::Policies},
    declare::sdk::SdkInfo,
};

/// What is known on the thread that records the first event.
#[derive(Debug)]
pub(crate) struct MemoryFacts<'a> {
    pub(crate) sdk: &'a SdkInfo,
    pub(crate) options: &'a Options,
    pub(crate) environment: &'a Environment,
    /// `veto_all` was called.
    pub(crate) vetoed: bool,
    /// `shutdown` was called.
    pub(crate) shut_down: bool,
    /// The user decided, and the decision could not be stored.
    pub(crate) refused: bool,
    /// The host lets a library report from its release builds.
    pub(crate) allow_release: bool,
    /// This process delivers what another one has recorded.
    pub(crate) delivers: bool,
}

/// What the files say that the gate wants to know.
#[derive(Debug)]
pub(crate) struct FileFacts<'a> {
    pub(crate) sdk: &'a SdkInfo,
    pub(crate) policies: &'a Policies,
    /// The server has stopped this version.
    pub(crate) gone: bool,
    pub(crate) consent: &'a StoredConsent,
    /// Nothing is recorded of a user who has decided nothing: a page in production.
    pub(crate) opt_in: bool,
}

/// What the state folder holds of the user's decision.
#[derive(Debug, Clone)]
pub(crate) enum StoredConsent {
    /// There is no folder to keep a decision in.
    NoFolder(String),
    /// A decision exists but cannot be read.
    Unreadable(String),
    /// The user decided nothing.
    Undecided,
    /// The user decided.
    Decided(Consent),
}
