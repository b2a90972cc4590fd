//! Containers of all kinds, written by their usual libraries where there are any, and by hand else.

use std::io::Write as _;

use crate::samples::archive;

/// A file in a container: its name and its bytes.
pub(crate) type File<'a> = (&'a str, &'a [u8]);

/// How files are put into a container.
pub(crate) struct Container {
    pub(crate) name: &'static str,
    pub(crate) pack: fn(&[File<'_>]) -> Vec<u8>,
    /// It is unpacked, so there is a real answer.
    pub(crate) open: bool,
}

const fn open(name: &'static str, pack: fn(&[File<'_>]) -> Vec<u8>) -> Container {
    Container { name, pack, open: true }
}

const fn closed(name: &'static str, pack: fn(&[File<'_>]) -> Vec<u8>) -> Container {
    Container { name, pack, open: false }
}

pub(crate) const CONTAINERS: [Container; 33] = [
    open("zip", zip),
    open("zip, stored", zip_stored),
    open("tar", tar),
    open("tar.gz", |files| gzip(&tar(files))),
    open("tar.xz", |files| xz(&tar(files))),
    open("tar.zst", |files| zstd(&tar(files))),
    open("tar.bz2", |files| bzip2(&tar(files))),
    open("gzip", |files| gzip(first(files))),
    open("xz", |files| xz(first(files))),
    open("zstd", |files| zstd(first(files))),
    open("bzip2", |files| bzip2(first(files))),
    open("ar", ar),
    open("deb", deb),
    closed("lzma", |files| lzma(first(files))),
    closed("tar.lzma", |files| lzma(&tar(files))),
    closed("a header ahead of gzip", |files| [b"ACME-UPDATE\0\x02\0\0\0", &gzip(first(files))[..]].concat()),
    closed("a shell stub", |files| stub("#!/bin/sh\ntail -c +100 \"$0\" | tar xz\nexit 0\n", &gzip(&tar(files)))),
    closed("a shell stub without a mark", |files| {
        stub("tail -n +4 \"$0\" | xz -d > /tmp/x\nchmod +x /tmp/x\nexit 0\n", &xz(first(files)))
    }),
    closed("a shell stub with base64", |files| {
        stub("#!/bin/sh\nbase64 -d <<END | gunzip\n", lines(&gzip(first(files))).as_bytes())
    }),
    closed("a page with a data address", |files| page(first(files))),
    closed("a script with hexadecimal digits", |files| hex(first(files)).into_bytes()),
    closed("7z", |files| marked(b"7z\xbc\xaf\x27\x1c", files)),
    closed("rar", |files| marked(b"Rar!\x1a\x07\x01", files)),
    closed("cabinet", |files| marked(b"MSCF", files)),
    closed("rpm", |files| marked(b"\xed\xab\xee\xdb\x03", files)),
    closed("squashfs", |files| marked(b"hsqs", files)),
    closed("xar", |files| marked(b"xar!", files)),
    closed("msi", |files| marked(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", files)),
    closed("cpio", |files| marked(b"070701", files)),
    closed("lz4", |files| marked(b"\x04\x22\x4d\x18", files)),
    closed("lzip", |files| marked(b"LZIP\x01", files)),
    closed("compress", |files| marked(b"\x1f\x9d\x90", files)),
    closed("a format of its own", |files| marked(b"\x01\x02\x03\x04", files)),
];

fn first<'a>(files: &[File<'a>]) -> &'a [u8] {
    files[0].1
}

/// Bytes in a way that hides them, behind a mark.
fn marked(mark: &[u8], files: &[File<'_>]) -> Vec<u8> {
    [mark, &files.iter().flat_map(|(_, bytes)| bytes.iter().map(|byte| byte ^ 0x5a)).collect::<Vec<_>>()].concat()
}

fn stub(script: &str, rest: &[u8]) -> Vec<u8> {
    [script.as_bytes(), rest].concat()
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

pub(crate) fn lines(bytes: &[u8]) -> String {
    let text = base64(bytes);
    let lines: Vec<_> = text.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
    lines.join("\n") + "\n"
}

pub(crate) fn page(bytes: &[u8]) -> Vec<u8> {
    format!("<html>\n<a href=\"data:application/octet-stream;base64,{}\">tool</a>\n</html>\n", base64(bytes))
        .into_bytes()
}

fn hex(bytes: &[u8]) -> String {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("#!/bin/sh\necho {digits} | xxd -r -p > tool\n")
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut writer = lzma_rust2::XzWriter::new(Vec::new(), lzma_rust2::XzOptions::with_preset(3)).unwrap();
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

pub(crate) fn lzma(bytes: &[u8]) -> Vec<u8> {
    let options = lzma_rust2::LzmaOptions::with_preset(3);
    let mut writer = lzma_rust2::LzmaWriter::new_use_header(Vec::new(), &options, None).unwrap();
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

pub(crate) fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

pub(crate) fn tar(files: &[File<'_>]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o755);
        builder.append_data(&mut header, name, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

pub(crate) fn zip(files: &[File<'_>]) -> Vec<u8> {
    zip_by(files, zip::CompressionMethod::Deflated)
}

pub(crate) fn zip_stored(files: &[File<'_>]) -> Vec<u8> {
    zip_by(files, zip::CompressionMethod::Stored)
}

fn zip_by(files: &[File<'_>], method: zip::CompressionMethod) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        let options = zip::write::SimpleFileOptions::default().compression_method(method);
        writer.start_file(*name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// An archive as linkers read it, whose names are short.
fn ar(files: &[File<'_>]) -> Vec<u8> {
    let short: Vec<_> = files.iter().map(|(name, bytes)| (name.rsplit('/').next().unwrap(), *bytes)).collect();
    archive(&short)
}

/// A package as Debian's tools write it.
pub(crate) fn deb(files: &[File<'_>]) -> Vec<u8> {
    let control = gzip(&tar(&[("./control", b"Package: acme\nVersion: 1\n")]));
    let data = xz(&tar(files));
    archive(&[("debian-binary", b"2.0\n"), ("control.tar.gz", &control), ("data.tar.xz", &data)])
}
