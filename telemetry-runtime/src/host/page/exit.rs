//! A page has no end that anybody could wait for: what waits is written and offered when it is hidden; the same names as in `exit.rs`.

/// Does nothing: a page that goes away hands over what it has by itself.
#[inline]
pub fn exit_guard() -> ExitGuard {
    ExitGuard { _private: () }
}

/// What [`exit_guard`] returns; its end is nothing special in a page.
#[derive(Debug)]
#[must_use = "the guard does its work when it is dropped: `let _telemetry = telemetry_runtime::exit_guard();`"]
pub struct ExitGuard {
    _private: (),
}

/// Does nothing: no page is a copy of another.
pub fn reinit_after_fork() {}
