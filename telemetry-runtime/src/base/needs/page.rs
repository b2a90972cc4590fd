//! What only some declarations need; the same names as in `needs.rs`. A page counts every byte, so it has what its declarations and its
//! host need, and nothing else: a declaration holds the address of a function that says what it needs.
//!
//! What is large is a `part!`: the function that says so is all that names the code. It lays it into a slot, from which whoever asks takes
//! it, so a linker leaves out what nothing needs. It does so without link-time optimization too, which cargo leaves out of a page that is an
//! `rlib` as well. What is small is a flag, of which only that optimization finds out that it is never set.

use std::sync::atomic::{AtomicBool, Ordering};

/// A question, and what makes the answer to it a yes.
macro_rules! needs {
    ($($(#[$doc:meta])* $what:ident $need:ident $FLAG:ident;)*) => {
        $(
            static $FLAG: AtomicBool = AtomicBool::new(false);

            $(#[$doc])*
            #[inline]
            pub(crate) fn $what() -> bool {
                $FLAG.load(Ordering::Relaxed)
            }

            #[inline]
            pub(crate) fn $need() {
                $FLAG.store(true, Ordering::Relaxed);
            }
        )*
    };
}

needs! {
    /// Events with a level.
    levels need_levels LEVELS;
    /// What its caller writes: commands, and events of an SDK with `write_on: Caller`.
    at_once need_at_once AT_ONCE;
    /// Requests whose address carries the payload.
    addresses need_addresses ADDRESSES;
}

/// Code that only some declarations need, of a module: `part!(type = code)`. `needed` answers with it where `need` was called.
macro_rules! part {
    ($part:ty = $code:expr) => {
        static NEEDED: $crate::base::process::List<$part> = $crate::base::process::List::new();

        #[inline]
        pub(crate) fn needed() -> Option<$part> {
            NEEDED.iter().next().copied()
        }

        pub(crate) fn need() {
            if needed().is_none() {
                NEEDED.push($code);
            }
        }
    };
}
pub(crate) use part;

/// What a declaration needs: functions that say so. `pipeline/statics` finds them.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Needs(pub(crate) fn(), pub(crate) fn(), pub(crate) fn());

impl Needs {
    /// Nothing.
    pub(crate) const NOTHING: Self = Self(nothing, nothing, nothing);

    /// From now on this is needed.
    pub(crate) fn note(self) {
        (self.0)();
        (self.1)();
        (self.2)();
    }
}

pub(crate) const fn nothing() {}

#[cfg(test)]
mod tests {
    part!(fn() -> u8 = || 7);

    #[test]
    fn code_is_there_once_something_needs_it() {
        assert!(needed().is_none());
        need();
        need();
        assert_eq!((needed().map(|code| code()), NEEDED.iter().count()), (Some(7), 1));
    }
}
