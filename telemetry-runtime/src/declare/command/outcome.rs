/// How a command ended, for reports whose author asks for it with `outcome = …`.
///
/// `F` is the author's enum of failures: a message, a path or a code of somebody else cannot be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommandOutcome<F> {
    /// It did what it is for.
    Ok,
    /// It failed.
    Failed(F),
    /// Somebody stopped it, as by Ctrl-C.
    Interrupted,
}

impl<F> CommandOutcome<F> {
    /// That of a result; `failure` says which of the author's failures an error is.
    pub fn of<T, E>(result: &Result<T, E>, failure: impl FnOnce(&E) -> F) -> Self {
        match result {
            Ok(_) => Self::Ok,
            Err(error) => Self::Failed(failure(error)),
        }
    }
}
