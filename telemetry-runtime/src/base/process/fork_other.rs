//! Where there is no `fork`.

#[inline]
pub(super) fn generation() -> u32 {
    0
}

/// Whether this process is the child of a fork: never.
#[inline]
pub(crate) fn is_forked() -> bool {
    false
}

/// As [`is_forked`].
pub(crate) fn look_for_fork() -> bool {
    false
}

/// Does `first` once.
pub(super) fn register(first: impl FnOnce()) {
    static DONE: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);
    if !DONE.swap(true, std::sync::atomic::Ordering::AcqRel) {
        first();
    }
}

/// Has a function called in each child of a fork: there is none.
pub(crate) fn on_fork(_silence: fn()) {}

pub(crate) fn end_silence() {}
