//! What an author chose for the end of a program, and whether the program lets it happen.

use std::sync::atomic::{AtomicBool, Ordering};

use telemetry_schema::Exit;

use crate::declare::sdk::Sdk;

/// The program holds what [`exit_guard`](crate::exit_guard) returned.
static GUARDED: AtomicBool = AtomicBool::new(false);

/// The program holds the guard from now on, or no longer.
pub(crate) fn set(guarded: bool) {
    GUARDED.store(guarded, Ordering::Relaxed);
}

/// What [`Status::exit`](crate::Status::exit) says: what the author chose, and whether the program lets it happen.
pub(crate) fn describe(sdk: Sdk) -> String {
    let chosen = match sdk.info.exit {
        Exit::Grace(milliseconds) => format!("grace of {milliseconds} ms"),
        Exit::Detached => "detached".to_owned(),
        _ => return "later".to_owned(),
    };
    if GUARDED.load(Ordering::Relaxed) { chosen } else { format!("{chosen}, {UNGUARDED}") }
}

/// Whether the author chose something for the end of the program that cannot happen.
pub(crate) fn is_unguarded(sdk: Sdk) -> bool {
    sdk.info.exit != Exit::Later && !GUARDED.load(Ordering::Relaxed)
}

const UNGUARDED: &str = "but nothing happens at the end: `main` does not hold what exit_guard() returns, \
                         as in `let _telemetry = …`";
