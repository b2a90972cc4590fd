//! The only two ways to say something: results on standard output, everything else on standard error.

use std::{
    fs,
    io::{ErrorKind, Write as _},
    path::Path,
};

use crate::{exit_code::ExitCode, failure::Failure, hidden::clean_lines};

/// Writes a result to standard output. Colours are taken out unless a terminal reads.
///
/// A reader that has heard enough (`| head`) is no error.
pub(crate) fn result(text: &str) -> Result<(), Failure> {
    let mut out = anstream::stdout();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::new(ExitCode::CannotWrite, format!("cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Writes a line of progress or explanation to standard error, which may be closed. It may hold words of others.
pub(crate) fn note(line: &str) {
    let _ = writeln!(anstream::stderr(), "{}", clean_lines(line));
}

/// Writes lines to standard error that are rendered already, with colours for a terminal.
pub(crate) fn lines(text: &str) {
    let _ = write!(anstream::stderr(), "{text}");
}

/// The same as [`note`], behind a word of ours in a style.
pub(crate) fn labelled(style: anstyle::Style, label: &str, text: &str) {
    let _ = writeln!(anstream::stderr(), "{style}{label}{style:#}: {}", clean_lines(text));
}

/// Replaces the file at `path` in one step, so that an interrupted run leaves the old one.
pub(crate) fn file(path: &Path, text: &str) -> Result<(), Failure> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".tmp");
    fs::write(&beside, text)
        .and_then(|()| fs::rename(&beside, path))
        .inspect_err(|_| drop(fs::remove_file(&beside)))
        .map_err(|error| Failure::new(ExitCode::CannotWrite, format!("cannot write {}: {error}", path.display())))
}
