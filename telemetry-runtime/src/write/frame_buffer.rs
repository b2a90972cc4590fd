//! Events that are written together. A page has no bytes on a disk to write them as, and a type of its own of this name.

pub(crate) use telemetry_spool::FrameBuffer;
