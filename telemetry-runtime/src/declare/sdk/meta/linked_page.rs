//! The events and SDKs that are linked into this page: the same names as in `linked.rs`. Each says so itself when the module starts; for an event
//! that is one call, and no static of its own.

use std::{ptr, sync::Mutex};

use crate::{
    base::process::PerProcess,
    declare::sdk::{Sdk, meta::EventMeta},
};

pub use crate::__register_event as register_event;

/// Links an event when the module starts.
#[doc(hidden)]
#[macro_export]
macro_rules! __register_event {
    ($registration:expr) => {
        const _: () = {
            extern "C" fn link() {
                $registration.link();
            }
            #[used]
            #[unsafe(link_section = ".init_array")]
            static LINK: extern "C" fn() = link;
        };
    };
}

/// No page is forked.
static EVENTS: PerProcess<Mutex<Vec<&'static EventMeta>>> =
    PerProcess::new(Mutex::new(Vec::new()), |_| Mutex::new(Vec::new()));

/// An event that says that it is here.
#[doc(hidden)]
#[derive(Debug)]
pub struct EventRegistration(pub &'static EventMeta);

impl EventRegistration {
    /// Adds it to the list, once: the linker may have the beginning of a module run again.
    #[inline(always)]
    pub fn link(self) {
        link(self.0);
    }
}

#[inline(never)]
fn link(meta: &'static EventMeta) {
    if let Ok(mut events) = EVENTS.try_lock()
        && !events.iter().any(|known| ptr::eq(*known, meta))
    {
        events.push(meta);
    }
}

/// An SDK in a list of its own.
#[doc(hidden)]
#[derive(Debug)]
pub struct SdkRegistration(pub Sdk);

inventory::collect!(SdkRegistration);

/// The events.
pub(crate) fn metas() -> Vec<&'static EventMeta> {
    EVENTS.try_lock().map(|events| events.clone()).unwrap_or_default()
}

/// The SDKs.
pub(crate) fn sdks() -> impl Iterator<Item = Sdk> {
    inventory::iter::<SdkRegistration>.into_iter().map(|registration| registration.0)
}
