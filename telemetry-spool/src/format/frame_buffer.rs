//! Frames on their way to a segment, one behind the other as they will stand in it: whoever makes them writes them there, and no
//! byte is copied before the disk has it.

use crate::format::frame::{FOOTER_BYTES, FRAME_HEADER_BYTES, Frame, HEADER_BYTES, SEGMENT_MAGIC, header, seal};

/// Frames that are appended together, with one `write`; see [`Spool::append_frames`](crate::Spool::append_frames).
#[derive(Debug, Default)]
pub struct FrameBuffer {
    /// Room for a segment's header, then the frames.
    bytes: Vec<u8>,
    /// Where each frame ends.
    ends: Vec<usize>,
    /// The bytes of the largest body.
    largest: usize,
}

impl FrameBuffer {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes room for so many bytes of frames.
    pub fn reserve(&mut self, bytes: usize) {
        self.bytes.reserve(HEADER_BYTES + bytes);
    }

    /// Adds a frame. `body` adds what is sent behind `frame.body`.
    ///
    /// # Errors
    ///
    /// That of `body`; then there is no such frame.
    pub fn add<E>(&mut self, frame: &Frame<'_>, body: impl FnOnce(&mut Vec<u8>) -> Result<(), E>) -> Result<(), E> {
        if self.bytes.is_empty() {
            self.bytes.resize(HEADER_BYTES, 0);
        }
        let at = self.bytes.len();
        frame.begin(&mut self.bytes);
        let begin = self.bytes.len();
        self.bytes.extend_from_slice(frame.body);
        let added = body(&mut self.bytes);
        if added.is_err() {
            self.bytes.truncate(at);
            return added;
        }
        self.largest = self.largest.max(self.bytes.len().saturating_sub(begin));
        self.bytes.extend_from_slice(&[0; FOOTER_BYTES]);
        self.ends.push(self.bytes.len());
        added
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Their bytes on disk.
    pub fn bytes(&self) -> usize {
        self.bytes.len().saturating_sub(HEADER_BYTES)
    }

    /// They, in the order in which they were added.
    #[doc(hidden)]
    pub fn frames(&self) -> impl Iterator<Item = Frame<'_>> {
        let mut at = HEADER_BYTES;
        self.ends.iter().filter_map(move |end| {
            let begin = at + FRAME_HEADER_BYTES;
            at = *end;
            Frame::parse(self.bytes.get(begin..end.checked_sub(FOOTER_BYTES)?)?)
        })
    }

    /// Forgets them, and keeps the memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
        self.largest = 0;
    }

    /// The bytes of the largest body.
    pub(crate) fn largest(&self) -> usize {
        self.largest
    }

    /// What is written to a segment whose next frame has this number: behind the segment's header, if they are its first.
    pub(crate) fn number(&mut self, next: u32, first: bool) -> &[u8] {
        let mut at = HEADER_BYTES;
        for (number, end) in (next..).zip(&self.ends) {
            if let Some(frame) = self.bytes.get_mut(at..*end) {
                seal(frame, number);
            }
            at = *end;
        }
        if first && let Some(head) = self.bytes.first_chunk_mut() {
            *head = header(SEGMENT_MAGIC);
        }
        self.bytes.get(if first { 0 } else { HEADER_BYTES }..).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::frame_reader::contents;

    fn frame(body: &[u8]) -> Frame<'_> {
        Frame { day: 20_000, digest: [1; 16], destination: [2; 16], kind: 3, body }
    }

    #[test]
    fn frames_stand_as_they_were_added_and_one_that_failed_does_not() {
        let mut frames = FrameBuffer::new();
        frames
            .add(&frame(b"{\"n\":1"), |out| {
                out.push(b'}');
                Ok::<_, ()>(())
            })
            .unwrap();
        assert_eq!(
            frames.add(&frame(b"half"), |out| {
                out.push(b'x');
                Err("no")
            }),
            Err("no")
        );
        frames.add(&frame(b"{}"), |_| Ok::<_, ()>(())).unwrap();
        assert_eq!((frames.len(), frames.largest(), frames.bytes()), (2, 7, 2 * frame(b"").len_on_disk() + 9));
        let behind = frames.number(5, false).to_vec();
        let bytes = frames.number(0, true).to_vec();
        assert_eq!(behind.len() + HEADER_BYTES, bytes.len());
        let (read, damaged) = contents(&bytes);
        let bodies: Vec<_> = read.iter().map(|placed| (placed.number, placed.frame)).collect();
        assert_eq!((bodies, damaged), (vec![(0, frame(b"{\"n\":1}")), (1, frame(b"{}"))], 0));
        let all = [&bytes[..], &behind].concat();
        assert_eq!(contents(&all).0.last().map(|placed| placed.number), Some(6));
        frames.clear();
        assert!(frames.is_empty() && frames.bytes() == 0);
    }
}
