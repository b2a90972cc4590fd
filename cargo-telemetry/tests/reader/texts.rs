//! Files that hold no program: text, pictures and certificates, beside a program, in a package, and alone.

use std::fs;

use cargo_telemetry::absent::Verdict;

use crate::{
    containers::{self, File, gzip, lines, page, tar, xz, zip, zip_stored, zstd},
    hidden::{answer, beside, clean, look, png, speaking},
    samples::archive,
};

#[test]
fn a05_files_beside_a_program_are_text_and_pictures_or_a_reason() {
    let utf16: Vec<u8> =
        [0xff, 0xfe].into_iter().chain("Hello\r\n".encode_utf16().flat_map(u16::to_le_bytes)).collect();
    // As long as a certificate; what it says does not matter.
    let der = [&[0x30, 0x82, 0x02, 0x84, 0x04, 0x82, 0x02, 0x80][..], &[0x55; 640]].concat();
    let certificate = format!("-----BEGIN CERTIFICATE-----\n{}-----END CERTIFICATE-----\n", lines(&der));
    let hashes: String = (0..40).map(|number| format!("{}  file{number}\n", "0123456789abcdef".repeat(4))).collect();
    let large = format!("{{\n  \"list\": [\n{}  ]\n}}\n", "    \"a word\",\n".repeat(20_000));
    let manual = [&b"A word of a manual. ".repeat(200)[..], b"\x1e", &b"And another one.\n".repeat(200)].concat();
    let known: [(&str, Vec<u8>); 14] = [
        ("a manual with a mark", manual.clone()),
        ("text", b"A text.\n".to_vec()),
        ("nothing", Vec::new()),
        ("a script", b"#!/bin/sh\nexec tool \"$@\"\n".to_vec()),
        ("text of another encoding", b"Gr\xfc\xdfe aus K\xf6ln, und sch\xf6ne.\n".to_vec()),
        ("UTF-8", "Grüße, 你好, привет\n".repeat(9).into_bytes()),
        ("UTF-16", utf16),
        ("colours", b"\x1b[1mbold\x1b[0m\n".to_vec()),
        ("padding", vec![0; 4096]),
        ("a picture", png()),
        ("a picture in a page", page(&[png(), Vec::new()].concat())),
        ("a certificate", certificate.into_bytes()),
        ("check sums", hashes.into_bytes()),
        ("a large text", large.into_bytes()),
    ];
    for (what, bytes) in known {
        let (verdict, reasons) = beside(&bytes);
        assert_eq!(verdict, Verdict::Absent, "{what}: {reasons:?}");
    }
    let mut odd = png();
    let at = memchr::memmem::find(&odd, b"IDAT").unwrap();
    odd[at..at + 4].copy_from_slice(b"prGm");
    let picture_and = |bytes: &[u8]| [png(), bytes.to_vec()].concat();
    let unknown: [(&str, Vec<u8>); 12] = [
        ("one byte", vec![1]),
        ("a short text with a mark", b"A word of a manual.\x1e And another one.\n".to_vec()),
        ("a long text and a program", [&manual[..], &clean()].concat()),
        ("a long script and an archive", [&b"#!/bin/sh\n"[..], &manual.repeat(20), &gzip(&clean())].concat()),
        ("a text with a zero", b"A text\0 and more.\n".to_vec()),
        ("a picture and a program", picture_and(&clean())),
        ("a picture and an archive", picture_and(&zip(&[("tool", &clean())]))),
        ("a picture with a part of its own", odd),
        ("random bytes", (0..5000_u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 24) as u8).collect()),
        ("a class of Java", b"\xca\xfe\xba\xbe\0\0\0\x41\0\x10".to_vec()),
        ("a program as text", lines(&clean()).into_bytes()),
        ("a program as a string", format!("{{\"tool\": \"{}\"}}", lines(&clean()).replace('\n', "\\n")).into_bytes()),
    ];
    for (what, bytes) in unknown {
        let (verdict, reasons) = beside(&bytes);
        assert_eq!(verdict, Verdict::CannotTell, "{what}");
        assert!(reasons[0].contains("offset") || reasons[0].contains("member"), "{what}: {reasons:?}");
    }
}

#[test]
fn a05_a_package_of_text_is_an_answer_and_a_single_text_is_none() {
    let text: &[File<'_>] = &[("pkg/README.md", b"text\n"), ("pkg/src/main.rs", b"fn main() {}\n")];
    let deb = archive(&[
        ("debian-binary", b"2.0\n"),
        ("control.tar.xz", &xz(&tar(text))),
        ("data.tar.zst", &zstd(&tar(text))),
    ]);
    let packages = [
        ("wheel", zip(text)),
        ("stored zip", zip_stored(text)),
        ("tar", tar(text)),
        ("crate", gzip(&tar(text))),
        ("tar.xz", xz(&tar(text))),
        ("tar.zst", zstd(&tar(text))),
        ("tar.bz2", containers::bzip2(&tar(text))),
        ("deb", deb),
        ("a zip in a zip", zip(&[("inner.zip", &zip(text))])),
    ];
    for (what, bytes) in packages {
        assert_eq!(answer(&bytes), (Verdict::Absent, Vec::new()), "{what}");
        // A folder that holds nothing else has the answer of the package.
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("package"), &bytes).unwrap();
        fs::write(folder.path().join("README"), "text\n").unwrap();
        assert_eq!(look(folder.path()), (Verdict::Absent, Vec::new()), "{what}");
    }
    // A file that holds one other has the answer of that one; an archive without a file has nothing to answer for.
    for (what, bytes) in [
        ("gzip", gzip(b"text\n")),
        ("xz", xz(b"text\n")),
        ("zstd", zstd(b"text\n")),
        ("bzip2", containers::bzip2(b"text\n")),
        ("gzip twice", gzip(&gzip(b"text\n"))),
        // Where an archive of this kind ends is written nowhere.
        ("ar", archive(&[("README", b"text\n")])),
        ("ar with a package", archive(&[("README", b"text\n"), ("inner.tar", &tar(text))])),
    ] {
        let (verdict, reasons) = answer(&bytes);
        assert!(
            verdict == Verdict::CannotTell && reasons[0].contains("nothing in it holds machine code"),
            "{what}: {reasons:?}"
        );
        assert_eq!(beside(&bytes), (Verdict::Absent, Vec::new()), "{what} beside a program");
    }
    for (what, bytes) in [("text", b"text\n".to_vec()), ("nothing", Vec::new()), ("zip", zip(&[])), ("tar", tar(&[]))] {
        assert_eq!(answer(&bytes).0, Verdict::CannotTell, "{what}");
    }
    for members in [1, 2] {
        let cut = archive(&[("debian-binary", &b"2.0\n"[..]), ("control.tar.xz", &xz(&tar(text)))][..members]);
        let (verdict, reasons) = answer(&cut);
        assert!(verdict == Verdict::CannotTell && reasons[0].contains("cut off"), "{reasons:?}");
        assert_eq!(beside(&cut).0, Verdict::CannotTell, "{members} members, beside a program");
    }
    // What is not understood remains a reason, and a trace a trace.
    let odd: &[File<'_>] = &[("README", b"text\n"), ("data.bin", &[1, 2, 3])];
    let speaking = speaking();
    let traced: &[File<'_>] = &[("README", b"text\n"), ("tool", &speaking)];
    for pack in [zip as fn(&[File<'_>]) -> Vec<u8>, tar] {
        assert_eq!(answer(&pack(odd)).0, Verdict::CannotTell);
        assert_eq!(answer(&pack(traced)).0, Verdict::Found);
    }
}
