//! A capture does not show what production drops.

use std::panic::{AssertUnwindSafe, catch_unwind};

use golden_release_host::{application, library};
use telemetry_runtime::{record, telemetry_event, testing};

/// Under the key of an event of that crate, and something else.
#[telemetry_event(sdk = golden_release_host::library::TELEMETRY, name = "happened")]
struct HappenedAsWell {
    /// Whether it did.
    happened: bool,
}

/// What a panic said.
fn message(code: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(code)).expect_err("it panics");
    panic.downcast_ref::<String>().cloned().unwrap_or_default()
}

#[test]
fn o18_a_capture_fails_on_an_event_that_is_dropped_outside_of_tests() {
    for code in [|| library::happened(1), || record!(HappenedAsWell { happened: true })] {
        for said in [message(|| drop(testing::capture(code))), message(|| drop(testing::capture_process(code)))] {
            assert!(said.starts_with("`gate-release-library/happened` would never be recorded"), "{said}");
            assert!(said.contains("capture.rs:") && said.contains("(golden-release-host)"), "{said}");
        }
    }
    // What was captured goes on to be captured afterwards, and others are not concerned.
    assert_eq!(testing::capture(|| application::happened(1)).only().event(), "happened");
    testing::capture(|| {}).assert_none();
}
