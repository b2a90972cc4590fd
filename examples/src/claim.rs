use std::{fmt, io};

/// Something that an example says and that did not come true.
#[derive(Debug)]
pub struct NotAsSaid(String);

impl fmt::Display for NotAsSaid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotAsSaid {}

impl From<String> for NotAsSaid {
    fn from(what: String) -> Self {
        Self(what)
    }
}

impl From<io::Error> for NotAsSaid {
    fn from(error: io::Error) -> Self {
        Self(format!("the demonstration itself failed: {error}"))
    }
}

/// Checks what the example is about to say.
///
/// # Errors
///
/// [`NotAsSaid`] with `claim`, if it does not hold.
pub fn ensure(holds: bool, claim: &str) -> Result<(), NotAsSaid> {
    if holds { Ok(()) } else { Err(NotAsSaid(claim.to_owned())) }
}
