//! A segment that is appended to: whoever holds the lock on it may, for as long as a write takes.

use std::{io, sync::Arc};

use crate::{
    folder::dir::{self, Dir, File},
    format::{
        frame::{FOOTER_BYTES, HEADER_BYTES, Head, head, parse_footer},
        frame_buffer::FrameBuffer,
        frame_reader::FrameReader,
        names::{Kind, Name},
    },
    limits::{SEGMENT_BYTES, SEGMENT_TRIES},
    own,
    spool_folder::{SpoolFolder, read, read_at},
    uuid::uuid7,
};

/// An open segment. It is locked while it is appended to, and at no other time.
#[derive(Debug)]
pub(crate) struct Segment {
    name: Name,
    file: File,
    dir: Arc<Dir>,
    /// The bytes it had when this process appended last, and the number that the next frame had then.
    bytes: u64,
    next: u32,
    /// The file system has no locks: nobody else ever appends to it.
    private: bool,
}

/// Whether a segment can be appended to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It is locked by us, and ends with a whole frame or none.
    Ours,
    /// Somebody else is at it in this moment.
    Busy,
    /// It is gone, full, damaged, or of another day.
    Over,
}

impl Segment {
    /// A segment of today that is there already and nobody is at, for `need` further bytes, among these files
    /// with their lengths.
    pub(crate) fn find(dir: &Arc<Dir>, day: u32, need: u64, files: &[(Name, u64)]) -> Option<Self> {
        let of_today = files.iter().filter(|(name, _)| name.kind() == Kind::Segment && name.day() == day);
        // Full ones are none to try: there may be many, and behind them one with room.
        for (name, _) in of_today.filter(|(_, len)| has_room(*len, need)).take(SEGMENT_TRIES) {
            let Ok(file) = dir.open_file(name.as_str()) else { continue };
            let mut segment =
                Self { name: name.clone(), file, dir: Arc::clone(dir), bytes: 0, next: 0, private: false };
            if segment.take(day, need) == Taken::Ours {
                return Some(segment);
            }
        }
        None
    }

    /// A new segment, locked. Several names are tried, because another process may take a new file for one that was left
    /// behind in the moment before it is locked.
    pub(crate) fn create(dir: &Arc<Dir>, unix_ms: u64) -> io::Result<Self> {
        let mut last = io::Error::from(io::ErrorKind::Other);
        for _ in 0..SEGMENT_TRIES {
            let name = uuid7(unix_ms).and_then(|id| Name::parse(&format!("{id}.part"))).ok_or(io::ErrorKind::Other)?;
            let file = dir.create(name.as_str())?;
            let locked = file.try_lock();
            let private = locked.as_ref().is_err_and(|error| error.kind() != io::ErrorKind::WouldBlock);
            let segment = Self { name, file, dir: Arc::clone(dir), bytes: 0, next: 0, private };
            if private || locked.is_ok() && dir.holds(segment.name.as_str(), &segment.file) {
                return Ok(segment);
            }
            segment.give_back();
            last = io::ErrorKind::WouldBlock.into();
        }
        Err(last)
    }

    /// Locks it for `need` further bytes of a frame of this day; never waits.
    pub(crate) fn take(&mut self, day: u32, need: u64) -> Taken {
        // It never becomes smaller.
        if !has_room(self.bytes, need) {
            return Taken::Over;
        }
        if !self.private {
            match self.file.try_lock() {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Taken::Busy,
                Err(_) => return Taken::Over,
            }
        }
        if self.is_usable(day, need).unwrap_or(false) {
            return Taken::Ours;
        }
        self.give_back();
        Taken::Over
    }

    fn is_usable(&mut self, day: u32, need: u64) -> Option<bool> {
        // It may have been removed before the lock; what is written then is lost.
        let held = self.dir.len_if_held(self.name.as_str(), &self.file);
        let Some(bytes) = held.filter(|_| self.name.day() == day) else { return Some(false) };
        if !has_room(bytes, need) {
            return Some(false);
        }
        if bytes != self.bytes {
            (self.bytes, self.next) = (bytes, next_number(&self.file, bytes)?);
        }
        Some(true)
    }

    /// Whether it was removed, for sure.
    pub(crate) fn is_gone(&self) -> bool {
        self.dir.is_gone(self.name.as_str(), &self.file)
    }

    /// Lets others append.
    pub(crate) fn give_back(&self) {
        if !self.private {
            let _ = self.file.unlock();
        }
    }

    /// Appends frames with one `write`. It must be locked, and is no longer afterwards.
    pub(crate) fn append(&mut self, folder: &SpoolFolder, frames: &mut FrameBuffer) -> io::Result<()> {
        let appended = self.append_locked(folder, frames);
        self.give_back();
        appended
    }

    fn append_locked(&mut self, folder: &SpoolFolder, frames: &mut FrameBuffer) -> io::Result<()> {
        let (before, first) = (self.bytes, self.next);
        let next = first.saturating_add(u32::try_from(frames.len()).unwrap_or(u32::MAX));
        let bytes = frames.number(first, before == 0);
        // Before anybody can read them: who sends them asks whose they are.
        own::add(folder.owner(), self.name.stem(), first, next - first);
        let appended = match dir::append(&self.file, bytes) {
            Ok(written) if written == bytes.len() => Ok(()),
            // Only a full disk writes a part. What was written is taken back, so that the next one finds whole frames.
            Ok(_) => {
                let _ = dir::cut(&self.file, self.bytes);
                Err(io::ErrorKind::StorageFull.into())
            }
            Err(error) => Err(error),
        };
        if appended.is_ok() {
            self.bytes += bytes.len() as u64;
            self.next = next;
            folder.recent.append(self.name.stem(), before, bytes);
        } else {
            own::take(folder.owner(), self.name.stem(), &[(first, next)]);
        }
        appended
    }
}

/// Whether a segment of so many bytes may have `need` more. An empty one has room for all that is ever appended at once.
fn has_room(bytes: u64, need: u64) -> bool {
    bytes == 0 || bytes.saturating_add(need) <= SEGMENT_BYTES
}

/// The number of the next frame of a file of so many bytes; `None` if nothing may be appended to it.
fn next_number(file: &File, bytes: u64) -> Option<u32> {
    if bytes == 0 {
        return Some(0);
    }
    (head(&read_at(file, 0, HEADER_BYTES as u64)?) == Head::Ours).then_some(())?;
    let end = read_at(file, bytes.checked_sub(FOOTER_BYTES as u64)?, FOOTER_BYTES as u64)?;
    if let Some(number) = parse_footer(&end) {
        return number.checked_add(1);
    }
    // Somebody was killed in the middle of a write. What follows can be read all the same: each frame is found by its own
    // header. The number behind the torn one says that it is missing.
    let all = read(file)?;
    let mut frames = FrameReader::of_file(&all);
    frames.by_ref().for_each(drop);
    u32::try_from(frames.next_number()).ok()
}
