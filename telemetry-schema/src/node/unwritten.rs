//! The end of a byte array that is being filled by const evaluation.

use std::marker::PhantomData;

/// [`Unwritten::write`] in the place of a call: the compiler takes longer to enter a function than to interpret this.
macro_rules! write_here {
    ($rest:expr, $text:expr, $from:expr, $len:expr) => {{
        let len = $len;
        if len > $rest.end - $rest.at {
            panic!("the text is longer than its array");
        }
        if len > 0 {
            let text = $text as *const [u8; MAX];
            // `at + len` is not beyond the end of the array, which is borrowed for 'a, so that `text` cannot overlap it. The
            // indices only compute places inside both: nothing of the length `MAX` is read or written.
            std::ptr::copy_nonoverlapping(&raw const (*text)[$from], &raw mut (*$rest.out)[$rest.at], len);
            $rest.at += len;
        }
    }};
}
pub(super) use write_here;

/// More than any text of a record: the bound of the array type through which places are computed.
pub(super) const MAX: usize = 1 << 30;

/// The bytes that were not written yet.
///
/// `split_at_mut` and `copy_from_slice` say the same in safe code. But the compiler interprets them, with every function
/// and every check inside them, for each piece of each record of the author's crate: they were four fifths of the cost
/// of a record. This is the one place of the crate that copies through a pointer. It runs in the compiler only, which
/// refuses to build a constant that reads or writes out of bounds.
pub(super) struct Unwritten<'a> {
    /// The array from its start, whatever its length.
    pub(super) out: *mut [u8; MAX],
    /// Where the next byte goes.
    pub(super) at: usize,
    /// The length of the array.
    pub(super) end: usize,
    bytes: PhantomData<&'a mut [u8]>,
}

impl<'a> Unwritten<'a> {
    /// All of `bytes`.
    pub(super) const fn new<const N: usize>(bytes: &'a mut [u8; N]) -> Self {
        Self { out: bytes as *mut [u8; N] as *mut [u8; MAX], at: 0, end: N, bytes: PhantomData }
    }

    /// Says whether every byte was written.
    pub(super) const fn is_empty(&self) -> bool {
        self.at == self.end
    }

    /// Writes `len` bytes of `text`, from the byte `from` on.
    ///
    /// # Safety
    ///
    /// `text` starts `from + len` bytes or more that can be read. Asking here would cost as much as the copy.
    #[expect(unsafe_code, reason = "copying safely costs the author's build several times as much; see the type")]
    #[expect(clippy::indexing_slicing, reason = "an index into a place that is never read, and below `MAX`")]
    pub(super) const unsafe fn write(&mut self, text: *const u8, from: usize, len: usize) {
        // SAFETY: the caller answers for `text`.
        unsafe { write_here!(self, text, from, len) }
    }
}
