//! A folder of one user, and small files in it that are replaced whole.

use std::{
    io::{self, Read as _},
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

use crate::{
    folder::{
        dir::{self, Dir},
        no_folder::NoFolder,
    },
    limits::SMALL_FILE_BYTES,
    uuid::uuid7,
};

/// The ending of a small file that is not in its place yet.
pub const TEMPORARY: &str = ".tmp";

/// A folder that belongs to this user alone, open: whatever happens to its path, this is the folder that was checked.
#[derive(Debug)]
pub struct PrivateFolder {
    dir: Dir,
    path: String,
}

impl PrivateFolder {
    /// Opens a folder below a base; each name is a folder in the one before. `None` if one of them does not exist and `create`
    /// is false.
    ///
    /// The base may be reached through symbolic links. What is below it may not, has to belong to this user, and may be written
    /// by nobody else. With `create`, missing folders are made, for the owner alone.
    ///
    /// # Errors
    ///
    /// [`NoFolder`] says why the folder cannot be used.
    pub fn open(base: &Path, names: &[&str], create: bool) -> Result<Option<Self>, NoFolder> {
        let Some(mut dir) = Dir::open_base(base, create)? else { return Ok(None) };
        let mut path = base.to_owned();
        for name in names {
            let Some(child) = dir.child(name, create)? else { return Ok(None) };
            dir = child;
            path.push(name);
        }
        Ok(Some(Self { dir, path: path.display().to_string() }))
    }

    /// Whether the program has closed the descriptor of this folder, with all others that it did not know perhaps.
    pub fn is_lost(&self) -> bool {
        self.dir.is_lost()
    }

    /// Its handle.
    pub fn dir(&self) -> &Dir {
        &self.dir
    }

    /// Where it was opened; it tells this folder from others and is never walked again.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The contents of a small file; `None` if there is none.
    ///
    /// # Errors
    ///
    /// If it cannot be read, is not a regular file of ours or larger than [`SMALL_FILE_BYTES`].
    pub fn read_small(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        self.read_bounded(name, SMALL_FILE_BYTES)
    }

    /// As [`PrivateFolder::read_small`], of a file of at most `most` bytes.
    pub fn read_bounded(&self, name: &str, most: u64) -> io::Result<Option<Vec<u8>>> {
        let (file, len) = match self.dir.open_sized(name) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file?,
        };
        // One byte more than it has: one read finds the end too.
        let mut bytes = Vec::with_capacity(usize::try_from(len.min(most) + 1).unwrap_or_default());
        (&*file).take(most + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > most {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(Some(bytes))
    }

    /// Replaces a small file: whoever reads it meanwhile sees the old one or the new one, whole. With `durable`, also
    /// after the power failed.
    pub fn replace_small(&self, name: &str, bytes: &[u8], durable: bool) -> io::Result<()> {
        self.stage_small(name, bytes, durable)?.take_place()
    }

    /// Removes a file.
    ///
    /// # Errors
    ///
    /// If there is none of that name, or it cannot be removed.
    pub fn remove(&self, name: &str) -> io::Result<()> {
        self.dir.remove(name)
    }

    /// Leaves a file without a byte, which needs no room on the disk; makes it where there is none.
    ///
    /// # Errors
    ///
    /// If there is something else of that name, or it cannot be written.
    pub fn empty(&self, name: &str) -> io::Result<()> {
        let file = match self.dir.open_file(name) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => self.dir.create(name)?,
            opened => opened?,
        };
        dir::cut(&file, 0)?;
        file.sync_data()
    }

    /// Writes the next version of a small file whole, under a name of its own; see [`Staged::take_place`].
    pub fn stage_small(&self, name: &str, bytes: &[u8], durable: bool) -> io::Result<Staged<'_>> {
        let id = uuid7(now_ms()).ok_or(io::ErrorKind::Other)?;
        let temporary = format!("{name}.{id}{TEMPORARY}");
        let file = self.dir.create(&temporary)?;
        let staged = Staged { dir: &self.dir, temporary, name: name.to_owned() };
        dir::append_all(&file, bytes)?;
        if durable {
            file.sync_data()?;
        }
        Ok(staged)
    }
}

/// For names of temporary files, in milliseconds since 1970.
fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// The next version of a small file, on disk and not yet in its place. Dropped, it is removed.
#[derive(Debug)]
pub struct Staged<'a> {
    dir: &'a Dir,
    temporary: String,
    name: String,
}

impl Staged<'_> {
    /// Takes the place of the version before.
    pub fn take_place(mut self) -> io::Result<()> {
        self.dir.rename(&self.temporary, &self.name)?;
        self.temporary.clear();
        Ok(())
    }
}

impl Drop for Staged<'_> {
    fn drop(&mut self) {
        if !self.temporary.is_empty() {
            let _ = self.dir.remove(&self.temporary);
        }
    }
}
