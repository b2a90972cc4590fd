//! What may be a field of an event.
//!
//! [`TelemetryValue`] is implemented for `bool`, for what derives it, for `Option`, arrays and [`List`] of these, and for
//! the ready-made types of this module. Whatever needs more to be said than the type says — the range of a number, the
//! length of free text — goes through a trait of its own, whose method takes what the attribute says.

mod bucket;
mod digests;
mod list;
mod numbers;
mod one_of;
mod os;
mod packages;
mod pseudonym;
mod refused;
mod text;
mod version;

pub use crate::base::version::{Version, VersionTag};
pub use crate::declare::presence::IsPresent;
pub(crate) use bucket::lower_bound;
pub use bucket::{CountBucket, DurationBucket};
pub use list::List;
pub(crate) use one_of::OTHER;
pub use one_of::OneOf;
pub use os::{Os, OsVersion};
pub use packages::Packages;
pub use pseudonym::Pseudonym;

#[doc(hidden)]
pub use self::{
    numbers::{Ranged, Unbounded},
    one_of::Variants,
    packages::Listed,
    refused::{MayBeSent, Sent},
    text::FreeText,
    version::Prefixed,
};
pub(crate) use crate::base::version::render as render_version;

use crate::declare::sink::Sink;
use telemetry_schema::{
    digest::{Shape, array, optional, within},
    node::{Facts, Node},
};

/// A type that may be a field of a telemetry event.
///
/// Derive it for enums and structs of your own:
///
/// ```
/// use telemetry_runtime::TelemetryValue;
///
/// #[derive(TelemetryValue)]
/// pub enum Theme {
///     Light,
///     Dark,
/// }
/// ```
///
/// Text, paths, unbounded numbers and errors are no values; the compiler's message says what to write instead. Implementing the trait by hand gains nothing: values can only be written as booleans, whole numbers
/// and variants.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a telemetry value; put `#[derive(TelemetryValue)]` on it if it is yours",
    label = "nothing says what this type can hold",
    note = "types that may be sent: `bool`, enums and structs with `#[derive(TelemetryValue)]`, `CountBucket`, `DurationBucket`, \
            `Version`, `Os`, `OsVersion`, `OneOf`, `Packages`, `Pseudonym`, and `Option`, arrays and `List` of these",
    note = "a field that is not to be sent: `#[telemetry(skip)]`"
)]
pub trait TelemetryValue {
    /// `Sent` for what may be sent, and the reason for what may not: generated code asks for it.
    #[doc(hidden)]
    type Sent;

    /// The type's description in the record.
    #[doc(hidden)]
    const SCHEMA: &'static Node;

    /// The digest of the same description; see `telemetry_schema::digest`.
    #[doc(hidden)]
    const DIGEST: u128;

    /// Both, for an event.
    #[doc(hidden)]
    const FACTS: &'static Facts = &Facts::of(Self::SCHEMA, Self::DIGEST);

    /// Writes the value, as the description says.
    #[doc(hidden)]
    fn write(&self, sink: &mut Sink<'_>);
}

/// The containers around a field's innermost type, as two texts of the record: what stands before the type's own
/// description, which the attribute gives, and what stands behind it.
#[doc(hidden)]
#[derive(Debug)]
pub struct Around {
    /// `{"optional":`
    pub before: &'static Node,
    /// `}`
    pub after: &'static Node,
    /// The same containers, as digests see them.
    pub shape: &'static Shape,
}

impl Around {
    /// No container.
    pub(crate) const NOTHING: Self = Self { before: Node::EMPTY, after: Node::EMPTY, shape: &Shape::Value };

    /// All of it for an event: what the attribute says, its digest, and how many bytes free text takes.
    pub const fn facts(&self, text: &'static str, texts: usize, digest: u128) -> Facts {
        Facts::around(self.before, text, self.after, texts, within(self.shape, digest))
    }
}

impl TelemetryValue for bool {
    type Sent = refused::Sent;
    const SCHEMA: &'static Node = &Node::leaf("\"bool\"");
    const DIGEST: u128 = digests::BOOL;

    #[inline]
    fn write(&self, sink: &mut Sink<'_>) {
        sink.bool(*self);
    }
}

impl<T: TelemetryValue> TelemetryValue for Option<T> {
    type Sent = T::Sent;
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

impl<T: TelemetryValue, const N: usize> TelemetryValue for [T; N] {
    type Sent = T::Sent;
    const SCHEMA: &'static Node = &Node::wrap_number("{\"array\":{\"len\":", N, ",\"of\":", T::SCHEMA, "}}");
    const DIGEST: u128 = array(N, T::DIGEST);

    #[inline]
    fn write(&self, sink: &mut Sink<'_>) {
        for value in self {
            value.write(sink);
        }
    }
}
