use std::marker::PhantomData;

use telemetry_schema::{digest::one_of, node::Node};

use crate::declare::{sink::Sink, value::TelemetryValue};

/// An enum of plain variants with their names; the derive of [`TelemetryValue`] implements it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a list of names; name an enum with `#[derive(TelemetryValue)]`",
    note = "`OneOf` takes an enum with `#[derive(TelemetryValue)]` whose variants hold no data"
)]
#[doc(hidden)]
pub trait Variants: TelemetryValue {
    /// The names that are sent, in the order of the record.
    const NAMES: &'static [&'static str];
}

/// Text from a list fixed at compile time, or `"other"`.
///
/// The list is the variants of an enum, as they are sent; the text itself is dropped at once.
///
/// ```
/// use telemetry_runtime::{OneOf, TelemetryValue};
///
/// #[derive(TelemetryValue)]
/// #[telemetry(rename_all = "lowercase")]
/// pub enum Theme {
///     Shadcn,
///     Dark,
/// }
///
/// let known: OneOf<Theme> = OneOf::parse("shadcn");
/// let unknown: OneOf<Theme> = OneOf::parse("jane-does-private-theme");
/// assert_ne!(known, unknown);
/// ```
pub struct OneOf<E>(u16, PhantomData<E>);

/// The index that stands for `"other"`.
pub(crate) const OTHER: u16 = u16::MAX;

impl<E: Variants> OneOf<E> {
    /// Finds `text` in the list, letter by letter; everything else becomes `"other"`.
    pub fn parse(text: &str) -> Self {
        let found = E::NAMES.iter().position(|name| *name == text);
        Self(found.and_then(|index| u16::try_from(index).ok()).unwrap_or(OTHER), PhantomData)
    }
}

impl<E> Clone for OneOf<E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E> Copy for OneOf<E> {}

impl<E> PartialEq for OneOf<E> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<E> Eq for OneOf<E> {}

impl<E> std::fmt::Debug for OneOf<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("OneOf").field(&self.0).finish()
    }
}

impl<E: Variants> TelemetryValue for OneOf<E> {
    type Sent = super::Sent;
    const SCHEMA: &'static Node = &Node::wrap("{\"one_of\":", E::SCHEMA, "}");
    const DIGEST: u128 = one_of(E::DIGEST);

    #[inline]
    fn write(&self, sink: &mut Sink<'_>) {
        sink.variant(self.0);
    }
}
