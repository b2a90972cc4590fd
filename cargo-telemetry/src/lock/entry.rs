/// What a line of the lock file is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scope {
    /// The file itself and `[lock]`.
    File,
    /// The SDK of this name.
    Sdk(String),
    /// The event with this key.
    Event(String),
}

/// One line of the lock file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Whose line it is.
    pub(crate) scope: Scope,
    /// What it says of it: a key such as `sample`, or a field: `field theme.dark`. Empty: only structure.
    pub(crate) label: String,
    /// The line, without its end.
    pub(crate) text: String,
}
