//! Why a command could not answer: what it ends with, and what is said to people.

use crate::exit_code::ExitCode;

/// The end of a command that has no result. [`crate::cli::run`] prints it on standard error.
#[derive(Debug)]
pub(crate) struct Failure {
    /// How the program ends.
    pub(crate) exit: ExitCode,
    /// The cause, in lower case and without a full stop, as after `error: `.
    pub(crate) message: String,
    /// The next step, as after `help: `.
    pub(crate) hint: Option<String>,
    /// Whether all was read, and holds no records.
    pub(crate) is_without_records: bool,
}

impl Failure {
    /// A failure without a next step.
    pub(crate) fn new(exit: ExitCode, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), hint: None, is_without_records: false }
    }

    /// A command line that asks for something impossible.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(ExitCode::Usage, message)
    }

    /// The same failure, which says that all was read and holds no records.
    #[must_use]
    pub(crate) fn without_records(mut self) -> Self {
        self.is_without_records = true;
        self
    }

    /// The same failure, with the next step.
    #[must_use]
    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// An error and its causes in one line, for messages; each is told once, also where an error tells its cause itself.
pub(crate) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let told = error.to_string();
        if !text.contains(&told) {
            text.push_str(": ");
            text.push_str(&told);
        }
        cause = error.source();
    }
    text
}
