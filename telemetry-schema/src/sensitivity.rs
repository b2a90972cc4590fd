use serde::{Deserialize, Serialize};

/// How close a field comes to a person; ordered from technical to personal.
///
/// The first two follow the data categories that Mozilla's Glean asks of every metric; the last two mark what links
/// events of one installation and what may hold personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sensitivity {
    /// Facts about software and machine: versions, operating system.
    Technical,
    /// Which part of the product was used and how.
    Interaction,
    /// A keyed hash that links events of one installation for a while.
    Pseudonymous,
    /// May hold personal data: free text.
    Personal,
}
