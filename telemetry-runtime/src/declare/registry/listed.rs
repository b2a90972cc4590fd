//! What is linked into a program, each once: what is registered, and what was used where registration does not work.

use telemetry_schema::order;

use crate::declare::{
    sdk::{
        Sdk, SdkInfo,
        meta::{EventMeta, linked},
    },
    used,
};

/// Every SDK of this program: those that are registered, and those that were used where registration does not work.
pub(crate) fn all_sdks() -> Vec<Sdk> {
    let mut sdks: Vec<Sdk> = linked::sdks().collect();
    sdks.extend(used::metas().map(|meta| meta.sdk));
    order::sort_by_key(&mut sdks, |sdk| std::ptr::from_ref(sdk.info));
    sdks.dedup_by_key(|sdk| std::ptr::from_ref(sdk.info));
    sdks
}

/// The declarations of all SDKs in this program.
pub(super) fn declared_sdks() -> Vec<&'static SdkInfo> {
    all_sdks().into_iter().map(|sdk| sdk.info).collect()
}

/// All events of this program: those that are registered, and those that were used where registration does not work.
pub(super) fn linked_metas() -> Vec<&'static EventMeta> {
    let mut metas = linked::metas();
    metas.extend(used::metas());
    // There may be ten thousand.
    metas.sort_unstable_by_key(|meta| std::ptr::from_ref(*meta));
    metas.dedup_by_key(|meta| std::ptr::from_ref(*meta));
    metas
}
