//! Whether telemetry has ended in this process for good.

use std::sync::atomic::{AtomicBool, Ordering};

/// [`shutdown`](crate::shutdown) was called: no later setting turns anything on again.
static SHUT_DOWN: AtomicBool = AtomicBool::new(false);

/// Ends telemetry in this process and its children.
pub(crate) fn shut_down() {
    SHUT_DOWN.store(true, Ordering::SeqCst);
}

/// Whether [`shutdown`](crate::shutdown) was called in this process.
pub(crate) fn is_shut_down() -> bool {
    SHUT_DOWN.load(Ordering::SeqCst)
}
