//! Every file of a folder, in a fixed order, without leaving it.

use std::path::{Path, PathBuf};

use crate::reader::shown;

/// What a folder holds.
#[derive(Debug, Default)]
pub(super) struct Folder {
    /// Regular files, by path.
    pub(super) files: Vec<PathBuf>,
    /// Symbolic links, none of which is followed: what they point to within the folder is in `files` itself, and what
    /// lies outside is no part of the package.
    pub(super) links: u64,
    /// Pipes, sockets and devices, which hold no bytes of their own.
    pub(super) special: u64,
    /// Folders that cannot be listed, and why.
    pub(super) unreadable: Vec<(String, std::io::Error)>,
}

/// Lists `root` with everything below it.
pub(super) fn list(root: &Path) -> Folder {
    let mut folder = Folder::default();
    let mut open = vec![root.to_owned()];
    while let Some(path) = open.pop() {
        if let Err(error) = entries(&path, &mut folder, &mut open) {
            folder.unreadable.push((shown(&path), error));
        }
    }
    folder.files.sort();
    folder
}

fn entries(path: &Path, folder: &mut Folder, open: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(path)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            open.push(entry.path());
        } else if kind.is_file() {
            folder.files.push(entry.path());
        } else if kind.is_symlink() {
            folder.links += 1;
        } else {
            folder.special += 1;
        }
    }
    Ok(())
}
