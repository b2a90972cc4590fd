//! Why a command could not do what it was asked: what it ends with, and what is said to people.

use crate::exit_code::ExitCode;

/// The end of a command without a result; printed on standard error.
#[derive(Debug)]
pub struct Failure {
    /// How the program ends.
    pub exit: ExitCode,
    /// The cause, in lower case and without a full stop, as after `error: `.
    pub message: String,
    /// The next step, as after `help: `.
    pub hint: Option<String>,
}

impl Failure {
    /// A failure without a next step.
    pub fn new(exit: ExitCode, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), hint: None }
    }

    /// The same failure, with the next step.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}
