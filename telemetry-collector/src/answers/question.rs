//! The questions, as `query` and the page ask them.

use std::collections::BTreeSet;

use super::{Active, Events, FieldValue, Loss, Scope, Table, Version, active, events, fields, losses, versions};
use crate::store::{Read, StoreError};

/// What can be asked about an SDK.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Question {
    /// Active installations: sums of the flags of `active: Daily`.
    Active,
    /// Events by name, component and method, with what a sample tells of all.
    Events,
    /// Versions; those that nobody has added first.
    Versions,
    /// Values of fields, over all days that are asked about.
    Fields,
    /// What was refused, came twice or was lost on the way.
    Losses,
}

impl Question {
    /// All of them, in the order of the page.
    pub const ALL: [Self; 5] = [Self::Active, Self::Events, Self::Versions, Self::Fields, Self::Losses];

    /// The word for it, on the command line and in addresses.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Events => "events",
            Self::Versions => "versions",
            Self::Fields => "fields",
            Self::Losses => "losses",
        }
    }

    /// The answer about one SDK, of which these versions are known.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    pub fn ask(self, read: &mut dyn Read, scope: &Scope, known: &BTreeSet<String>) -> Result<Table, StoreError> {
        let (sdk, by) = (scope.sdk.as_str(), scope.by);
        Ok(match self {
            Self::Active => Active::table(sdk, by, &active(read, scope)?),
            Self::Events => Events::table(sdk, by, &events(read, scope)?),
            Self::Versions => Version::table(sdk, by, &versions(read, scope, known)?),
            Self::Fields => FieldValue::table(sdk, &fields(read, scope)?),
            Self::Losses => Loss::table(sdk, by, &losses(read, scope)?),
        })
    }
}
