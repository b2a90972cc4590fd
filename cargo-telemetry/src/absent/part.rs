//! Bytes that are looked at by themselves: a range of a file, or what was unpacked of one.

use std::{
    cell::RefCell,
    io::{self, Read, Seek as _, SeekFrom, Write as _},
    ops::Range,
};

use tempfile::SpooledTempFile;

use crate::reader::{
    Source, Stream,
    limits::{RATIO, UNPACKED_FLOOR, UNPACKED_MEMORY},
};

/// A range of a source.
pub(super) struct Part<'a> {
    pub(super) source: &'a dyn Source,
    pub(super) range: Range<u64>,
}

impl Source for Part<'_> {
    fn len(&self) -> u64 {
        self.range.end.min(self.source.len()).saturating_sub(self.range.start)
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        if offset.checked_add(buffer.len() as u64).is_none_or(|end| end > self.len()) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.source.read_exact_at(self.range.start.saturating_add(offset), buffer)
    }
}

/// What was unpacked.
pub(super) struct Unpacked {
    file: RefCell<SpooledTempFile>,
    len: u64,
}

impl Source for Unpacked {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let mut file = self.file.borrow_mut();
        file.seek(SeekFrom::Start(offset))?;
        file.read_exact(buffer)
    }
}

/// Unpacks `stream`, which comes of `packed` bytes, taking its bytes from `left`. What came before a mistake is kept, and
/// the mistake said.
pub(super) fn unpack(mut stream: impl Read, packed: u64, left: &mut u64) -> (Unpacked, Result<(), String>) {
    let mut file = SpooledTempFile::new(UNPACKED_MEMORY);
    let mut len = 0_u64;
    let most = packed.saturating_mul(RATIO).max(UNPACKED_FLOOR);
    let mut buffer = vec![0; 64 << 10];
    let ended = loop {
        let read = match stream.read(&mut buffer) {
            Ok(0) => break Ok(()),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => break Err(format!("it is damaged or cut off ({error})")),
        };
        len += read as u64;
        if len > most {
            break Err(format!("it unpacks to more than {RATIO} times its size"));
        }
        let Some(rest) = left.checked_sub(read as u64) else {
            break Err("more than 4 GiB would have to be unpacked of one file".to_owned());
        };
        *left = rest;
        if let Err(error) = file.write_all(buffer.get(..read).unwrap_or_default()) {
            len -= read as u64;
            break Err(format!("what it unpacks to cannot be kept: {error}"));
        }
    };
    let written = file.stream_position().unwrap_or_default();
    (Unpacked { file: RefCell::new(file), len: len.min(written) }, ended)
}

/// The first byte of the range that is no padding.
pub(super) fn first_set(source: &dyn Source, range: &Range<u64>) -> std::io::Result<Option<u64>> {
    let mut stream = Stream::new(source, range.start, range.end.saturating_sub(range.start));
    let (mut buffer, mut at) = (vec![0; 64 << 10], range.start);
    loop {
        let read = stream.read(&mut buffer)?;
        if read == 0 {
            return Ok(None);
        }
        if let Some(place) = buffer.iter().take(read).position(|byte| *byte != 0) {
            return Ok(Some(at.saturating_add(place as u64)));
        }
        at = at.saturating_add(read as u64);
    }
}
