//! Values of which every SDK has its own, kept by whoever knows what they mean.

use std::{
    fmt, ptr,
    sync::{Mutex, PoisonError},
};

use crate::{
    base::process::{List, PerProcess},
    declare::sdk::Sdk,
};

/// A value of each SDK, made when it is first asked for. A forked child has its own, made from its parent's.
///
/// An SDK's static holds what the path of an event needs; everything else stands in such a table of the room that works
/// with it.
pub(crate) struct PerSdk<T: 'static> {
    entries: List<(Sdk, PerProcess<T>)>,
    first: fn() -> T,
    renew: fn(&T) -> T,
    turn: PerProcess<Mutex<()>>,
}

impl<T: Send + Sync> PerSdk<T> {
    /// `renew` makes the value of a child from the one that it inherited, whose locks it may at most try.
    pub(crate) const fn new(first: fn() -> T, renew: fn(&T) -> T) -> Self {
        Self { entries: List::new(), first, renew, turn: PerProcess::new(Mutex::new(()), |_| Mutex::new(())) }
    }

    /// The value of an SDK.
    pub(crate) fn of(&self, sdk: Sdk) -> &'static T {
        if let Some(value) = self.find(sdk) {
            return value;
        }
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        self.find(sdk).unwrap_or_else(|| &self.entries.push((sdk, PerProcess::new((self.first)(), self.renew))).1)
    }

    fn find(&self, sdk: Sdk) -> Option<&'static T> {
        let mut entries = self.entries.iter();
        entries.find(|(other, _)| ptr::eq(other.state, sdk.state)).map(|(_, value)| &**value)
    }
}

impl<T> fmt::Debug for PerSdk<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PerSdk(…)")
    }
}
