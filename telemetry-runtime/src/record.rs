//! The caller's thread: the table of used events, sampling, throttle, queue, debug print. Knows neither disk nor network.

#[cfg(all(native, feature = "testing"))]
pub(crate) mod captured;
#[cfg(not(compiled_out))]
pub(crate) mod configurations;
#[cfg(not(compiled_out))]
pub(crate) mod debug;
#[cfg(not(compiled_out))]
pub(crate) mod events;
#[cfg(not(compiled_out))]
pub(crate) mod mode;
#[cfg(not(compiled_out))]
#[cfg_attr(in_page, path = "record/queue_page.rs")]
pub(crate) mod queue;
#[cfg(not(compiled_out))]
pub(crate) mod queued;
#[cfg(not(compiled_out))]
pub(crate) mod throttle;
#[cfg(not(compiled_out))]
pub(crate) mod waiting;
