//! What the compiler says of the well-known types that may not be fields.
//!
//! Each of them is a [`TelemetryValue`] that writes nothing and says why it may not be sent. Generated code asks every field
//! whether it may be, [`MayBeSent`], so the compiler knows which type it is, aliases included, and speaks the words of the
//! reason instead of those for types in general. For its lists of types that would do, these do not count.

use std::{
    borrow::Cow,
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque},
    ffi::{CStr, CString, OsStr, OsString},
    io,
    marker::PhantomData,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    num::NonZero,
    path::{Path, PathBuf},
    rc::Rc,
    sync::{Arc, Mutex, RwLock},
    time::{Duration, Instant, SystemTime},
};

use telemetry_schema::node::Node;

use super::{CountBucket, DurationBucket, List, OneOf, Packages, Pseudonym, TelemetryValue};
use crate::declare::sink::Sink;

/// What [`TelemetryValue::Sent`] is for every type that may be sent.
#[doc(hidden)]
#[derive(Debug)]
pub struct Sent;

/// Asked of [`TelemetryValue::Sent`] by generated code.
#[doc(hidden)]
pub trait MayBeSent {
    /// Nothing; it is named so that the question is asked.
    const MAY_BE_SENT: ();
}

impl MayBeSent for Sent {
    const MAY_BE_SENT: () = ();
}

/// The compiler speaks of a condition where its type differs from the one that was asked for.
#[doc(hidden)]
#[derive(Debug)]
pub struct Only<T>(PhantomData<T>);

/// One reason: a type that stands for it, and a trait that it does not have.
macro_rules! reasons {
    ($(
        $(#[$words:meta])*
        $reason:ident without $condition:ident;
    )*) => {
        $(
            /// Stands for the reason.
            #[doc(hidden)]
            #[derive(Debug)]
            pub struct $reason<'a>(PhantomData<&'a ()>);

            /// What a reason does not have.
            #[doc(hidden)]
            $(#[$words])*
            pub trait $condition {}
            // Nothing but the reason itself is missing, so the compiler speaks of nothing else.
            #[doc(hidden)]
            impl MayBeSent for $reason<'static>
            where
                for<'never> Only<$reason<'never>>: $condition,
            {
                const MAY_BE_SENT: () = ();
            }
        )*
    };
}

reasons! {
    #[diagnostic::on_unimplemented(
        message = "a number needs bounds: `#[telemetry(range = 0..=255)]`, or the type `CountBucket`",
        label = "any number could stand here",
        note = "a `CountBucket` is made by `CountBucket::of(number)`, which rounds down to a power of two",
        note = "if any number must be sent: `#[telemetry(unbounded, reason = \"…\")]`"
    )]
    Number without BoundedNumber;

    #[diagnostic::on_unimplemented(
        message = "floats and 128-bit numbers are never sent; use `CountBucket`, `DurationBucket` or a whole number with a range",
        label = "too fine: such a number can tell one person from all others",
        note = "for a size: the type `CountBucket`, made by `CountBucket::of(number as u64)`",
        note = "for a time: the type `DurationBucket`, made by `DurationBucket::of(duration)`",
        note = "for a share: a whole number with `#[telemetry(range = 0..=100)]`"
    )]
    Fine without CoarseNumber;

    #[diagnostic::on_unimplemented(
        message = "text can carry personal data; use an enum with `#[derive(TelemetryValue)]`, or `OneOf` of one",
        label = "any text could stand here",
        note = "for `#[derive(TelemetryValue)] enum Theme {{ Light, Dark }}`: a `OneOf<Theme>` is made by `OneOf::parse(text)`, \
                which sends what is not in the list as `other`",
        note = "if the text itself must be sent: `#[telemetry(free_text, max_len = 64, reason = \"…\")]`; every audit shows the reason"
    )]
    Text without KnownText;

    #[diagnostic::on_unimplemented(
        message = "a path names people and projects; use an enum with `#[derive(TelemetryValue)]`, or `Pseudonym`",
        label = "any path could stand here",
        note = "a `Pseudonym` tells one project from another; it is made by `Pseudonym::of(path.as_os_str().as_encoded_bytes())`",
        note = "whether there is one is a `bool`, made by `path.is_some()`"
    )]
    FilePath without NoPath;

    #[diagnostic::on_unimplemented(
        message = "an address identifies a person; use an enum with `#[derive(TelemetryValue)]`, or `bool`",
        label = "any address could stand here",
        note = "whether there is one is a `bool`, made by `address.is_some()`"
    )]
    Address without NoAddress;

    #[diagnostic::on_unimplemented(
        message = "a collection needs a bound: `List<Theme, 8>`, or the type `CountBucket`",
        label = "there is no bound on how many",
        note = "a `List` says the most values that are sent, and is made by `values.into_iter().collect()`",
        note = "how many there are is a `CountBucket`, made by `CountBucket::of(values.len() as u64)`"
    )]
    Endless without BoundedCollection;

    #[diagnostic::on_unimplemented(
        message = "a map has keys that nobody has listed; use a struct with `#[derive(TelemetryValue)]`, or `CountBucket`",
        label = "any key could stand here",
        note = "give the struct a field for each key",
        note = "how many there are is a `CountBucket`, made by `CountBucket::of(map.len() as u64)`"
    )]
    Map without KnownKeys;

    #[diagnostic::on_unimplemented(
        message = "a duration is sent as the type `DurationBucket`, made by `DurationBucket::of(duration)`",
        label = "too fine: such a duration can tell one person from all others"
    )]
    Time without TimeBucket;

    #[diagnostic::on_unimplemented(
        message = "a point in time is never sent; how long something took is a `DurationBucket`",
        label = "too fine: such a moment can tell one person from all others",
        note = "a `DurationBucket` is made by `DurationBucket::of(start.elapsed())`"
    )]
    Moment without NoMoment;

    #[diagnostic::on_unimplemented(
        message = "a number needs bounds and a plain type: `#[telemetry(range = 1..=255)]` and `u8`",
        label = "any number could stand here",
        note = "the plain number is made by `number.get()`"
    )]
    NoZero without PlainNumber;

    #[diagnostic::on_unimplemented(
        message = "a field holds its value itself; write the type inside, such as `bool` for `Box<bool>`",
        label = "there is a pointer or a cell around the value",
        note = "the value is made by `*value` or `value.clone()`",
        note = "for text and errors inside: an enum with `#[derive(TelemetryValue)]`"
    )]
    Pointer without Itself;

    #[diagnostic::on_unimplemented(
        message = "the parts of a tuple have no names; use a struct with `#[derive(TelemetryValue)]`, or a field for each",
        label = "nobody could tell what the parts mean"
    )]
    Nameless without Names;

    #[diagnostic::on_unimplemented(
        message = "an error can carry personal data; use an enum with `#[derive(TelemetryValue)]`, or `bool`",
        label = "any error could stand here",
        note = "whether it went well is a `bool`, made by `result.is_ok()`",
        note = "what went wrong is an enum, such as `#[derive(TelemetryValue)] enum Outcome {{ Done, NotFound, Denied }}`"
    )]
    Outcome without KnownOutcome;

    #[diagnostic::on_unimplemented(
        message = "`Packages` needs the names that may be sent: `#[telemetry(packages(prefixes = [\"@acme/\"], max = 32))]`",
        label = "any name could stand here"
    )]
    AnyPackages without NamedPackages;
}

