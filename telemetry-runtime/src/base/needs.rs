//! What only some declarations need. A program has all of it: it also sends what an earlier version of it has left.

use telemetry_schema::{Kind, Wire};

/// What a declaration needs.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Needs;

impl Needs {
    /// What an event needs.
    pub(crate) const fn of_event(_kind: Kind, _record: &[u8]) -> Self {
        Self
    }

    /// What an SDK needs.
    pub const fn of_sdk(
        _wire: Wire,
        _is_active: bool,
        _has_health: bool,
        _is_remarkable: bool,
        _record: &[u8],
    ) -> Self {
        Self
    }

    /// From now on this is needed.
    pub(crate) const fn note(self) {}
}

/// Questions, each of which is answered with yes.
macro_rules! needs {
    ($($what:ident)*) => {
        $(
            #[inline]
            pub(crate) const fn $what() -> bool {
                true
            }
        )*
    };
}

needs! { free_text levels at_once counters active_days health addresses otlp debug loopback }

/// What a host asks for is there.
pub(crate) const fn need_debug() {}

/// As [`need_debug`].
pub(crate) const fn need_loopback() {}
