//! What the first bytes of a file say where it is no program.

/// Files that hold others, by what they start with.
const CONTAINERS: [(&[u8], Container); 25] = [
    (b"PK\x03\x04", Container::Zip),
    (b"PK\x05\x06", Container::Zip),
    (b"PK\x07\x08", Container::Other("a zip archive in several parts")),
    (b"\x1f\x8b", Container::Gzip),
    (b"BZh", Container::Bzip2),
    (b"\xfd7zXZ\0", Container::Xz),
    (b"\x28\xb5\x2f\xfd", Container::Zstd),
    (b"\x04\x22\x4d\x18", Container::Other("data compressed by lz4")),
    (b"\x02\x21\x4c\x18", Container::Other("data compressed by lz4")),
    (b"LZIP", Container::Other("data compressed by lzip")),
    (b"\x89LZO\0", Container::Other("data compressed by lzop")),
    (b"\x1f\x9d", Container::Other("data compressed by compress")),
    (b"7z\xbc\xaf\x27\x1c", Container::Other("a 7z archive")),
    (b"Rar!\x1a\x07", Container::Other("a rar archive")),
    (b"MSCF", Container::Other("a cabinet archive")),
    (b"\xed\xab\xee\xdb", Container::Other("an rpm package")),
    (b"hsqs", Container::Other("a squashfs image")),
    (b"sqsh", Container::Other("a squashfs image")),
    (b"xar!", Container::Other("a macOS installer package")),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Container::Other("a compound file (also msi)")),
    (b"070701", Container::Other("a cpio archive")),
    (b"070702", Container::Other("a cpio archive")),
    (b"070707", Container::Other("a cpio archive")),
    (b"\xc7\x71", Container::Other("a cpio archive")),
    (b"MSWIM\0\0\0", Container::Other("a Windows image")),
];

/// A file that holds others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Container {
    Zip,
    Tar,
    Gzip,
    Bzip2,
    Xz,
    Zstd,
    /// Of before xz, without a mark of its own.
    Lzma,
    /// One that is known and not unpacked here.
    Other(&'static str),
}

impl Container {
    /// What it is.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Zip => "a zip archive",
            Self::Tar => "a tar archive",
            Self::Gzip => "data compressed by gzip",
            Self::Bzip2 => "data compressed by bzip2",
            Self::Xz => "data compressed by xz",
            Self::Zstd => "data compressed by zstd",
            Self::Lzma => "data compressed by lzma",
            Self::Other(what) => what,
        }
    }
}

/// Where the word of a tar archive stands.
const TAR: usize = 257;

/// How many bytes of a file are enough for this module.
pub(crate) const START_BYTES: usize = TAR + 5;

/// Bitcode of LLVM, as it is and in its wrapper.
pub(crate) fn is_bitcode(start: &[u8]) -> bool {
    start.starts_with(b"BC\xc0\xde") || start.starts_with(&[0xde, 0xc0, 0x17, 0x0b])
}

/// The container that starts like this, if one does.
pub(crate) fn container(start: &[u8]) -> Option<Container> {
    let tar = start.get(TAR..).is_some_and(|at| at.starts_with(b"ustar"));
    let known = CONTAINERS.iter().find(|(magic, _)| start.starts_with(magic)).map(|(_, container)| *container);
    known.or(tar.then_some(Container::Tar)).or(is_lzma(start).then_some(Container::Lzma))
}

/// Three settings in one byte, as all programs write them; the size of a dictionary, a power of two; then the size of what
/// was compressed, or that it is not known.
fn is_lzma(start: &[u8]) -> bool {
    let Some((&[0x5d, a, b, c, d, ref size @ ..], _)) = start.split_first_chunk::<13>() else { return false };
    let size = u64::from_le_bytes(*size);
    u32::from_le_bytes([a, b, c, d]).is_power_of_two() && (size == u64::MAX || size < 1 << 40)
}

/// What a file that is no program is instead.
pub(crate) fn describe(start: &[u8]) -> &'static str {
    if start.is_empty() {
        return "it is empty";
    }
    if is_bitcode(start) {
        return "it is LLVM bitcode, which has no sections yet; read the linked program, or build without LTO";
    }
    match container(start) {
        Some(Container::Zip) => return "it is a zip archive; unpack it and name a program in it",
        Some(Container::Tar) => return "it is a tar archive; unpack it and name a program in it",
        Some(Container::Other(what)) => return what,
        Some(_) => return "it is compressed; unpack it and name a program in it",
        None => {}
    }
    if start.starts_with(b"#!") {
        return "it is a script; name the program that it starts";
    }
    let text = start.iter().all(|&byte| byte >= b' ' || matches!(byte, b'\n' | b'\r' | b'\t'));
    if text { "it is text" } else { "neither ELF, Mach-O, PE, COFF, WebAssembly nor an archive of them" }
}
