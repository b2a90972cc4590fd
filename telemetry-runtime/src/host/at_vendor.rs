//! What became of the user's wish that the vendor deletes what came with the ids of this installation.

#[cfg(native)]
mod ask;

use std::fmt;

use serde::Serialize;

use crate::{ConsentError, Erased};
#[cfg(native)]
use crate::{base::clock, write::files::installation_file::UsedId};

/// An id of this installation under which events were sent, where `sdk!` declares `identity`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct InstallationId {
    /// 32 hexadecimal digits. Whoever knows it can have deleted what came with it.
    pub id: String,
    /// The first UTC day of its epoch, such as `2026-11-22`.
    pub first_day: String,
    /// The last one.
    pub last_day: String,
    /// Everything else was erased here, and the vendor could not be asked yet: the last day on which it still can.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept_until: Option<String>,
    /// Events with it went to another endpoint, operator or transport than this program names: an earlier version sent them, or another
    /// SDK of this name. This program cannot ask there.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub elsewhere: bool,
}

#[cfg(native)]
impl InstallationId {
    pub(crate) fn of(used: &UsedId) -> Self {
        Self {
            id: used.id.clone(),
            first_day: clock::iso_day(used.first),
            last_day: clock::iso_day(used.last),
            kept_until: used.until.map(clock::iso_day),
            elsewhere: false,
        }
    }
}

impl fmt::Display for InstallationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, first_day, last_day, kept_until, elsewhere } = self;
        write!(f, "{id} ({first_day} to {last_day})")?;
        if *elsewhere {
            f.write_str(", sent elsewhere by an earlier version or another product of this name")?;
        }
        match kept_until {
            Some(day) => write!(f, ", to be deleted by the vendor; kept for that until {day}"),
            None => Ok(()),
        }
    }
}

/// What [`Sdk::erase_at_vendor`](crate::Sdk::erase_at_vendor) did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ErasedAtVendor {
    /// Ids that the vendor's server was asked for, and which it has answered with a 2xx.
    pub deleted: Vec<InstallationId>,
    /// The others. Those with [`elsewhere`](InstallationId::elsewhere) cannot be asked for by this program.
    pub not_deleted: Vec<InstallationId>,
    /// Why not, where there are any that the vendor's server could have been asked for.
    pub failure: Option<String>,
    /// What was removed on this machine; `None` where nothing was, because the ids that are left are needed to ask again.
    pub here: Option<Erased>,
}

/// Why the vendor was not asked, or this machine not cleared.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum AtVendorError {
    /// No event of this machine carried an id, to whatever place.
    NoId,
    /// A layer of the gate lets no request leave this machine.
    KeptOff {
        /// Which one, what it says and where that was found.
        layer: String,
    },
    /// The program was built without a client that could ask.
    NoClient,
    /// The vendor was asked, and what is on this machine cannot be removed or kept.
    NoFolder(ConsentError),
}

impl fmt::Display for AtVendorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoId => f.write_str(
                "no id of this machine was ever sent, so the vendor cannot tell what came from here; `erase` removes what is on this machine",
            ),
            Self::KeptOff { layer } => write!(
                f,
                "no request may leave this machine, by {layer}. Nothing was asked and nothing was changed. Lift it for this one command, or \
                 have whoever set it do so"
            ),
            Self::NoClient => f.write_str("this program was built without a client that could ask the vendor"),
            Self::NoFolder(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for AtVendorError {}
