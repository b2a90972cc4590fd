//! Files that somebody else has written, read within bounds, and their names in messages.

use std::{fs, io::Read as _, path::Path};

use crate::{exit_code::ExitCode, failure::Failure};

/// The largest text that is read, in bytes: 10,000 events of a kilobyte each are well below it.
const MAX_TEXT: u64 = 64 << 20;

/// The text of the file at `path`, which messages call `name`, within bounds.
pub(crate) fn text(path: &Path, name: &str) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    fs::File::open(path)
        .and_then(|file| file.take(MAX_TEXT + 1).read_to_end(&mut bytes))
        .map_err(|error| Failure::new(ExitCode::NoInput, format!("cannot read {name}: {error}")))?;
    if bytes.len() as u64 > MAX_TEXT {
        return Err(Failure::new(ExitCode::CannotTell, format!("{name} is larger than {} MiB", MAX_TEXT >> 20)));
    }
    String::from_utf8(bytes).map_err(|_| Failure::new(ExitCode::CannotTell, format!("{name} is not UTF-8")))
}

/// A path as messages show it: relative to the current folder where it lies below.
pub(crate) fn shown(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(&here).unwrap_or(path).display().to_string()
}
