//! Standard error, past the lock of the standard library, and without a signal for the host.
//!
//! A notice is printed by a thread of ours that holds a lock of ours. If the host holds `stderr().lock()` at that moment and
//! asks us something, each would wait for the other.

use crate::base::effects::{self, Effect};

#[cfg(unix)]
mod terminal;

/// Writes all of `text`; `false` if that failed, which changes nothing for the program. Whoever asked for what is printed here, debug
/// mode above all, waits as `eprintln!` would where nobody reads.
pub(crate) fn write(text: &str) -> bool {
    effects::note(Effect::Printed);
    write_all(text.as_bytes()).is_ok()
}

/// Whether standard error is a terminal at which somebody can read a message now.
pub(crate) fn is_watched() -> bool {
    #[cfg(unix)]
    return terminal::is_watched();
    #[cfg(not(unix))]
    std::io::IsTerminal::is_terminal(&std::io::stderr())
}

/// Shows `text` on that terminal; `false` if it does not take all of it at once. Never waits.
pub(crate) fn show(text: &str) -> bool {
    effects::note(Effect::Printed);
    #[cfg(unix)]
    return terminal::show(text.as_bytes()).is_ok();
    #[cfg(not(unix))]
    write_all(text.as_bytes()).is_ok()
}

/// Whether a person can answer at standard input: nobody can tell on other systems.
pub(crate) fn may_answer() -> bool {
    #[cfg(unix)]
    return terminal::may_answer();
    #[cfg(not(unix))]
    false
}

/// Forgets what was typed at standard input and not read yet, half a line too: it answers no question that comes now.
pub(crate) fn forget_typed() {
    #[cfg(unix)]
    terminal::forget_typed();
}

/// The line that is typed at standard input within this time.
pub(crate) fn answer(timeout: std::time::Duration) -> Option<String> {
    #[cfg(unix)]
    return terminal::answer(timeout);
    #[cfg(not(unix))]
    {
        let _ = timeout;
        None
    }
}

#[cfg(unix)]
fn write_all(mut bytes: &[u8]) -> std::io::Result<()> {
    use rustix::{io::Errno, stdio::stderr};

    use crate::base::process;

    if terminal::is_left() {
        return Err(Errno::PIPE.into());
    }
    process::may_grow(stderr(), bytes.len())?;
    process::without_signals(|| {
        while !bytes.is_empty() {
            match rustix::io::write(stderr(), bytes) {
                Ok(0) => return Err(std::io::ErrorKind::WriteZero.into()),
                Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    })
}

#[cfg(not(unix))]
fn write_all(bytes: &[u8]) -> std::io::Result<()> {
    std::io::Write::write_all(&mut std::io::stderr().lock(), bytes)
}
