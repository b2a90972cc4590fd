//! Events of a page on their way to its key, as they will stand there; the same names as those of the spool.

use telemetry_spool::Frame;

use crate::write::page_spool::contents::Waiting;

/// Bytes that a frame has on disk beside what is sent, so that a page writes after as many events as a program.
const BESIDE: usize = 61;

/// Events that are written together.
#[derive(Debug, Default)]
pub(crate) struct FrameBuffer {
    events: Vec<Waiting>,
    len: usize,
    bytes: usize,
}

impl FrameBuffer {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Nothing: what is written together is a handful.
    pub(crate) fn reserve(&mut self, _bytes: usize) {}

    /// Adds an event. `body` adds what is sent behind `frame.body`.
    ///
    /// # Errors
    ///
    /// That of `body`; then there is no such event.
    pub(crate) fn add<E>(
        &mut self,
        frame: &Frame<'_>,
        body: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
    ) -> Result<(), E> {
        let Frame { day, digest, destination, kind, body: begin } = *frame;
        let mut bytes = begin.to_vec();
        body(&mut bytes)?;
        self.bytes += BESIDE + bytes.len();
        self.len += 1;
        // All of it was rendered here, and is text.
        if let Ok(body) = String::from_utf8(bytes) {
            self.events.push(Waiting { day, digest, destination, kind, body, ..Waiting::default() });
        }
        Ok(())
    }

    /// How many there are, also after they were taken.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Takes them out.
    pub(crate) fn take(&mut self) -> Vec<Waiting> {
        std::mem::take(&mut self.events)
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
}
