//! What a user is told in a page: each event and the SDK in one part, by the digest that the compiler made; the same names as in `parts.rs`.
//! SHA-256 and all that takes a record apart would be a tenth of what a page loads. The price: an event or SDK of which a new version says
//! less than before is told again, too.

use super::Wanted;
use crate::declare::{sdk::SdkInfo, sdk::meta::EventMeta};

/// The one part of an event or an SDK.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parts {
    pub(crate) digest: u128,
}

/// Events as they are listed: a page looks at each of its few.
pub(super) fn distinct(events: Vec<Wanted>) -> Vec<Wanted> {
    events
}

pub(super) fn of_event(meta: &EventMeta) -> Parts {
    Parts { digest: meta.digest() }
}

pub(super) fn of_sdk(info: &SdkInfo) -> Parts {
    Parts { digest: info.digest }
}
