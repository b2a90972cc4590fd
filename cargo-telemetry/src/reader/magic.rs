//! What the first bytes of a file say where it is no program.

/// Files that hold others in a form that cannot be searched, by what they start with, and what to do about it.
const CONTAINERS: [(&[u8], &str); 14] = [
    (b"PK\x03\x04", "a zip archive (also jar, apk, whl, nupkg); unpack it and name what was in it"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"\x1f\x8b", "compressed by gzip; unpack it and name what was in it"),
    (b"BZh", "compressed by bzip2; unpack it and name what was in it"),
    (b"\xfd7zXZ\0", "compressed by xz; unpack it and name what was in it"),
    (b"\x28\xb5\x2f\xfd", "compressed by zstd; unpack it and name what was in it"),
    (b"\x04\x22\x4d\x18", "compressed by lz4; unpack it and name what was in it"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive; unpack it and name what was in it"),
    (b"Rar!\x1a\x07", "a rar archive; unpack it and name what was in it"),
    (b"MSCF", "a cabinet archive; unpack it and name what was in it"),
    (b"\xed\xab\xee\xdb", "an rpm package; unpack it and name what was in it"),
    (b"hsqs", "a squashfs image; unpack it and name what was in it"),
    (b"xar!", "a macOS installer package; unpack it and name what was in it"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a compound file (also msi); unpack it and name what was in it"),
];

/// Where the word of a tar archive stands.
const TAR: usize = 257;

/// How many bytes of a file are enough for this module.
pub(crate) const START_BYTES: usize = TAR + 5;

/// Bitcode of LLVM, as it is and in its wrapper.
pub(crate) fn is_bitcode(start: &[u8]) -> bool {
    start.starts_with(b"BC\xc0\xde") || start.starts_with(&[0xde, 0xc0, 0x17, 0x0b])
}

/// The container that starts like this: what it is and what to do, if it is one that has to be unpacked first.
pub(crate) fn container(start: &[u8]) -> Option<&'static str> {
    let tar = start.get(TAR..).is_some_and(|at| at.starts_with(b"ustar"));
    let known = CONTAINERS.iter().find(|(magic, _)| start.starts_with(magic)).map(|(_, what)| *what);
    known.or(tar.then_some("a tar archive; unpack it and name what was in it"))
}

/// What a file that is no program is instead.
pub(crate) fn describe(start: &[u8]) -> &'static str {
    if start.is_empty() {
        return "it is empty";
    }
    if is_bitcode(start) {
        return "it is LLVM bitcode, which has no sections yet; read the linked program, or build without LTO";
    }
    if let Some(what) = container(start) {
        return what;
    }
    if start.starts_with(b"#!") {
        return "it is a script; name the program that it starts";
    }
    let text = start.iter().all(|&byte| byte >= b' ' || matches!(byte, b'\n' | b'\r' | b'\t'));
    if text { "it is text" } else { "neither ELF, Mach-O, PE, COFF, WebAssembly nor an archive of them" }
}
