//! The end of a byte array that is being filled by const evaluation.

use std::marker::PhantomData;

/// The bytes that were not written yet.
///
/// `split_at_mut` and `copy_from_slice` say the same in safe code. But the compiler interprets them, with every function
/// and every check inside them, for each piece of each record of the author's crate: four fifths of the cost of a record.
/// This is the one place of the workspace that copies through a pointer, and it runs in the compiler only, which refuses
/// a build whose constants write out of bounds.
pub(super) struct Unwritten<'a> {
    /// Start of the bytes that may be written.
    at: *mut u8,
    /// How many they are.
    left: usize,
    bytes: PhantomData<&'a [u8]>,
}

impl<'a> Unwritten<'a> {
    /// All of `bytes`.
    pub(super) const fn new<const N: usize>(bytes: &'a mut [u8; N]) -> Self {
        Self { at: bytes as *mut [u8; N] as *mut u8, left: N, bytes: PhantomData }
    }

    /// How many bytes are left.
    pub(super) const fn len(&self) -> usize {
        self.left
    }

    /// Writes `text` and returns what is left.
    #[expect(unsafe_code, reason = "copying safely costs the author's build five times as much; see the type")]
    #[expect(
        clippy::panic,
        reason = "evaluated by the compiler: a wrong size is a compile error, not a run-time panic"
    )]
    pub(super) const fn write(self, text: &str) -> Self {
        let len = text.len();
        if len > self.left {
            panic!("the record is longer than its array");
        }
        // SAFETY: `at` starts `left` writable bytes, which are borrowed for 'a, and `len` is not more than `left`. `text`
        // cannot overlap them: it is borrowed as well.
        let at = unsafe {
            std::ptr::copy_nonoverlapping(text as *const str as *const u8, self.at, len);
            self.at.add(len)
        };
        Self { at, left: self.left - len, bytes: PhantomData }
    }
}
