//! Where there is no `fork`.

/// Whether a process can be a copy of another one that runs.
pub const FORKS: bool = false;

/// Whether this process is the child of a fork: never.
#[inline]
pub fn is_forked() -> bool {
    false
}

/// As [`is_forked`].
pub fn look_for_fork() -> bool {
    false
}

/// Does `first` once.
pub fn register(first: impl FnOnce()) {
    static DONE: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);
    if !DONE.swap(true, std::sync::atomic::Ordering::AcqRel) {
        first();
    }
}

/// Has a function called in each child of a fork: there is none.
pub fn on_fork(_silence: fn()) {}

pub fn end_silence() {}
