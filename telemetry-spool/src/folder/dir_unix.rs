//! A folder by its handle: no path is walked twice, and no symbolic link is followed below the base.

use std::{
    ffi::OsStr,
    fs::{DirBuilder, Metadata},
    io,
    os::{
        fd::OwnedFd,
        unix::fs::{DirBuilderExt as _, MetadataExt as _},
    },
    path::Path,
};

use rustix::{
    fs::{Access, AtFlags, FileType, Mode, OFlags, Stat},
    io::Errno,
};

use crate::{
    folder::no_folder::NoFolder,
    process::{Tracked, append_once, append_parts},
};

/// An open file of ours; a forked child closes its copy.
pub type File = Tracked<std::fs::File>;

/// Nobody but the owner may write.
const OTHERS_WRITE: u32 = 0o022;

/// An open folder.
#[derive(Debug)]
pub struct Dir(Tracked<OwnedFd>);

impl Dir {
    /// Opens the base, which may be reached through symbolic links: it is the user's to arrange. `None` if it does not
    /// exist and `create` is false.
    pub fn open_base(path: &Path, create: bool) -> Result<Option<Self>, NoFolder> {
        let Some(existing) = path.ancestors().find_map(|path| path.metadata().ok()) else {
            return Err(NoFolder::Missing);
        };
        let us = rustix::process::geteuid();
        if us.is_root() && existing.uid() != us.as_raw() {
            return Err(NoFolder::OthersHome);
        }
        if create {
            DirBuilder::new().recursive(true).mode(0o700).create(path)?;
        }
        match rustix::fs::open(path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()) {
            Ok(fd) => Ok(Some(Self(Tracked::new(fd)))),
            Err(Errno::NOENT) if !create => Ok(None),
            Err(error) => Err(NoFolder::from(io::Error::from(error))),
        }
    }

