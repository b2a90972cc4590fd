//! What is linked into a page: the same names as in `listed.rs`. Registration works there, and lists each once.

use crate::declare::sdk::{
    Sdk, SdkInfo,
    meta::{EventMeta, linked},
};

/// Every SDK of this page.
pub(crate) fn all_sdks() -> Vec<Sdk> {
    let mut sdks = Vec::new();
    linked::sdks().for_each(|sdk| sdks.push(sdk));
    sdks
}

/// The declarations of all SDKs in this page.
pub(super) fn declared_sdks() -> Vec<&'static SdkInfo> {
    let mut declared = Vec::new();
    linked::sdks().for_each(|sdk| declared.push(sdk.info));
    declared
}

/// All events of this page.
pub(super) fn linked_metas() -> Vec<&'static EventMeta> {
    linked::metas()
}
