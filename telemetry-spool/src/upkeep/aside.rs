//! Damaged files are set aside, for whoever wants to know what happened to them: under their name with the ending
//! `.damaged`, a few of them, for a while. Nothing reads them again; what could be read was taken before.

use std::io;

use crate::{
    folder::dir::Dir,
    format::names::{Kind, Name},
    limits::{DAMAGED_BYTES, DAMAGED_FILES},
    spool_folder::list,
};

/// Sets a file of ours aside, or removes it if that cannot be done.
///
/// # Errors
///
/// If it stays under its name.
pub(crate) fn put(dir: &Dir, name: &Name) -> io::Result<()> {
    match dir.rename(name.as_str(), &name.damaged()) {
        Ok(()) => {
            make_room(dir);
            Ok(())
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(error),
        Err(_) => dir.remove(name.as_str()),
    }
}

/// Removes the oldest that were set aside until the limits hold.
fn make_room(dir: &Dir) {
    let (mut files, mut bytes) = (0, 0);
    for name in list(dir).unwrap_or_default().all.iter().rev().filter(|name| name.kind() == Kind::Damaged) {
        files += 1;
        bytes += dir.len(name.as_str()).unwrap_or(0);
        if files > DAMAGED_FILES || bytes > DAMAGED_BYTES {
            let _ = dir.remove(name.as_str());
        }
    }
}
