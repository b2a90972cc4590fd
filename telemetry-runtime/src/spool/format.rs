//! The bytes on disk: frames, segments, plans and names. `docs/spool.md` describes them.

pub(crate) mod crc32c;
pub(crate) mod frame;
pub(crate) mod frames;
pub(crate) mod names;
pub(crate) mod plan;
