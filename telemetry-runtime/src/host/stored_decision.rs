//! What the user decided, as it is stored.

use std::fmt;

use crate::decide::consent::Consent;

/// What the user decided, as the folder says it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoredDecision {
    /// The user has decided nothing.
    Undecided,
    /// The user has decided.
    Decided(Consent),
    /// There is a decision that cannot be read, for this reason. It counts as [`Consent::Off`].
    Unreadable(String),
}

impl StoredDecision {
    /// What it counts as; `None` where the user has decided nothing.
    #[cfg(native)]
    pub(crate) fn counts_as(&self) -> Option<Consent> {
        match self {
            Self::Undecided => None,
            Self::Decided(consent) => Some(*consent),
            Self::Unreadable(_) => Some(Consent::Off),
        }
    }
}

impl fmt::Display for StoredDecision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Undecided => f.write_str("undecided"),
            Self::Decided(Consent::On) => f.write_str("on"),
            Self::Decided(Consent::Local) => f.write_str("local"),
            Self::Decided(Consent::Off) => f.write_str("off"),
            Self::Unreadable(reason) => write!(f, "off, since the decision cannot be read: {reason}"),
        }
    }
}
