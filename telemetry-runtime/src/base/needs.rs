//! What only some declarations need. A program has all of it: it also sends what an earlier version of it has left.

/// What a declaration needs.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Needs;

impl Needs {
    /// Nothing.
    pub(crate) const NOTHING: Self = Self;

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
