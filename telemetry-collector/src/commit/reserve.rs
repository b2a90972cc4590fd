//! A file that is kept only to be freed: on a full disk, deleting rows needs space too.

use std::{
    fs,
    io::{self, Write as _},
    path::PathBuf,
};

/// How much is written at a time; bytes.
const PIECE: usize = 64 * 1024;

/// The file in the data folder.
#[derive(Debug)]
pub(super) struct Reserve {
    path: PathBuf,
    bytes: u64,
}

impl Reserve {
    pub(super) fn new(path: PathBuf, mib: u64) -> Self {
        Self { path, bytes: mib << 20 }
    }

    /// Makes it where it is missing or too small; whether it is there now. The disk gives the room, or there is none until the
    /// next time. Where none is wanted, it always is.
    pub(super) fn make(&self) -> bool {
        if self.bytes == 0 || fs::metadata(&self.path).is_ok_and(|file| file.len() == self.bytes) {
            return true;
        }
        let made = self.write().is_ok();
        if !made {
            self.free();
        }
        made
    }

    fn write(&self) -> io::Result<()> {
        // Not a hole: only bytes that were written take room.
        let mut file = fs::File::create(&self.path)?;
        let piece = vec![0; PIECE];
        let mut left = self.bytes;
        while left > 0 {
            let now = left.min(PIECE as u64);
            file.write_all(piece.get(..usize::try_from(now).unwrap_or(PIECE)).unwrap_or_default())?;
            left -= now;
        }
        file.sync_all()
    }

    /// Whether the disk has room for it and for as much again; where that cannot be asked, it is supposed.
    pub(super) fn has_room_twice(&self) -> bool {
        #[cfg(unix)]
        if let Some(Ok(disk)) = self.path.parent().map(rustix::fs::statvfs) {
            return disk.f_bavail.saturating_mul(disk.f_frsize) / 2 >= self.bytes;
        }
        true
    }

    /// Gives its room back; whether there was any.
    pub(super) fn free(&self) -> bool {
        fs::remove_file(&self.path).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_takes_room_once_and_gives_it_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("reserve");
        let reserve = Reserve::new(path.clone(), 1);
        assert!(reserve.make());
        assert_eq!(fs::metadata(&path).unwrap().len(), 1 << 20);
        fs::write(&path, b"cut").unwrap();
        assert!(reserve.make());
        assert_eq!(fs::metadata(&path).unwrap().len(), 1 << 20);
        assert!(reserve.free());
        assert!(!reserve.free() && !path.exists());
        assert!(reserve.has_room_twice());
        #[cfg(unix)]
        assert!(!Reserve::new(path.clone(), 1 << 40).has_room_twice());
        assert!(Reserve::new(path.clone(), 0).make());
        assert!(!Reserve::new(folder.path().join("absent/reserve"), 1).make());
        assert!(!path.exists());
    }
}
