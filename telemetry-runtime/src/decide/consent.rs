use std::fmt;

use serde::{Deserialize, Serialize};

/// What the user decided for one SDK.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Consent {
    /// Collect and send.
    On,
    /// Collect on this machine, send nothing.
    Local,
    /// Neither; what is spooled is deleted.
    Off,
}

/// Why a decision could not be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConsentError {
    /// There is no folder that lasts: no home folder, or one that cannot be written or trusted.
    NoFolder {
        /// What is wrong with it.
        reason: String,
    },
}

impl fmt::Display for ConsentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoFolder { reason } => write!(f, "no folder to keep the decision in: {reason}"),
        }
    }
}

impl std::error::Error for ConsentError {}
