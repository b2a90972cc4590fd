//! A part of a file as the parsers of `object` see it: what they ask for is read, kept while one image is looked at, and
//! counted against the bounds.

use std::{cell::Cell, ops::Range};

use object::{ReadCache, ReadRef};

use super::{
    limits::HEADER_BYTES,
    source::{Source, Stream},
};

/// What was read of one image.
pub(super) struct Cache<'a> {
    cache: ReadCache<Stream<'a>>,
    len: u64,
    left: Cell<u64>,
    left_in_all: &'a Cell<u64>,
    exhausted: Cell<bool>,
}

impl<'a> Cache<'a> {
    /// For `range` of the source; `left_in_all` is what may still be read of all images.
    pub(super) fn new(source: &'a dyn Source, range: &Range<u64>, left_in_all: &'a Cell<u64>) -> Self {
        let len = range.end.min(source.len()).saturating_sub(range.start);
        Self {
            cache: ReadCache::new(Stream::new(source, range.start, len)),
            len,
            left: Cell::new(HEADER_BYTES),
            left_in_all,
            exhausted: Cell::new(false),
        }
    }

    /// Whether a read was refused because of a bound, and not because of the file.
    pub(super) fn exhausted(&self) -> bool {
        self.exhausted.get()
    }

    /// Takes `bytes` from both bounds.
    fn charge(&self, bytes: u64) -> Result<(), ()> {
        let (Some(left), Some(left_in_all)) =
            (self.left.get().checked_sub(bytes), self.left_in_all.get().checked_sub(bytes))
        else {
            self.exhausted.set(true);
            return Err(());
        };
        self.left.set(left);
        self.left_in_all.set(left_in_all);
        Ok(())
    }
}

/// The view of it that is passed around.
#[derive(Clone, Copy)]
pub(super) struct Window<'c, 'a>(pub(super) &'c Cache<'a>);

impl<'c> ReadRef<'c> for Window<'c, '_> {
    fn len(self) -> Result<u64, ()> {
        Ok(self.0.len)
    }

    fn read_bytes_at(self, offset: u64, size: u64) -> Result<&'c [u8], ()> {
        // Before anything is allocated: the bytes must be there, and within the bounds.
        if offset.checked_add(size).is_none_or(|end| end > self.0.len) {
            return Err(());
        }
        self.0.charge(size)?;
        (&self.0.cache).read_bytes_at(offset, size)
    }

    fn read_bytes_at_until(self, range: Range<u64>, delimiter: u8) -> Result<&'c [u8], ()> {
        // At most what the cache reads for a text.
        self.0.charge(range.end.saturating_sub(range.start).min(4096))?;
        (&self.0.cache).read_bytes_at_until(range, delimiter)
    }
}
