//! The process-wide veto and the compile-out switch of the telemetry framework.
//!
//! Every version of `telemetry-runtime` depends on this one crate, so one veto silences the SDKs of all of them, and
//! one cargo feature compiles all of them out. It is frozen at 1.x, has no dependencies, and cargo refuses a second
//! copy of it in one graph (`links`).
//!
//! "Process-wide" means per linked image: a plugin that carries its own copy of this crate has a flag of its own and is
//! reached by environment variables and files only.
//!
//! # Targets of the family `wasm`
//!
//! There a build is compiled out unless the feature `browser` is set, which is reserved for a client in the browser. The
//! feature wins over nothing else. Any crate of a graph can set it for all of them, so it only says that telemetry *may* be
//! linked: a version of the runtime without a client for the target does not ask [`choose!`] there and stays compiled out.
//!
//! SDK authors and hosts do not use this crate directly; `telemetry_runtime` re-exports what they need.
#![no_std]

use core::sync::atomic::{AtomicBool, Ordering};

static VETOED: AtomicBool = AtomicBool::new(false);

/// Vetoes all telemetry of this process, for every SDK and every version of the runtime, until the process ends.
///
/// There is no way to take a veto back: code that runs later cannot overrule the host.
pub fn veto_all() {
    VETOED.store(true, Ordering::SeqCst);
}

/// Says whether [`veto_all`] was called in this process.
#[inline]
pub fn is_vetoed() -> bool {
    VETOED.load(Ordering::Relaxed)
}

/// `true` when this build has telemetry compiled out: by the feature `no-telemetry`, by `--cfg no_telemetry`, or because it
/// is for a wasm target and the feature `browser` is not set.
///
/// `false` is a permission and no promise: a version of the runtime that has no client for the target is compiled out by
/// itself.
pub const COMPILED_OUT: bool =
    cfg!(any(feature = "no-telemetry", no_telemetry, all(target_family = "wasm", not(feature = "browser"))));

/// Expands to its first block of tokens in a build with telemetry, to its second one in a build without.
///
/// All macros of the framework end in this choice. It is made here, and not in the procedural macros, because those
/// are compiled for the build host, where neither `RUSTFLAGS` nor the features of the target graph reach them.
#[cfg(not(any(feature = "no-telemetry", no_telemetry, all(target_family = "wasm", not(feature = "browser")))))]
#[macro_export]
macro_rules! choose {
    ({ $($with:tt)* } { $($without:tt)* }) => { $($with)* };
}

/// Expands to its first block of tokens in a build with telemetry, to its second one in a build without.
///
/// All macros of the framework end in this choice. It is made here, and not in the procedural macros, because those
/// are compiled for the build host, where neither `RUSTFLAGS` nor the features of the target graph reach them.
#[cfg(any(feature = "no-telemetry", no_telemetry, all(target_family = "wasm", not(feature = "browser"))))]
#[macro_export]
macro_rules! choose {
    ({ $($with:tt)* } { $($without:tt)* }) => { $($without)* };
}
