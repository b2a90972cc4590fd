//! The test helpers of a build without telemetry: each of them panics, because a test that passes here tests nothing.
//! The loopback server is the same as ever.

pub use crate::server::{LoopbackServer, Received, Reply};

const LOUD: &str = "telemetry is compiled out (feature `no-telemetry` or `--cfg no_telemetry`): this test would test \
                    nothing; run it in a build with telemetry";

#[expect(clippy::panic, reason = "an assertion for tests")]
#[track_caller]
fn loud() -> ! {
    panic!("{LOUD}")
}

/// The clocks of the runtime; in this build there is none.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Clock;

impl Clock {
    /// Panics.
    pub fn now() -> std::time::SystemTime {
        loud()
    }

    /// Panics.
    pub fn set(_: std::time::SystemTime) {
        loud()
    }

    /// Panics.
    pub fn advance(_: std::time::Duration) {
        loud()
    }
}

/// The events that were recorded during a capture; never made in this build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded(std::convert::Infallible);

/// One event as it was recorded; never made in this build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedEvent(std::convert::Infallible);

impl Recorded {
    /// All events.
    pub fn events(&self) -> &[RecordedEvent] {
        match self.0 {}
    }

    /// The one event that was recorded.
    pub fn only(&self) -> &RecordedEvent {
        match self.0 {}
    }

    /// Asserts that no event was recorded.
    pub fn assert_none(&self) {
        match self.0 {}
    }
}

impl RecordedEvent {
    /// The SDK it belongs to.
    pub fn sdk(&self) -> &str {
        match self.0 {}
    }

    /// The name that is sent.
    pub fn event(&self) -> &str {
        match self.0 {}
    }

    /// Which component or method.
    pub fn discriminant(&self) -> Option<&str> {
        match self.0 {}
    }

    /// The payload as JSON.
    pub fn payload(&self) -> &str {
        match self.0 {}
    }
}

/// Panics: nothing can be recorded in this build.
///
/// # Panics
///
/// Always.
#[track_caller]
pub fn move_machine_policy(_path: impl Into<std::path::PathBuf>) -> bool {
    loud()
}

/// Panics: nothing can be recorded in this build.
///
/// # Panics
///
/// Always.
#[track_caller]
pub fn capture(_code: impl FnOnce()) -> Recorded {
    loud()
}

/// Panics: nothing can be recorded in this build.
///
/// # Panics
///
/// Always.
#[track_caller]
pub fn capture_process(_code: impl FnOnce()) -> Recorded {
    loud()
}

/// Panics: nothing can be recorded in this build.
///
/// # Panics
///
/// Always.
#[track_caller]
pub fn events_in_memory(_sdk: &crate::Sdk) -> u64 {
    loud()
}

/// Panics: everything is inert in this build.
///
/// # Panics
///
/// Always.
#[track_caller]
pub fn assert_inert(_code: impl FnOnce()) {
    loud()
}
