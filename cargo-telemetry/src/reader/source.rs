//! Bytes that are read in pieces, never as a whole: a file, or a slice in tests.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::Path,
};

use super::ReadError;

/// Something with a length that can be read from any place.
pub(crate) trait Source {
    /// In bytes.
    fn len(&self) -> u64;
    /// Fills the buffer from this offset on.
    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()>;
}

impl Source for &[u8] {
    fn len(&self) -> u64 {
        <[u8]>::len(self) as u64
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let start = usize::try_from(offset).map_err(io::Error::other)?;
        let found = start.checked_add(buffer.len()).and_then(|end| self.get(start..end));
        buffer.copy_from_slice(found.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }
}

/// A regular file, and its length when it was opened.
#[derive(Debug)]
pub(crate) struct FileSource {
    file: File,
    len: u64,
}

impl FileSource {
    /// Opens `path`, which must be a regular file or a link to one. Anything else is not even opened: a pipe would wait
    /// for its other end, and a device may do something.
    pub(crate) fn open(path: &Path) -> Result<Self, ReadError> {
        let failed = |source| ReadError::Io { path: shown(path), source };
        let metadata = std::fs::metadata(path).map_err(failed)?;
        if !metadata.is_file() {
            return Err(ReadError::NotAFile { path: shown(path), what: kind_of(metadata.file_type()) });
        }
        let file = File::open(path).map_err(failed)?;
        let len = file.metadata().map_err(failed)?.len();
        Ok(Self { file, len })
    }
}

impl Source for FileSource {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let mut file = &self.file;
        file.seek(SeekFrom::Start(offset))?;
        file.read_exact(buffer)
    }
}

/// A part of a source as a stream.
#[derive(Clone)]
pub(crate) struct Stream<'a> {
    source: &'a dyn Source,
    start: u64,
    at: u64,
    end: u64,
}

impl<'a> Stream<'a> {
    /// `len` bytes from `start` on; less where the source ends before.
    pub(crate) fn new(source: &'a dyn Source, start: u64, len: u64) -> Self {
        let end = start.saturating_add(len).min(source.len());
        Self { source, start, at: start, end }
    }
}

impl Read for Stream<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.end.saturating_sub(self.at);
        let count = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        if let Some(part) = buffer.get_mut(..count).filter(|part| !part.is_empty()) {
            self.source.read_exact_at(self.at, part)?;
            self.at += count as u64;
        }
        Ok(count)
    }
}

impl Seek for Stream<'_> {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        let at = match position {
            SeekFrom::Start(offset) => self.start.checked_add(offset),
            SeekFrom::End(offset) => self.end.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.at.checked_add_signed(offset),
        };
        self.at = at.filter(|&at| at >= self.start).ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at - self.start)
    }
}

/// The path for a message: as it is written, without characters that would steer a terminal.
pub(crate) fn shown(path: &Path) -> String {
    plain(&path.display().to_string())
}

/// Text of an untrusted file for a message: control characters are escaped, everything else stays.
pub(crate) fn plain(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, char| {
        if char.is_control() {
            out.extend(char.escape_default())
        } else {
            out.push(char)
        }
        out
    })
}

fn kind_of(kind: std::fs::FileType) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        if kind.is_fifo() {
            return "a named pipe";
        }
        if kind.is_socket() {
            return "a socket";
        }
        if kind.is_block_device() || kind.is_char_device() {
            return "a device";
        }
    }
    if kind.is_dir() { "a folder" } else { "something else" }
}
