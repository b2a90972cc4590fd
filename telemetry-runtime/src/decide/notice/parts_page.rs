//! What a user is told in a page: each event and the SDK in one part, by the digest that the compiler made; the same names as in `parts.rs`.
//! SHA-256 and all that takes a record apart would be a tenth of what a page loads. The price: an event or SDK of which a new version says
//! less than before is told again, too.

use telemetry_schema::digest::{Part, Told as Parts, What};

use crate::declare::{sdk::SdkInfo, sdk::meta::EventMeta};

/// The one part of an event.
pub(super) fn of_event(meta: &EventMeta) -> Parts {
    whole(meta.digest, What::Event)
}

/// The one part of an SDK.
pub(super) fn of_sdk(info: &SdkInfo) -> Parts {
    whole(info.digest, What::Sdk)
}

fn whole(digest: u128, what: What) -> Parts {
    Parts { digest, parts: vec![Part { digest, what }] }
}