    /// Opens a folder of ours inside this one. `None` if it does not exist and `create` is false.
    pub fn child(&self, name: &str, create: bool) -> Result<Option<Self>, NoFolder> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut opened = rustix::fs::openat(self.0.checked()?, name, flags, Mode::empty());
        if create && opened.as_ref().err() == Some(&Errno::NOENT) {
            step()?;
            match rustix::fs::mkdirat(self.0.checked()?, name, Mode::RWXU) {
                // Another process may have been quicker; what counts is what is there now.
                Ok(()) | Err(Errno::EXIST) => {}
                Err(error) => return Err(NoFolder::from(io::Error::from(error))),
            }
            opened = rustix::fs::openat(self.0.checked()?, name, flags, Mode::empty());
        }
        let fd = match opened {
            Ok(fd) => fd,
            Err(Errno::NOENT) if !create => return Ok(None),
            Err(Errno::NOTDIR | Errno::LOOP) => return Err(NoFolder::NotAFolder(name.to_owned())),
            Err(error) => return Err(NoFolder::from(io::Error::from(error))),
        };
        let fd = Tracked::new(fd);
        let stat = rustix::fs::fstat(&fd).map_err(io::Error::from)?;
        if !is_ours(&stat) {
            return Err(NoFolder::OthersFolder(name.to_owned()));
        }
        if Mode::from_raw_mode(stat.st_mode).intersects(Mode::from_bits_truncate(OTHERS_WRITE as _)) {
            return Err(NoFolder::Writable(name.to_owned()));
        }
        Ok(Some(Self(fd)))
    }

    /// Makes a new file for the owner alone, to be read and appended to.
    pub fn create(&self, name: &str) -> io::Result<File> {
        step()?;
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::APPEND | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(File::new(rustix::fs::openat(self.0.checked()?, name, flags, Mode::RUSR | Mode::WUSR)?.into()))
    }

    /// Opens a file to be read, and to be locked, which some systems allow on writable files only.
    ///
    /// What is not a regular file of ours is not opened at all: opening a device or a pipe can have effects.
    pub fn open_file(&self, name: &str) -> io::Result<File> {
        Ok(self.open_sized(name)?.0)
    }

    /// As [`Dir::open_file`], with the length that it had then.
    pub fn open_sized(&self, name: &str) -> io::Result<(File, u64)> {
        let us = rustix::process::geteuid().as_raw();
        let ours = |stat: &Stat| is_regular(stat) && stat.st_uid == us;
        if !ours(&self.stat(name)?) {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let flags = OFlags::RDWR | OFlags::APPEND | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let opened: std::fs::File = rustix::fs::openat(self.0.checked()?, name, flags, Mode::empty())?.into();
        let stat = rustix::fs::fstat(&opened)?;
        let file = known(opened, &stat);
        // It may have been replaced in between.
        if ours(&stat) { Ok((file, len_of(&stat))) } else { Err(io::ErrorKind::PermissionDenied.into()) }
    }

    /// The length of a regular file of ours.
    pub fn len(&self, name: &str) -> io::Result<u64> {
        let stat = self.stat(name)?;
        if is_regular(&stat) && is_ours(&stat) {
            Ok(len_of(&stat))
        } else {
            Err(io::ErrorKind::PermissionDenied.into())
        }
    }

    /// Whether `name` still is this very file, for sure; see [`Dir::is_gone`].
    pub fn holds(&self, name: &str, file: &File) -> bool {
        self.len_if_held(name, file).is_some()
    }

    /// The length of this very file, if `name` still is it, for sure.
    pub fn len_if_held(&self, name: &str, file: &File) -> Option<u64> {
        let (there, here) = self.stat(name).ok().zip(rustix::fs::fstat(file).ok())?;
        let is_held = there.st_ino == here.st_ino && there.st_dev == here.st_dev;
        is_held.then(|| len_of(&here))
    }

    /// Whether `name` is this very file no more. A disk that fails to say so has not lost it: what is called lost is
    /// counted, and would be counted once more when it is found again.
    pub fn is_gone(&self, name: &str, file: &File) -> bool {
        if !file.is_ours() || self.is_lost() {
            return false; // The program has closed it, and it is another one by now.
        }
        match (self.stat(name), rustix::fs::fstat(file)) {
            (Ok(there), Ok(here)) => there.st_ino != here.st_ino || there.st_dev != here.st_dev,
            (Err(error), _) => error.kind() == io::ErrorKind::NotFound,
            (Ok(_), Err(_)) => false,
        }
    }

    /// Whether the program has closed this folder's descriptor.
    pub fn is_lost(&self) -> bool {
        !self.0.is_ours()
    }

    /// Whether somebody has removed this folder while it was open: nothing can be made in it any more.
    pub fn is_removed(&self) -> bool {
        self.0.checked().and_then(|here| Ok(rustix::fs::fstat(here)?)).is_ok_and(|stat| stat.st_nlink == 0)
    }

    /// Renames a file within this folder, over a file that may be there.
    pub fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        step()?;
        let here = self.0.checked()?;
        Ok(rustix::fs::renameat(here, from, here, to)?)
    }

    /// Removes a file; a folder of that name stays.
    pub fn remove(&self, name: &str) -> io::Result<()> {
        step()?;
        Ok(rustix::fs::unlinkat(self.0.checked()?, name, AtFlags::empty())?)
    }

    /// Removes an empty folder.
    pub fn remove_dir(&self, name: &str) -> io::Result<()> {
        step()?;
        Ok(rustix::fs::unlinkat(self.0.checked()?, name, AtFlags::REMOVEDIR)?)
    }

    /// The names of regular files in this folder that `wanted` makes something of. No more than `limit` entries are looked
    /// at; `false` means that there are more.
    pub fn files<T>(&self, limit: usize, wanted: impl FnMut(&str) -> Option<T>) -> io::Result<(Vec<T>, bool)> {
        self.names(FileType::RegularFile, limit, wanted)
    }

    /// As [`Dir::files`], the names of folders.
    pub fn folders<T>(&self, limit: usize, wanted: impl FnMut(&str) -> Option<T>) -> io::Result<(Vec<T>, bool)> {
        self.names(FileType::Directory, limit, wanted)
    }

    fn names<T>(
        &self,
        kind: FileType,
        limit: usize,
        mut wanted: impl FnMut(&str) -> Option<T>,
    ) -> io::Result<(Vec<T>, bool)> {
        let (mut names, mut seen) = (Vec::new(), 0);
        for entry in rustix::fs::Dir::read_from(self.0.checked()?)? {
            let entry = entry?;
            match entry.file_name().to_str() {
                Ok("." | "..") => {}
                _ if seen >= limit => return Ok((names, false)),
                name => {
                    seen += 1;
                    // Some file systems do not say; whoever opens the file looks again in any case.
                    let fits = entry.file_type() == kind || entry.file_type() == FileType::Unknown;
                    names.extend(name.ok().filter(|_| fits).and_then(&mut wanted));
                }
            }
        }
        Ok((names, true))
    }

    /// Makes renames and removals in this folder durable.
    pub fn sync(&self) -> io::Result<()> {
        Ok(rustix::fs::fsync(self.0.checked()?)?)
    }

    /// Bytes that are free for us on this file system; `None` where that cannot be said.
    pub fn free_bytes(&self) -> Option<u64> {
        let stat = rustix::fs::fstatvfs(self.0.checked().ok()?).ok()?;
        stat.f_bavail.checked_mul(stat.f_frsize)
    }

    /// What a name leads to. In a folder that the program has put in our place it is not there, or no file of ours: whoever asks looks
    /// at the file itself as well, or opens it through [`Tracked::checked`].
    fn stat(&self, name: &str) -> io::Result<Stat> {
        Ok(rustix::fs::statat(&self.0, OsStr::new(name), AtFlags::SYMLINK_NOFOLLOW)?)
    }
}

