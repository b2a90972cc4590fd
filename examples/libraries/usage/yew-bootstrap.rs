//! What yew-bootstrap reports. A module of the library, with one line for it in `lib.rs` and one for each component: on a function, and on the
//! `create` of a struct, which runs once for an instance.

use telemetry_runtime::{Sdk, sdk};
use yew::{AttrValue, Callback, Children, Classes, NodeRef, hook, use_effect_with};

use crate::{
    component::{ButtonSize, ModalSize},
    util::Color,
};

/// Usage of the components.
pub static TELEMETRY: Sdk = sdk! {
    name: "yew-bootstrap",
    role: Library,
    default: On,
    env: "YEW_BOOTSTRAP",
    endpoint: "http://127.0.0.1:4817",
    wire: EventBatch { strict: false },
    docs: "https://acme.example/telemetry",
    operator: "Acme Inc.",
    contact: "privacy@acme.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
    notice: Host,
    browser: true,
};

/// `create` runs on a server, too.
pub(crate) fn in_the_page(mount: impl FnOnce() + 'static) {
    if cfg!(target_family = "wasm") {
        mount();
    }
}

/// For functions, whose bodies run with each render.
#[hook]
pub(crate) fn use_in_the_page<F: FnOnce() + 'static>(mount: F) {
    use_effect_with((), move |()| mount());
}

/// Whether a prop was passed.
pub(crate) fn is_given(prop: &impl IsGiven) -> bool {
    prop.is_given()
}

pub(crate) trait IsGiven {
    fn is_given(&self) -> bool;
}

impl<T> IsGiven for Option<T> {
    fn is_given(&self) -> bool {
        self.is_some()
    }
}

impl IsGiven for bool {
    fn is_given(&self) -> bool {
        *self
    }
}

impl IsGiven for String {
    fn is_given(&self) -> bool {
        !self.is_empty()
    }
}

impl IsGiven for AttrValue {
    fn is_given(&self) -> bool {
        !self.is_empty()
    }
}

impl IsGiven for Classes {
    fn is_given(&self) -> bool {
        !self.is_empty()
    }
}

impl IsGiven for Children {
    fn is_given(&self) -> bool {
        !self.is_empty()
    }
}

/// One that nobody passed is a callback that does nothing, which looks like any other.
impl<T> IsGiven for Callback<T> {
    fn is_given(&self) -> bool {
        true
    }
}

/// Filled by the component, after it is mounted.
impl IsGiven for NodeRef {
    fn is_given(&self) -> bool {
        self.get().is_some()
    }
}

impl IsGiven for Color {
    fn is_given(&self) -> bool {
        *self != Self::Primary
    }
}

impl IsGiven for ButtonSize {
    fn is_given(&self) -> bool {
        *self != Self::default()
    }
}

impl IsGiven for ModalSize {
    fn is_given(&self) -> bool {
        *self != Self::default()
    }
}
