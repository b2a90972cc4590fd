//! Standard error, past the lock of the standard library.
//!
//! A notice is printed by a thread of ours that holds a lock of ours. If the host holds `stderr().lock()` at that moment and
//! asks us something, each would wait for the other.

use crate::activity::{self, Effect};

/// Writes all of `text`; `false` if that failed, which is nobody's problem.
pub(crate) fn write(text: &str) -> bool {
    activity::note(Effect::Printed);
    write_all(text.as_bytes()).is_ok()
}

#[cfg(unix)]
fn write_all(mut bytes: &[u8]) -> std::io::Result<()> {
    while !bytes.is_empty() {
        match rustix::io::write(rustix::stdio::stderr(), bytes) {
            Ok(0) => return Err(std::io::ErrorKind::WriteZero.into()),
            Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

#[cfg(not(unix))]
fn write_all(bytes: &[u8]) -> std::io::Result<()> {
    std::io::Write::write_all(&mut std::io::stderr().lock(), bytes)
}
