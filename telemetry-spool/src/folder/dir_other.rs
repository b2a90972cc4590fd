//! A folder by its path, for systems without directory handles; the same names as in `dir_unix.rs`.
//!
//! Windows' per-user folder is closed to other users by its access list, so there is no owner or mode to check.

use std::{
    fs::{self, FileType, OpenOptions},
    io,
    path::{Path, PathBuf},
};

use crate::{
    folder::no_folder::NoFolder,
    process::{Tracked, append_once, append_parts},
};

/// An open file of ours.
pub type File = Tracked<std::fs::File>;

/// A folder.
#[derive(Debug)]
pub struct Dir(PathBuf);

impl Dir {
    /// Opens the base. `None` if it does not exist and `create` is false.
    pub fn open_base(path: &Path, create: bool) -> Result<Option<Self>, NoFolder> {
        if create {
            fs::create_dir_all(path)?;
        }
        Ok(path.is_dir().then(|| Self(path.to_owned())))
    }

    /// Opens a folder of ours inside this one. `None` if it does not exist and `create` is false.
    pub fn child(&self, name: &str, create: bool) -> Result<Option<Self>, NoFolder> {
        let path = self.0.join(name);
        if create && let Err(error) = fs::create_dir(&path) {
            // Another process may have been quicker; without its parent it was erased and is not made again.
            if error.kind() != io::ErrorKind::AlreadyExists {
                return Err(NoFolder::from(error));
            }
        }
        match fs::symlink_metadata(&path) {
            Ok(metadata) if metadata.is_dir() => Ok(Some(Self(path))),
            Ok(_) => Err(NoFolder::NotAFolder(name.to_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound && !create => Ok(None),
            Err(error) => Err(NoFolder::from(error)),
        }
    }

    /// Makes a new file, to be read and appended to.
    pub fn create(&self, name: &str) -> io::Result<File> {
        OpenOptions::new().read(true).append(true).create_new(true).open(self.0.join(name)).map(File::new)
    }

    /// Opens a regular file to be read and locked.
    pub fn open_file(&self, name: &str) -> io::Result<File> {
        Ok(self.open_sized(name)?.0)
    }

    /// As [`Dir::open_file`], with the length that it had then.
    pub fn open_sized(&self, name: &str) -> io::Result<(File, u64)> {
        let len = self.len(name)?;
        Ok((OpenOptions::new().read(true).append(true).open(self.0.join(name)).map(File::new)?, len))
    }

    /// The length of a regular file.
    pub fn len(&self, name: &str) -> io::Result<u64> {
        let metadata = fs::symlink_metadata(self.0.join(name))?;
        if metadata.is_file() { Ok(metadata.len()) } else { Err(io::ErrorKind::PermissionDenied.into()) }
    }

    /// Whether `name` still is a file, for sure; which one it is cannot be told here, and names are never used twice.
    pub fn holds(&self, name: &str, _file: &File) -> bool {
        self.len(name).is_ok()
    }

    /// The length of this file, if `name` still is one, for sure.
    pub fn len_if_held(&self, name: &str, file: &File) -> Option<u64> {
        self.len(name).and_then(|_| Ok(file.metadata()?.len())).ok()
    }

    /// Whether `name` is a file no more, for sure.
    pub fn is_gone(&self, name: &str, _file: &File) -> bool {
        match fs::symlink_metadata(self.0.join(name)) {
            Ok(there) => !there.is_file(),
            Err(error) => error.kind() == io::ErrorKind::NotFound,
        }
    }

    /// Renames a file within this folder, over a file that may be there.
    pub fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.0.join(from), self.0.join(to))
    }

    /// Removes a file.
    pub fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.0.join(name))
    }

    /// Removes an empty folder.
    pub fn remove_dir(&self, name: &str) -> io::Result<()> {
        fs::remove_dir(self.0.join(name))
    }

    /// The names of regular files in this folder that `wanted` makes something of. No more than `limit` entries are looked
    /// at; `false` means that there are more.
    pub fn files<T>(&self, limit: usize, wanted: impl FnMut(&str) -> Option<T>) -> io::Result<(Vec<T>, bool)> {
        self.names(FileType::is_file, limit, wanted)
    }

    /// As [`Dir::files`], the names of folders.
    pub fn folders<T>(&self, limit: usize, wanted: impl FnMut(&str) -> Option<T>) -> io::Result<(Vec<T>, bool)> {
        self.names(FileType::is_dir, limit, wanted)
    }

    fn names<T>(
        &self,
        fits: impl Fn(&FileType) -> bool,
        limit: usize,
        mut wanted: impl FnMut(&str) -> Option<T>,
    ) -> io::Result<(Vec<T>, bool)> {
        let mut entries = fs::read_dir(&self.0)?;
        let seen = entries.by_ref().take(limit).filter_map(Result::ok);
        let fitting = seen.filter(|entry| entry.file_type().is_ok_and(|kind| fits(&kind)));
        let names = fitting.filter_map(|entry| wanted(entry.file_name().to_str()?)).collect();
        Ok((names, entries.next().is_none()))
    }

    /// Nothing: these systems have no way to flush a folder.
    pub fn sync(&self) -> io::Result<()> {
        Ok(())
    }

    /// Nobody closes a folder here: there is no handle to it.
    pub fn is_lost(&self) -> bool {
        let _ = &self.0;
        false
    }

    /// Whether somebody has removed this folder.
    pub fn is_removed(&self) -> bool {
        !self.0.is_dir()
    }

    /// Unknown without a system call that the standard library does not have.
    pub fn free_bytes(&self) -> Option<u64> {
        None
    }
}

/// Whether the system would let us make files in a folder; here only the attempt can say.
pub fn may_write(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Appends to a file with one `write`; the number of bytes that were written.
pub fn append(file: &File, bytes: &[u8]) -> io::Result<usize> {
    append_once(file, bytes)
}

/// Appends all of `bytes` to a file.
pub fn append_all(file: &File, bytes: &[u8]) -> io::Result<()> {
    if append(file, bytes)? == bytes.len() { Ok(()) } else { Err(io::ErrorKind::StorageFull.into()) }
}

/// As [`append_all`], of bytes that stand in several places.
pub fn append_all_parts<const N: usize>(file: &File, parts: [&[u8]; N]) -> io::Result<()> {
    let bytes: usize = parts.iter().map(|part| part.len()).sum();
    if append_parts(file, parts)? == bytes { Ok(()) } else { Err(io::ErrorKind::StorageFull.into()) }
}

/// Cuts a file.
pub fn cut(file: &File, len: u64) -> io::Result<()> {
    file.set_len(len)
}

/// Whether the last name of an open file was removed; unknown here, and Windows refuses to remove open files.
pub fn is_removed(_file: &File) -> bool {
    false
}
