//! The bytes on disk: frames, segments, plans and names. `docs/spool.md` describes them.

pub(crate) mod crc32c;
pub(crate) mod frame;
pub(crate) mod frame_buffer;
pub(crate) mod frame_reader;
pub(crate) mod names;
pub(crate) mod plan;
pub(crate) mod upload;
