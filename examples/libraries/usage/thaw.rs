//! What thaw reports. A module of the library, with one line for it in `lib.rs` and one for each component.

use leptos::{children::Children, prelude::*};
use telemetry_runtime::{Sdk, sdk};
use thaw_utils::{ComponentRef, Model};

use crate::{BadgeAppearance, BadgeColor, BadgeSize, ButtonAppearance, ButtonShape, CheckboxSize};

/// Usage of the components.
pub static TELEMETRY: Sdk = sdk! {
    name: "thaw",
    role: Library,
    default: On,
    env: "THAW",
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

/// An effect runs in the page alone.
pub(crate) fn in_the_page(mount: impl FnOnce() + 'static) {
    let mut mount = Some(mount);
    Effect::new(move |_| mount.take().map(|mount| mount()));
}

/// Whether a prop was passed, read without being followed.
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

impl<T> IsGiven for Vec<T> {
    fn is_given(&self) -> bool {
        !self.is_empty()
    }
}

impl<T: Clone + Send + Sync + 'static> IsGiven for MaybeProp<T> {
    fn is_given(&self) -> bool {
        self.get_untracked().is_some()
    }
}

/// A component without it does not compile.
impl IsGiven for Children {
    fn is_given(&self) -> bool {
        true
    }
}

/// Filled by the component, after it is mounted.
impl<T: Clone + Send + Sync + 'static> IsGiven for ComponentRef<T> {
    fn is_given(&self) -> bool {
        self.get_untracked().is_some()
    }
}

/// Signals that are not optional hold a default where nobody passes one.
impl<T: Setting + Send + Sync + 'static> IsGiven for Signal<T> {
    fn is_given(&self) -> bool {
        !self.with_untracked(T::is_default)
    }
}

impl<T: Setting + Send + Sync + 'static> IsGiven for Model<T> {
    fn is_given(&self) -> bool {
        !self.with_untracked(T::is_default)
    }
}

pub(crate) trait Setting {
    fn is_default(&self) -> bool;
}

impl Setting for bool {
    fn is_default(&self) -> bool {
        !self
    }
}

macro_rules! settings {
    ($($type:ty),*) => {
        $(impl Setting for $type {
            fn is_default(&self) -> bool {
                std::mem::discriminant(self) == std::mem::discriminant(&Self::default())
            }
        })*
    };
}

settings!(BadgeAppearance, BadgeColor, BadgeSize, ButtonAppearance, ButtonShape, CheckboxSize);
