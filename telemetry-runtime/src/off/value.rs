//! The field types of a build without telemetry: they take what the real ones take and keep none of it.

pub use crate::{
    base::version::{Version, VersionTag},
    declare::presence::IsPresent,
};

use std::{marker::PhantomData, time::Duration};

/// A type that may be a field of a telemetry event; compiled out, every type passes, because none is sent.
pub trait TelemetryValue {}

impl<T: ?Sized> TelemetryValue for T {}

/// How many of something; compiled out, nothing is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CountBucket(());

impl CountBucket {
    /// Drops `count`.
    #[inline]
    pub const fn of(_count: u64) -> Self {
        Self(())
    }
}

/// How long something took; compiled out, nothing is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DurationBucket(());

impl DurationBucket {
    /// Drops `duration`.
    #[inline]
    pub const fn of(_duration: Duration) -> Self {
        Self(())
    }
}

/// At most `MAX` values; compiled out, nothing is kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct List<T, const MAX: usize>(PhantomData<T>);

impl<T, const MAX: usize> List<T, MAX> {
    /// Always 0.
    pub fn len(&self) -> usize {
        0
    }

    /// Always `true`.
    pub fn is_empty(&self) -> bool {
        true
    }
}

impl<T, const MAX: usize> FromIterator<T> for List<T, MAX> {
    fn from_iter<I: IntoIterator<Item = T>>(_values: I) -> Self {
        Self(PhantomData)
    }
}

/// Text from a list; compiled out, nothing is kept.
pub struct OneOf<E>(PhantomData<E>);

impl<E> OneOf<E> {
    /// Drops `text`.
    pub fn parse(_text: &str) -> Self {
        Self(PhantomData)
    }
}

impl<E> Clone for OneOf<E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E> Copy for OneOf<E> {}

impl<E> PartialEq for OneOf<E> {
    fn eq(&self, _other: &Self) -> bool {
        true
    }
}

impl<E> Eq for OneOf<E> {}

impl<E> std::fmt::Debug for OneOf<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OneOf")
    }
}

/// The operating system; compiled out, nothing is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Os(());

impl Os {
    /// The operating system of this program, unnamed.
    pub const fn current() -> Self {
        Self(())
    }
}

/// The version of an operating system; compiled out, nothing is kept and nothing asks the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OsVersion(());

impl OsVersion {
    /// Drops `text`.
    pub fn parse(_text: &str) -> Self {
        Self(())
    }

    /// The empty version.
    pub fn current() -> Self {
        Self(())
    }
}

/// Names and versions of packages; compiled out, nothing is kept.
#[derive(Debug, Clone, Default)]
pub struct Packages(());

impl<N: Into<String>, V: AsRef<str>> FromIterator<(N, Option<V>)> for Packages {
    fn from_iter<I: IntoIterator<Item = (N, Option<V>)>>(_packages: I) -> Self {
        Self(())
    }
}

/// A keyed hash of something local; compiled out, nothing is hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pseudonym(());

impl Pseudonym {
    /// Drops `input`.
    pub fn of(_input: impl AsRef<[u8]>) -> Self {
        Self(())
    }
}
