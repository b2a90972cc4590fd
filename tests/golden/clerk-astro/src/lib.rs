//! Another framework binding around the core library.

use telemetry_runtime::{Wrapper, wrapper};

/// This crate, as the goldens name it.
pub fn registration() -> Wrapper {
    wrapper!("@clerk/astro")
}
