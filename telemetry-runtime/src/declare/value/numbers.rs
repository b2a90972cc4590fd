use telemetry_schema::{
    digest::{Shape, array, optional},
    node::{Facts, Node},
};

use crate::declare::{
    sink::Sink,
    value::{Around, digests},
};

/// A whole number with `#[telemetry(range = a..=b)]`, or `Option`s and arrays of one.
///
/// A value outside the range is sent as the nearer end of the range: an event is never lost to a bad number.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot have a `range`; remove `range`, or let the field be a whole number such as `u8`",
    note = "`range` goes with whole numbers of up to 64 bits, and `Option`s and arrays of them; in a list they are `CountBucket`s: `List<CountBucket, 8>`"
)]
#[doc(hidden)]
pub trait Ranged {
    /// The containers around the number in the record.
    const AROUND: Around;
    /// Writes the value, clamped.
    fn write(&self, sink: &mut Sink<'_>, min: i64, max: i64);
}

/// A whole number with `#[telemetry(unbounded, reason = "…")]`, or `Option`s and arrays of one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be `unbounded`; remove `unbounded`, or let the field be a whole number such as `u64`",
    note = "`unbounded` goes with whole numbers of up to 64 bits, and `Option`s and arrays of them; floats are never sent"
)]
#[doc(hidden)]
pub trait Unbounded {
    /// The type's description in the record.
    const SCHEMA: &'static Node;
    /// The digest of the same description.
    const DIGEST: u128;
    /// Both, for an event.
    const FACTS: &'static Facts = &Facts::of(Self::SCHEMA, Self::DIGEST);
    /// Writes the value.
    fn write(&self, sink: &mut Sink<'_>);
}

macro_rules! whole_numbers {
    ($($number:ty => $clamp:ident as $wide:ty, $bytes:ty, $name:literal;)*) => {
        $(
            impl Ranged for $number {
                const AROUND: Around = Around::NOTHING;

                #[inline]
                fn write(&self, sink: &mut Sink<'_>, min: i64, max: i64) {
                    sink.ranged($clamp(*self as $wide, min, max), min, max);
                }
            }

            impl Unbounded for $number {
                const SCHEMA: &'static Node = &Node::leaf(concat!("{\"unbounded\":\"", $name, "\"}"));
                const DIGEST: u128 = digests::unbounded($name);

                #[inline]
                fn write(&self, sink: &mut Sink<'_>) {
                    sink.number((*self as $bytes).to_le_bytes());
                }
            }
        )*
    };
}

/// Nearest number of the range. The bounds are checked by the macro; no panic where somebody writes the call by hand.
#[inline]
fn signed(value: i64, min: i64, max: i64) -> i64 {
    value.min(max).max(min)
}

/// As [`signed`].
#[inline]
fn unsigned(value: u64, min: i64, max: i64) -> i64 {
    signed(i64::try_from(value).unwrap_or(i64::MAX), min, max)
}

whole_numbers! {
    u8 => unsigned as u64, u8, "u8";
    u16 => unsigned as u64, u16, "u16";
    u32 => unsigned as u64, u32, "u32";
    u64 => unsigned as u64, u64, "u64";
    usize => unsigned as u64, u64, "usize";
    i8 => signed as i64, i8, "i8";
    i16 => signed as i64, i16, "i16";
    i32 => signed as i64, i32, "i32";
    i64 => signed as i64, i64, "i64";
    isize => signed as i64, i64, "isize";
}

impl<T: Ranged> Ranged for Option<T> {
    const AROUND: Around = Around {
        before: &Node::wrap("{\"optional\":", T::AROUND.before, ""),
        after: &Node::wrap("", T::AROUND.after, "}"),
        shape: &Shape::Optional(T::AROUND.shape),
    };

    #[inline]
    fn write(&self, sink: &mut Sink<'_>, min: i64, max: i64) {
        sink.bool(self.is_some());
        if let Some(value) = self {
            value.write(sink, min, max);
        }
    }
}

impl<T: Unbounded> Unbounded for Option<T> {
    const SCHEMA: &'static Node = &Node::wrap("{\"optional\":", T::SCHEMA, "}");
    const DIGEST: u128 = optional(T::DIGEST);

    #[inline]
    fn write(&self, sink: &mut Sink<'_>) {
        sink.bool(self.is_some());
        if let Some(value) = self {
            value.write(sink);
        }
    }
}

impl<T: Ranged, const N: usize> Ranged for [T; N] {
    const AROUND: Around = Around {
        before: &Node::wrap_number("{\"array\":{\"len\":", N, ",\"of\":", T::AROUND.before, ""),
        after: &Node::wrap("", T::AROUND.after, "}}"),
        shape: &Shape::Array(N, T::AROUND.shape),
    };

    #[inline]
    fn write(&self, sink: &mut Sink<'_>, min: i64, max: i64) {
        for value in self {
            value.write(sink, min, max);
        }
    }
}

impl<T: Unbounded, const N: usize> Unbounded for [T; N] {
    const SCHEMA: &'static Node = &Node::wrap_number("{\"array\":{\"len\":", N, ",\"of\":", T::SCHEMA, "}}");
    const DIGEST: u128 = array(N, T::DIGEST);

    #[inline]
    fn write(&self, sink: &mut Sink<'_>) {
        for value in self {
            value.write(sink);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(value: impl Ranged) -> i64 {
        let mut sink = Sink::new();
        value.write(&mut sink, -1, 9);
        i64::from(sink.payload().bytes()[0]) - 1
    }

    #[test]
    fn numbers_outside_their_range_become_the_nearer_end() {
        assert_eq!(written(5_u8), 5);
        assert_eq!(written(u64::MAX), 9);
        assert_eq!(written(i64::MIN), -1);
        assert_eq!(written(-1_i8), -1);
    }
}
