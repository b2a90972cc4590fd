//! Writes, where no signals come of them.

use std::{
    fs::File,
    io::{self, Write as _},
};

/// Appends to a file with one `write`; the number of bytes that were written.
///
/// # Errors
///
/// If it fails.
pub fn append_once(mut file: &File, bytes: &[u8]) -> io::Result<usize> {
    loop {
        match file.write(bytes) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            written => return written,
        }
    }
}

/// As [`append_once`], of bytes that stand in several places.
///
/// # Errors
///
/// The same.
pub fn append_parts<const N: usize>(file: &File, parts: [&[u8]; N]) -> io::Result<usize> {
    append_once(file, &parts.concat())
}
