/// What the user is told before anything is recorded, and the hash of what is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub(crate) text: String,
    pub(crate) hash: String,
}

impl Notice {
    /// The text, a few lines without a final line end.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The hash of the set of events, fields and destinations that the text tells of. A host that shows the notice
    /// itself passes it to [`Options::notice_shown`](crate::Options::notice_shown).
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The notice of a build in which nothing is collected.
    #[cfg(compiled_out)]
    pub(crate) fn empty() -> Self {
        Self { text: String::new(), hash: String::new() }
    }
}
