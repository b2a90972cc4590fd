//! The events and SDKs that are linked into this program: each says so itself before `main`. The static of an event keeps the place of
//! the next one, so that an event needs no static beside it.

use crate::{
    base::process::{Chain, Link, Linked},
    declare::sdk::{Sdk, meta::EventMeta},
};

pub use crate::{__register_event as register_event, __register_event_of as register_event_of};

/// Links an event that is a struct before `main`: the function is written once for all, and the compiler checks it once.
#[doc(hidden)]
#[macro_export]
macro_rules! __register_event_of {
    ($event:ident, $meta:ident) => {
        $crate::__private::before_main! { <$event as $crate::__private::Event>::link }
    };
}

/// Links any other event before `main`.
#[doc(hidden)]
#[macro_export]
macro_rules! __register_event {
    ($registration:expr) => {
        const _: () = {
            extern "C" fn link() {
                $registration.link();
            }
            $crate::__private::before_main! { link }
        };
    };
}

static EVENTS: Chain<EventMeta> = Chain::new();

/// Where an event keeps the next one.
pub(crate) type Next = Link<EventMeta>;

impl Linked for EventMeta {
    fn link(&self) -> &Next {
        &self.next
    }
}

/// An event that says that it is here.
#[doc(hidden)]
#[derive(Debug)]
pub struct EventRegistration(pub &'static EventMeta);

impl EventRegistration {
    /// Adds it to the list.
    #[inline]
    pub fn link(self) {
        link(self.0);
    }
}

// Of C, so that a caller has nothing to do where it unwinds; it does not.
#[inline(never)]
pub(crate) extern "C" fn link(meta: &'static EventMeta) {
    EVENTS.add(meta);
}

/// An SDK in a list of its own.
#[doc(hidden)]
#[derive(Debug)]
pub struct SdkRegistration(pub Sdk);

inventory::collect!(SdkRegistration);

/// The events.
pub fn metas() -> Vec<&'static EventMeta> {
    EVENTS.iter().collect()
}

/// The SDKs.
pub(crate) fn sdks() -> impl Iterator<Item = Sdk> {
    inventory::iter::<SdkRegistration>.into_iter().map(|registration| registration.0)
}
