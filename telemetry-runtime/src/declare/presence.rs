/// Says whether a prop was passed, without looking at its value.
///
/// `#[track_mount(props(appearance))]` records the answer, never the prop itself.
#[diagnostic::on_unimplemented(
    message = "cannot tell whether a prop of type `{Self}` was passed; write an expression: `props(name = name.is_some())`",
    label = "neither `bool` nor `Option` nor a collection"
)]
pub trait Passed {
    /// `Some`, `true`, or not empty.
    fn passed(&self) -> bool;
}

impl Passed for bool {
    #[inline]
    fn passed(&self) -> bool {
        *self
    }
}

impl<T> Passed for Option<T> {
    #[inline]
    fn passed(&self) -> bool {
        self.is_some()
    }
}

impl<T: Passed + ?Sized> Passed for &T {
    #[inline]
    fn passed(&self) -> bool {
        (**self).passed()
    }
}

impl<T: Passed + ?Sized> Passed for &mut T {
    #[inline]
    fn passed(&self) -> bool {
        (**self).passed()
    }
}

impl<T: Passed + ?Sized> Passed for Box<T> {
    #[inline]
    fn passed(&self) -> bool {
        (**self).passed()
    }
}

macro_rules! passed_unless_empty {
    ($([$($parameter:tt)*] $collection:ty;)*) => {
        $(impl<$($parameter)*> Passed for $collection {
            #[inline]
            fn passed(&self) -> bool {
                !self.is_empty()
            }
        })*
    };
}

passed_unless_empty! {
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

impl<T, const N: usize> Passed for [T; N] {
    #[inline]
    fn passed(&self) -> bool {
        N > 0
    }
}

#[cfg(test)]
mod tests {
    use super::Passed;

    #[test]
    fn passed_means_present_true_or_not_empty() {
        assert!(Some(0).passed() && !None::<u8>.passed());
        let (yes, no) = (true, false);
        assert!(yes.passed() && !no.passed());
        assert!("x".passed() && !"".passed() && !String::new().passed());
        assert!(vec![1].passed() && !Vec::<u8>::new().passed());
        assert!(Passed::passed(&&Some(1)) && Box::new(true).passed());
    }
}