/// Whether the system would let us make files in a folder.
pub fn may_write(folder: &Path) -> io::Result<()> {
    Ok(rustix::fs::access(folder, Access::WRITE_OK | Access::EXEC_OK)?)
}

/// Appends to a file with one `write`; the number of bytes that were written.
pub fn append(file: &File, bytes: &[u8]) -> io::Result<usize> {
    #[cfg(test)]
    if let Err(error) = step() {
        // A process that is killed may leave a part of its last write.
        let torn = bytes.get(..crate::tests::crash::torn(bytes.len())).unwrap_or_default();
        let _ = append_once(file, torn);
        return Err(error);
    }
    append_once(file.checked()?, bytes)
}

/// Appends all of `bytes` to a file.
pub fn append_all(file: &File, bytes: &[u8]) -> io::Result<()> {
    if append(file, bytes)? == bytes.len() { Ok(()) } else { Err(io::ErrorKind::StorageFull.into()) }
}

/// As [`append_all`], of bytes that stand in several places.
pub fn append_all_parts<const N: usize>(file: &File, parts: [&[u8]; N]) -> io::Result<()> {
    let bytes: usize = parts.iter().map(|part| part.len()).sum();
    if append_parts(file.checked()?, parts)? == bytes { Ok(()) } else { Err(io::ErrorKind::StorageFull.into()) }
}

/// Cuts a file.
pub fn cut(file: &File, len: u64) -> io::Result<()> {
    step()?;
    file.set_len(len)
}

/// One change to the disk is about to be made. Tests let processes die between any two of them.
#[cfg(not(test))]
#[expect(clippy::unnecessary_wraps, reason = "the same signature as in tests")]
fn step() -> io::Result<()> {
    Ok(())
}
#[cfg(test)]
use crate::tests::crash::step;

/// Whether the last name of an open file was removed.
pub fn is_removed(file: &File) -> bool {
    file.checked().and_then(std::fs::File::metadata).is_ok_and(|metadata: Metadata| metadata.nlink() == 0)
}

/// A file that was just opened, and what the system says of it.
#[allow(clippy::unnecessary_cast, clippy::cast_lossless, reason = "these types differ between systems")]
fn known(file: std::fs::File, stat: &Stat) -> File {
    File::known(file, stat.st_dev as u64, stat.st_ino as u64)
}

fn len_of(stat: &Stat) -> u64 {
    u64::try_from(stat.st_size).unwrap_or(0)
}

fn is_regular(stat: &Stat) -> bool {
    FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile
}

fn is_ours(stat: &Stat) -> bool {
    stat.st_uid == rustix::process::geteuid().as_raw()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn o03_where_the_folder_s_number_leads_elsewhere_nothing_is_gone() {
        let (base, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut dir = Dir::open_base(base.path(), true).unwrap().unwrap();
        let file = dir.create("one").unwrap();
        assert!(dir.len_if_held("one", &file) == Some(0) && !dir.is_gone("one", &file));
        // As a program that closes what it does not know, and opens a folder of its own.
        rustix::io::dup2(std::fs::File::open(other.path()).unwrap(), &mut dir.0).unwrap();
        assert!(dir.len_if_held("one", &file).is_none());
        assert!(!dir.is_gone("one", &file), "it stands where it stood");
    }
}
