//! Values of which every SDK has its own, in a page, of which there are no copies; the same names as in `per_sdk.rs`.

use std::{fmt, ptr};

use crate::{base::process::List, declare::sdk::Sdk};

/// A value of each SDK, made when it is first asked for.
pub(crate) struct PerSdk<T: 'static> {
    entries: List<(Sdk, T)>,
    first: fn() -> T,
}

impl<T: Send + Sync> PerSdk<T> {
    pub(crate) const fn new(first: fn() -> T, _renew: fn(&T) -> T) -> Self {
        Self { entries: List::new(), first }
    }

    /// The value of an SDK.
    pub(crate) fn of(&self, sdk: Sdk) -> &'static T {
        let known = self.entries.iter().find(|(other, _)| ptr::eq(other.state, sdk.state));
        &known.unwrap_or_else(|| self.entries.push((sdk, (self.first)()))).1
    }
}

impl<T> fmt::Debug for PerSdk<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PerSdk(…)")
    }
}
