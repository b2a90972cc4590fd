//! The events and SDKs that are linked into this program: each says so itself before `main`.

use crate::declare::sdk::{Sdk, meta::EventMeta};

pub use inventory::submit as register_event;

/// An event in the list that the running program keeps of itself.
#[doc(hidden)]
#[derive(Debug)]
pub struct EventRegistration(pub &'static EventMeta);

inventory::collect!(EventRegistration);

/// An SDK in the same list.
#[doc(hidden)]
#[derive(Debug)]
pub struct SdkRegistration(pub Sdk);

inventory::collect!(SdkRegistration);

/// The events.
pub(crate) fn metas() -> Vec<&'static EventMeta> {
    inventory::iter::<EventRegistration>.into_iter().map(|registration| registration.0).collect()
}

/// The SDKs.
pub(crate) fn sdks() -> impl Iterator<Item = Sdk> {
    inventory::iter::<SdkRegistration>.into_iter().map(|registration| registration.0)
}
