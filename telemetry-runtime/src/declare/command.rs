//! Command lines: which command and which flags, and how it ended.

mod outcome;
#[cfg(not(compiled_out))]
mod tracked;

pub use outcome::CommandOutcome;
#[cfg(not(compiled_out))]
pub use tracked::{ReportsSuccess, SuccessOnly, TrackedArgs, TrackedCommands, held, holding};
