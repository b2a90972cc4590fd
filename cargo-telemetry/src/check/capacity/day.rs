//! How often an event can be sent on one day from one state folder.

use telemetry_schema::{EventDescriptor, SdkDescriptor, Throttle};

use crate::daily::declared_by_sdk;

/// How many payloads the runtime remembers to hold back their repetition, for all SDKs of a user together
/// (`MEMORY_ENTRIES` in telemetry-runtime/src/base/limits.rs). With more distinct ones it may forget, and repeat.
const REMEMBERED: f64 = 4_096.0;

/// A bound on the number of sends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Sends {
    /// At most so many.
    AtMost(f64),
    /// Nothing holds repetitions back.
    EveryTime,
    /// Repetitions are held back, but there are more distinct payloads than are remembered.
    TooMany,
}

/// An identical event is held back, so the number of distinct payloads bounds the number of sends.
pub(super) fn sends(event: &EventDescriptor, sdk: Option<&SdkDescriptor>, payload: f64) -> Sends {
    if declared_by_sdk(event, sdk).is_some() {
        return Sends::AtMost(1.0);
    }
    let each = match event.throttle {
        Throttle::Daily => 1.0,
        // At 0:00, and then again each time that so many hours have passed before 24:00.
        Throttle::RollingHours(hours) if hours > 0 => (24.0 / f64::from(hours)).ceil(),
        Throttle::None | Throttle::RollingHours(_) => return Sends::EveryTime,
    };
    let distinct = payload.exp2().round();
    if distinct > REMEMBERED { Sends::TooMany } else { Sends::AtMost(distinct * each) }
}
