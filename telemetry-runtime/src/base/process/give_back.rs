//! Memory that is not used any more.
#![allow(unsafe_code, reason = "`madvise` is a function of C")]

use std::sync::atomic::{AtomicU64, Ordering};

/// Gives the memory of a static back to the system, if it holds zeros: the next access finds zeros again. What another thread
/// writes to it meanwhile may be lost.
///
/// Only whole pages go: what else lies in the first and the last one stays.
pub(crate) fn give_back(words: &'static [AtomicU64]) {
    if words.iter().any(|word| word.load(Ordering::Relaxed) != 0) {
        return;
    }
    // SAFETY: asks for a number.
    let page = usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or_default();
    let (begin, bytes) = (words.as_ptr().addr(), size_of_val(words));
    let Some(before) = begin.checked_next_multiple_of(page).map(|first| first - begin) else { return };
    let Some(pages) = bytes.checked_sub(before).and_then(|rest| rest.checked_div(page)).filter(|pages| *pages > 0)
    else {
        return;
    };
    // SAFETY: these pages belong to the slice as a whole, which is borrowed for ever and may be written to by anybody. A page
    // that was given back reads as the static began: as zeros, which it held. Where the call fails nothing has changed.
    let _ =
        unsafe { libc::madvise(words.as_ptr().byte_add(before).cast_mut().cast(), pages * page, libc::MADV_DONTNEED) };
}
