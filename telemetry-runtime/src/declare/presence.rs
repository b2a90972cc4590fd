/// What the function of `on_mount` returns: nothing.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`on_mount` names a function that returns nothing, and this one returns `{Self}`; name one that ends with `;`",
    label = "returns `{Self}`",
    note = "a hook of Yew is found by its name, `use_…`, and where `#[track_mount]` stands above `#[component]`"
)]
pub trait Nothing {}
impl Nothing for () {}

/// Takes what the function of `on_mount` returns.
#[doc(hidden)]
#[inline]
pub fn handed<T: Nothing>(_: T) {}

/// What the function of `present_with` returns.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`present_with` names a function that returns a `bool`, and this one returns `{Self}`; name one that ends with `-> bool`",
    label = "returns `{Self}`"
)]
pub trait Presence {
    /// Itself.
    fn passed(self) -> bool;
}
impl Presence for bool {
    #[inline]
    fn passed(self) -> bool {
        self
    }
}

/// A mount with nothing in it: for a build without telemetry, in which `on_mount` is mentioned and never called.
#[doc(hidden)]
pub fn nothing() {}

/// Says whether a prop is present, without looking at its value.
///
/// `#[track_mount(props(appearance))]` records the answer, never the prop itself.
#[diagnostic::on_unimplemented(
    message = "cannot tell whether a prop of type `{Self}` was passed; write an expression, `props(name = name.is_some())`, or name a function that tells: `present_with = crate::is_given`",
    label = "neither `bool` nor `Option` nor a collection",
    note = "`present_with` is asked of parameters alone; where the prop is an expression: `name = crate::is_given(&props.name)`"
)]
pub trait IsPresent {
    /// `Some`, `true`, or not empty.
    fn is_present(&self) -> bool;
}

impl IsPresent for bool {
    #[inline]
    fn is_present(&self) -> bool {
        *self
    }
}

impl<T> IsPresent for Option<T> {
    #[inline]
    fn is_present(&self) -> bool {
        self.is_some()
    }
}

impl<T: IsPresent + ?Sized> IsPresent for &T {
    #[inline]
    fn is_present(&self) -> bool {
        (**self).is_present()
    }
}

impl<T: IsPresent + ?Sized> IsPresent for &mut T {
    #[inline]
    fn is_present(&self) -> bool {
        (**self).is_present()
    }
}

impl<T: IsPresent + ?Sized> IsPresent for Box<T> {
    #[inline]
    fn is_present(&self) -> bool {
        (**self).is_present()
    }
}

macro_rules! present_unless_empty {
    ($([$($parameter:tt)*] $collection:ty;)*) => {
        $(impl<$($parameter)*> IsPresent for $collection {
            #[inline]
            fn is_present(&self) -> bool {
                !self.is_empty()
            }
        })*
    };
}

present_unless_empty! {
    [] str;
    [] String;
    [T] [T];
    [T] Vec<T>;
    [T] std::collections::VecDeque<T>;
    [K, V, S] std::collections::HashMap<K, V, S>;
    [K, V] std::collections::BTreeMap<K, V>;
    [T, S] std::collections::HashSet<T, S>;
    [T] std::collections::BTreeSet<T>;
}

impl<T, const N: usize> IsPresent for [T; N] {
    #[inline]
    fn is_present(&self) -> bool {
        N > 0
    }
}

#[cfg(test)]
mod tests {
    use super::IsPresent;

    #[test]
    fn passed_means_present_true_or_not_empty() {
        assert!(Some(0).is_present() && !None::<u8>.is_present());
        let (yes, no) = (true, false);
        assert!(yes.is_present() && !no.is_present());
        assert!("x".is_present() && !"".is_present() && !String::new().is_present());
        assert!(vec![1].is_present() && !Vec::<u8>::new().is_present());
        assert!(IsPresent::is_present(&&Some(1)) && Box::new(true).is_present());
    }
}