// What may be sent instead: the compiler shows these lines.
impl BoundedNumber for CountBucket {}
impl CoarseNumber for CountBucket {}
impl CoarseNumber for DurationBucket {}
impl<E> KnownText for OneOf<E> {}
impl NoPath for Pseudonym {}
impl NoAddress for Pseudonym {}
impl<T, const MAX: usize> BoundedCollection for List<T, MAX> {}
impl BoundedCollection for CountBucket {}
impl KnownKeys for CountBucket {}
impl TimeBucket for DurationBucket {}
impl NoMoment for DurationBucket {}
impl PlainNumber for CountBucket {}
impl<T> Itself for Option<T> {}
impl<T> Names for Option<T> {}
impl<T> KnownOutcome for Option<T> {}
impl NamedPackages for CountBucket {}

/// Says which types may not be sent, and why; the methods are never called.
macro_rules! refused {
    ($($reason:ident: $([$($parameters:tt)*] $refused:ty),+;)*) => {
        $($(
            #[doc(hidden)]
            #[diagnostic::do_not_recommend]
            impl<$($parameters)*> TelemetryValue for $refused {
                type Sent = $reason<'static>;

                const SCHEMA: &'static Node = Node::EMPTY;
                const DIGEST: u128 = 0;

                fn write(&self, _: &mut Sink<'_>) {}
            }
        )+)*
    };
}

refused! {
    Number:
        [] u8, [] u16, [] u32, [] u64, [] usize, [] i8, [] i16, [] i32, [] i64, [] isize;
    Fine: [] f32, [] f64, [] u128, [] i128;
    NoZero:
        [] NonZero<u8>, [] NonZero<u16>, [] NonZero<u32>, [] NonZero<u64>, [] NonZero<usize>,
        [] NonZero<i8>, [] NonZero<i16>, [] NonZero<i32>, [] NonZero<i64>, [] NonZero<isize>;
    Text:
        [] String, [] str, [] &str, [] char, [] OsString, [] &OsStr, [] CString, [] &CStr,
        [B: ToOwned + ?Sized] Cow<'_, B>;
    FilePath: [] PathBuf, [] &Path;
    Address: [] IpAddr, [] Ipv4Addr, [] Ipv6Addr, [] SocketAddr;
    Endless:
        [T] Vec<T>, [T] VecDeque<T>, [T, S] HashSet<T, S>, [T] BTreeSet<T>, [T] &[T];
    Map: [K, V, S] HashMap<K, V, S>, [K, V] BTreeMap<K, V>;
    Time: [] Duration;
    Moment: [] Instant, [] SystemTime;
    Pointer:
        [T: ?Sized] Box<T>, [T: ?Sized] Rc<T>, [T: ?Sized] Arc<T>, [T: ?Sized] Cell<T>, [T: ?Sized] RefCell<T>,
        [T: ?Sized] Mutex<T>, [T: ?Sized] RwLock<T>;
    Nameless: [] (), [A] (A,), [A, B] (A, B), [A, B, C] (A, B, C), [A, B, C, D] (A, B, C, D);
    Outcome:
        [T, E] Result<T, E>, [] io::Error;
    AnyPackages: [] Packages;
}
