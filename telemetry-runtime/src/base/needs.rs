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

needs! { levels at_once addresses }

/// Code that only some declarations need, of a module: `part!(type = code)`. `needed` answers with it, wherever it is there.
#[cfg(native)]
macro_rules! part {
    ($part:ty = $code:expr) => {
        #[inline]
        pub(crate) const fn needed() -> Option<$part> {
            Some($code)
        }
    };
}
#[cfg(native)]
pub(crate) use part;
