//! Every bound of the reader, in one place. What lies beyond one is a fault with a clear text, never a wait or a crash.
//!
//! Together they bound the memory of one reading: the headers of one image ([`HEADER_BYTES`]), the bytes of all
//! telemetry sections ([`SECTION_BYTES`]), the parsed records, at most ten times the bytes they were read from, and
//! lists of places (members, kept sections, faults) of some 30 MiB. In all below 1 GiB for the most hostile file; an
//! ordinary program needs a few MiB, whatever its size.

/// Bytes of one record, by the definition of the format.
pub const RECORD_BYTES: usize = telemetry_schema::record::MAX_LEN;

/// Records of one file, all its members together. The largest SDKs we know declare some hundred events.
pub const RECORDS: usize = 100_000;

/// Bytes of all telemetry sections of one file, decompressed: more than [`RECORDS`] records of ordinary size (525 bytes).
pub const SECTION_BYTES: u64 = 64 << 20;

/// How many times larger than its compressed form a section may be. The best that deflate can do is 1,032; zstd could do
/// more, but debug information stays below 100.
pub const RATIO: u64 = 1_100;

/// Bytes that a compressed section may be short of without its ratio being looked at: a page of zeros is no attack.
pub const RATIO_FLOOR: u64 = 1 << 20;

/// Bytes of decompressed sections that `absent` searches in one file. The debug information of the largest programs.
pub const SEARCHED_BYTES: u64 = 4 << 30;

/// The window of a zstd stream in bytes: that of level 19. Linkers compress with lower levels.
pub const ZSTD_WINDOW: u64 = 8 << 20;

/// Members of archives in one file, nested ones and architectures included.
pub const MEMBERS: usize = 100_000;

/// Architectures of one universal Mach-O file. Apple has shipped at most five.
pub const ARCHITECTURES: u64 = 64;

/// Containers within containers: a universal file of archives of objects needs two, a component of components a few.
pub const NESTING: usize = 8;

/// Sections of one image. An object file of a large crate, one section per function, has some 100,000.
pub const SECTIONS: usize = 500_000;

/// Telemetry sections and compressed sections of one file, whose places are kept.
pub const KEPT_SECTIONS: usize = 200_000;

/// Bytes of headers, section tables and names that are held of one image at a time.
pub const HEADER_BYTES: u64 = 64 << 20;

/// Bytes of headers of all images of one file: overlapping members could make a reader read the same ones for ever.
pub const ALL_HEADER_BYTES: u64 = 1 << 30;

/// Faults that are kept of one file; further ones are only counted.
pub const FAULTS: usize = 1_000;

/// Bytes that `absent` unpacks of one file, all its members and what is in them together.
pub const UNPACKED_BYTES: u64 = 4 << 30;

/// Bytes that a member may unpack to without its ratio being looked at: a list of the same words is no attack.
pub const UNPACKED_FLOOR: u64 = 16 << 20;

/// Bytes of one unpacked member that are held in memory; the rest waits in a file without a name.
pub const UNPACKED_MEMORY: usize = 8 << 20;

/// The memory of one decoder of xz or lzma, in KiB: the dictionary of `xz -9` has 64 MiB.
pub const XZ_KIB: u32 = 160 << 10;

/// Bytes of a text, or another file without code, that is understood to its end. They are held in memory.
pub const DATA_BYTES: u64 = 64 << 20;
