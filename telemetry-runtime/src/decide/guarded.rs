//! What an author chose for the end of a program, and whether the program lets it happen.

use std::sync::atomic::{AtomicBool, Ordering};

use telemetry_schema::Exit;

use crate::{decide::exit_text::StatusExit, declare::sdk::Sdk};

/// The program holds what [`exit_guard`](crate::exit_guard) returned.
static GUARDED: AtomicBool = AtomicBool::new(false);

/// The program holds the guard from now on, or no longer.
pub(crate) fn set(guarded: bool) {
    GUARDED.store(guarded, Ordering::Relaxed);
}

/// What [`Status::exit`](crate::Status::exit) says: what the author chose, and whether the program lets it happen.
pub(crate) fn describe(sdk: Sdk) -> StatusExit {
    let guarded = GUARDED.load(Ordering::Relaxed);
    match sdk.info.exit {
        Exit::Later => StatusExit::Later,
        Exit::Grace(milliseconds) => StatusExit::Grace { milliseconds, guarded },
        Exit::Detached => StatusExit::Detached { guarded },
    }
}

/// Whether the author chose something for the end of the program that cannot happen.
pub(crate) fn is_unguarded(sdk: Sdk) -> bool {
    sdk.info.exit != Exit::Later && !GUARDED.load(Ordering::Relaxed)
}
