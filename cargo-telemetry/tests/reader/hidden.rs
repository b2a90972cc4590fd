//! What hides a program: every container in every place, and every damage to one. Nothing is called clean that is not
//! understood to its last byte.

use std::{fs, path::Path};

use cargo_telemetry::absent::{Finding, Verdict, examine};
use object::BinaryFormat;

use crate::{
    containers::{self, CONTAINERS, Container, File, gzip, tar, xz, zip, zip_stored, zstd},
    samples::{archive, object, pe, program, records, universal, wasm},
};

/// What is found in files and folders of a package, here of one file.
#[track_caller]
pub(crate) fn look(path: &Path) -> (Verdict, Vec<String>) {
    let report = examine(&[path], &[], |_, _| ());
    let reasons = report.files.iter().flat_map(|file: &Finding| file.reasons.clone()).collect();
    (report.verdict, reasons)
}

#[track_caller]
pub(crate) fn answer(bytes: &[u8]) -> (Verdict, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    fs::write(&path, bytes).unwrap();
    look(&path)
}

/// The answer of a folder with a clean program and this file.
pub(crate) fn beside(bytes: &[u8]) -> (Verdict, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("program"), clean()).unwrap();
    fs::write(folder.path().join("file"), bytes).unwrap();
    look(folder.path())
}

pub(crate) fn clean() -> Vec<u8> {
    program(object(BinaryFormat::Elf, &[(".rodata", b"hello, hello, hello")]))
}

/// A program with records.
pub(crate) fn speaking() -> Vec<u8> {
    program(object(BinaryFormat::Elf, &[(".telemetry", &records(&["one", "two"]))]))
}

/// Programs of every format that a loader takes, without a trace.
fn images() -> Vec<(&'static str, Vec<u8>)> {
    let mut apple = object(BinaryFormat::MachO, &[("__const", b"hello")]);
    apple[12..16].copy_from_slice(&2_u32.to_le_bytes());
    vec![
        ("ELF", clean()),
        ("PE", pe(&[(".rdata", b"hello")])),
        ("universal", universal(&[(0x0100_0007, &apple[..]), (0x0100_000c, &apple[..])])),
        ("Mach-O", apple),
        ("WebAssembly", wasm(&[("name", b"hello")])),
    ]
}

/// A PNG picture of nothing: only its frame is looked at.
pub(crate) fn png() -> Vec<u8> {
    let chunk = |name: &[u8], bytes: &[u8]| [&(bytes.len() as u32).to_be_bytes(), name, bytes, &[0; 4]].concat();
    [b"\x89PNG\r\n\x1a\n".to_vec(), chunk(b"IHDR", &[0; 13]), chunk(b"IDAT", &[1; 99]), chunk(b"IEND", &[])].concat()
}

fn files<'a>(tool: &'a [u8], picture: &'a [u8]) -> [File<'a>; 3] {
    [("usr/bin/tool", tool), ("usr/share/doc/README", b"A tool.\n"), ("usr/share/icon.png", picture)]
}

fn packed(container: &Container, tool: &[u8]) -> Vec<u8> {
    (container.pack)(&files(tool, &png()))
}

#[test]
fn a05_every_container_alone_and_in_a_folder_has_a_true_answer() {
    for container in &CONTAINERS {
        let name = container.name;
        let expected = if container.open { Verdict::Absent } else { Verdict::CannotTell };
        for (place, found) in
            [("alone", answer(&packed(container, &clean()))), ("in a folder", beside(&packed(container, &clean())))]
        {
            assert_eq!(found.0, expected, "{name} {place}, clean: {:?}", found.1);
            assert_eq!(found.1.is_empty(), container.open, "{name} {place}: an answer that is none says why");
        }
        for (place, found) in [
            ("alone", answer(&packed(container, &speaking()))),
            ("in a folder", beside(&packed(container, &speaking()))),
        ] {
            let right = if container.open { found.0 == Verdict::Found } else { found.0 != Verdict::Absent };
            assert!(right, "{name} {place}, with records: {found:?}");
        }
    }
}

#[test]
fn a05_what_follows_an_image_is_padding_or_a_reason() {
    for (image, bytes) in images() {
        for padding in [0, 1, 8, 512, 5000] {
            let padded = [&bytes[..], &vec![0; padding]].concat();
            // A module has no padding: what follows its sections must be a section.
            let wasm = image == "WebAssembly";
            let alone = answer(&padded);
            assert!(
                alone.0 == Verdict::Absent || (wasm && padding > 0),
                "{image}, {padding} bytes of padding: {:?}",
                alone.1
            );
            for container in &CONTAINERS {
                let what = format!("{image}, {padding} bytes of padding, {}", container.name);
                let both = [&padded[..], &packed(container, &clean())].concat();
                for (verdict, reasons) in [answer(&both), beside(&both)] {
                    assert_eq!(verdict, Verdict::CannotTell, "{what}");
                    let place = format!("{:#x}", padded.len());
                    assert!(
                        wasm || reasons.iter().any(|reason| reason.contains(&place)),
                        "{what}: {reasons:?} name no {place}"
                    );
                }
                let both = [&padded[..], &packed(container, &speaking())].concat();
                let found = answer(&both).0;
                assert!(found != Verdict::Absent, "{what}: a program with records");
                if container.open && !wasm {
                    assert_eq!(found, Verdict::Found, "{what}: a program with records in what can be unpacked");
                }
            }
        }
    }
}

#[test]
fn a05_containers_within_containers_have_the_answer_of_what_is_in_them() {
    for outer in CONTAINERS.iter().filter(|outer| outer.open) {
        for inner in &CONTAINERS {
            let what = format!("{} in {}", inner.name, outer.name);
            let expected = if inner.open { Verdict::Absent } else { Verdict::CannotTell };
            let found = answer(&packed(outer, &packed(inner, &clean())));
            assert_eq!(found.0, expected, "{what}: {:?}", found.1);
            let found = answer(&packed(outer, &packed(inner, &speaking())));
            let right = if inner.open { found.0 == Verdict::Found } else { found.0 != Verdict::Absent };
            assert!(right, "{what}, with records: {found:?}");
        }
    }
    // As deep as nobody packs.
    let mut deep = clean();
    for _ in 0..6 {
        deep = zip(&[("inner", &deep)]);
    }
    assert_eq!(answer(&deep).0, Verdict::Absent);
    for _ in 0..6 {
        deep = gzip(&deep);
    }
    let (verdict, reasons) = answer(&deep);
    assert!(verdict == Verdict::CannotTell && reasons[0].contains("8 containers"), "{reasons:?}");
}

#[test]
fn a05_a_container_that_is_cut_off_or_longer_than_it_says_is_not_clean() {
    for container in CONTAINERS.iter().filter(|container| container.open) {
        let whole = packed(container, &clean());
        // Of tar and ar the end of a member is no end that shows; so there each length is tried, and of others some.
        let step = (whole.len() / 300).max(1);
        for len in (0..whole.len()).step_by(step) {
            let (verdict, reasons) = answer(&whole[..len]);
            // The padding of an archive may be missing, and padding is nothing.
            let padding = whole[len..].iter().all(|byte| *byte == 0);
            // Between members an archive of object files cannot be told from a shorter one.
            let between = container.name == "ar" && reasons.is_empty();
            assert!(
                verdict == Verdict::CannotTell || padding || between,
                "{} cut at {len} of {}",
                container.name,
                whole.len()
            );
        }
        for tail in [&b"x"[..], b"\0\0\0\0x", &gzip(&clean()), &clean(), b"and a text\n"] {
            let (verdict, reasons) = answer(&[&whole[..], tail].concat());
            assert_eq!(verdict, Verdict::CannotTell, "{} and {} bytes more: {reasons:?}", container.name, tail.len());
            let (verdict, _) = answer(&[tail, &whole[..]].concat());
            assert_eq!(verdict, Verdict::CannotTell, "{} behind {} bytes", container.name, tail.len());
        }
    }
}

#[test]
fn a05_zip_archives_are_understood_or_refused() {
    let clean = clean();
    let two = [("a/tool", &clean[..]), ("b/tool", &clean)];
    let whole = zip(&two);
    assert_eq!(answer(&whole).0, Verdict::Absent);
    // Flags and method stand in the local header at 6 and 8, in the central one at 8 and 10.
    let central: Vec<usize> = memchr::memmem::find_iter(&whole, b"PK\x01\x02").collect();
    let patched = |local: usize, value: u16| {
        let mut bytes = whole.clone();
        for at in [local, central[0] + local + 2] {
            bytes[at..at + 2].copy_from_slice(&value.to_le_bytes());
        }
        bytes
    };
    let mut several = whole.clone();
    several[central[1] + 46] = b'a';
    let mut hole = whole[..central[0]].to_vec();
    hole.extend(xz(&clean));
    hole.extend(&whole[central[0]..]);
    let end = hole.len() - 6;
    let directory = (central[0] + xz(&clean).len()) as u32;
    hole[end..end + 4].copy_from_slice(&directory.to_le_bytes());
    let bomb = zip(&[("bomb", &vec![0; 64 << 20])]);
    let bomb = zip(&[("inner.zip", &bomb), ("tool", &clean)]);
    let cases: [(&str, Vec<u8>, &str); 6] = [
        ("encrypted", patched(6, 1), "encrypted"),
        ("of another method", patched(8, 93), "compressed by"),
        ("a name twice", several, "one name"),
        ("bytes between members and table", hole, "bytes between"),
        ("a comment that is no text", commented(&whole, &gzip(&clean)), "comment"),
        ("a bomb", containers::bzip2(&vec![0; 32 << 20]), "1100 times"),
    ];
    for (what, bytes, text) in cases {
        let (verdict, reasons) = answer(&bytes);
        assert!(
            verdict == Verdict::CannotTell && reasons.iter().any(|reason| reason.contains(text)),
            "{what}: {verdict:?} {reasons:?}"
        );
    }
    // Zeros alone are padding, whatever they were packed in; they cost what they cost.
    assert_eq!(answer(&bomb).0, Verdict::Absent);
    assert_eq!(answer(&zip_link("usr/lib/libtool.so", "../../a/tool", &two)).0, Verdict::Absent, "a link within");
    for target in ["/etc/passwd", "../../../tool", "missing"] {
        let (verdict, reasons) = answer(&zip_link("usr/lib/libtool.so", target, &two));
        assert!(
            verdict == Verdict::CannotTell && reasons[0].contains("usr/lib/libtool.so: a link"),
            "{target}: {reasons:?}"
        );
    }
}

fn commented(whole: &[u8], comment: &[u8]) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    let len = bytes.len();
    bytes[len - 2..].copy_from_slice(&(comment.len() as u16).to_le_bytes());
    [&bytes[..], comment].concat()
}

fn zip_link(name: &str, target: &str, files: &[File<'_>]) -> Vec<u8> {
    use std::io::Write as _;
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.add_symlink(name, target, zip::write::SimpleFileOptions::default()).unwrap();
    writer.finish().unwrap().into_inner()
}

#[test]
fn a05_tar_archives_are_understood_or_refused() {
    let clean = clean();
    let with = |kind: tar::EntryType, name: &str, target: &str, bytes: &[u8]| {
        let mut builder = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_gnu();
        header.set_size(clean.len() as u64);
        header.set_mode(0o755);
        builder.append_data(&mut header, "usr/bin/tool", &clean[..]).unwrap();
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_size(bytes.len() as u64);
        header.set_mode(0o755);
        if target.is_empty() {
            builder.append_data(&mut header, name, bytes).unwrap();
        } else {
            builder.append_link(&mut header, name, target).unwrap();
        }
        builder.into_inner().unwrap()
    };
    let long = format!("usr/share/{}/tool", "long/".repeat(40));
    for (what, bytes) in [
        ("a folder", with(tar::EntryType::Directory, "usr/lib/", "", b"")),
        ("a link within", with(tar::EntryType::Symlink, "usr/lib/tool", "../bin/tool", b"")),
        ("a link from the top", with(tar::EntryType::Symlink, "usr/lib/tool", "/usr/bin/tool", b"")),
        ("a link to a folder", with(tar::EntryType::Symlink, "bin", "usr/bin", b"")),
        ("another name", with(tar::EntryType::Link, "usr/bin/other", "usr/bin/tool", b"")),
        ("a long name", with(tar::EntryType::Regular, &long, "", &clean)),
        ("a pipe", with(tar::EntryType::Fifo, "run/pipe", "", b"")),
    ] {
        let (verdict, reasons) = answer(&bytes);
        assert_eq!(verdict, Verdict::Absent, "{what}: {reasons:?}");
    }
    for (what, bytes, text) in [
        ("a link outside", with(tar::EntryType::Symlink, "usr/lib/tool", "../../../tool", b""), "usr/lib/tool: a link"),
        ("a link to nothing", with(tar::EntryType::Symlink, "tool", "/opt/tool", b""), "tool: a link"),
        ("another name of nothing", with(tar::EntryType::Link, "tool", "opt/tool", b""), "tool: a link"),
        ("a sparse file", with(tar::EntryType::GNUSparse, "sparse", "", &clean), "unpack it"),
        ("a folder with content", with(tar::EntryType::Directory, "usr/lib", "", &clean), "a kind"),
        ("a kind of its own", with(tar::EntryType::new(b'Z'), "own", "", &clean), "a kind"),
    ] {
        let (verdict, reasons) = answer(&bytes);
        assert!(
            verdict == Verdict::CannotTell && reasons.iter().any(|reason| reason.contains(text)),
            "{what}: {verdict:?} {reasons:?}"
        );
    }
}

#[test]
fn a05_streams_in_several_parts_are_searched_and_not_called_clean() {
    for (name, pack) in
        [("gzip", gzip as fn(&[u8]) -> Vec<u8>), ("xz", xz), ("zstd", zstd), ("bzip2", containers::bzip2)]
    {
        let two = |second: &[u8]| [pack(&clean()), pack(second)].concat();
        let (verdict, reasons) = answer(&two(b"text\n"));
        assert!(
            verdict == Verdict::CannotTell && reasons[0].contains("in several parts"),
            "{name}: {verdict:?} {reasons:?}"
        );
        assert_eq!(answer(&two(&speaking())).0, Verdict::Found, "{name}");
    }
    // A frame that decoders skip may hold anything.
    let skipped = [&b"\x50\x2a\x4d\x18\x04\0\0\0abcd"[..], &zstd(&clean())].concat();
    assert_eq!(answer(&skipped).0, Verdict::CannotTell);
    let behind = [&zstd(&clean())[..], b"\x50\x2a\x4d\x18\x04\0\0\0abcd"].concat();
    assert_eq!(answer(&behind).0, Verdict::CannotTell);
    // A field of the writer's own in the header of gzip.
    let mut extra = gzip(&clean());
    extra[3] |= 4;
    extra.splice(10..10, [&5_u16.to_le_bytes()[..], b"hello"].concat());
    let (verdict, reasons) = answer(&extra);
    assert!(verdict == Verdict::CannotTell && reasons[0].contains("field of its own"), "{reasons:?}");
}

#[test]
fn a05_what_an_image_does_not_speak_of_is_a_reason() {
    // Between the sections of an ELF file, and between the architectures of a universal one.
    let mut elf = clean();
    let table = u64::from_le_bytes(elf[40..48].try_into().unwrap());
    let hidden = gzip(&speaking());
    let at = table as usize;
    elf.splice(at..at, hidden.iter().copied());
    elf[40..48].copy_from_slice(&(table + hidden.len() as u64).to_le_bytes());
    let (verdict, reasons) = answer(&elf);
    assert_eq!(verdict, Verdict::Found, "{reasons:?}");
    assert!(reasons.iter().any(|reason| reason.contains("no header of the image mentions")), "{reasons:?}");
    let apple = object(BinaryFormat::MachO, &[("__const", b"hello")]);
    let mut both = universal(&[(0x0100_0007, &apple[..])]);
    both[200..208].copy_from_slice(b"abcdefgh");
    let (verdict, reasons) = answer(&both);
    assert!(verdict == Verdict::CannotTell && reasons[0].contains("offset 0xc8"), "{reasons:?}");
    // Padding is nothing, however much there is of it: a crate has a section per function.
    let mut many =
        object::write::Object::new(BinaryFormat::Elf, object::Architecture::X86_64, object::Endianness::Little);
    for number in 0..300 {
        let id = many.add_section(Vec::new(), format!(".text.{number}").into_bytes(), object::SectionKind::Text);
        many.append_section_data(id, &[0xc3; 3], 64);
    }
    let many = many.write().unwrap();
    assert_eq!(answer(&archive(&[("many.o", &many)])), (Verdict::Absent, Vec::new()));
    // A section that is an archive.
    let kept = program(object(BinaryFormat::Elf, &[("payload", &zip(&[("tool", &clean())]))]));
    let (verdict, reasons) = answer(&kept);
    assert!(
        verdict == Verdict::CannotTell && reasons[0].contains("a section or segment that is a zip archive"),
        "{reasons:?}"
    );
}

#[test]
fn a05_messages_name_the_member_and_the_place_and_what_to_do() {
    let inner = tar(&[("usr/bin/tool", &clean()), ("usr/lib/data.bin", &[1, 2, 3, 4, 5])]);
    let whole = zip_stored(&[("pkg/data.tar.xz", &xz(&inner))]);
    let (verdict, reasons) = answer(&whole);
    assert_eq!(verdict, Verdict::CannotTell);
    let [reason] = reasons.as_slice() else { panic!("{reasons:?}") };
    assert!(reason.starts_with("member pkg/data.tar.xz > unpacked > usr/lib/data.bin, offset 0x"), "{reason}");
    assert!(reason.contains("find out what it is"), "{reason}");
    // A trace names its member too.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    fs::write(&path, zip(&[("pkg/data.tar.xz", &xz(&tar(&[("usr/bin/tool", &speaking())])))])).unwrap();
    let report = examine(&[&path], &[], |_, _| ());
    let file = &report.files[0];
    assert_eq!(file.events, ["sample/one", "sample/two"]);
    assert_eq!(file.traces[0].member, "pkg/data.tar.xz > unpacked > usr/bin/tool");
    assert_eq!(file.traces.len(), 1, "what is found once is told once: {:?}", file.traces);
    // Members of an archive as they lie in it are told once as well.
    for bytes in
        [zip_stored(&[("tool", &speaking())]), tar(&[("tool", &speaking())]), archive(&[("tool", &speaking())])]
    {
        fs::write(&path, bytes).unwrap();
        let traces = &examine(&[&path], &[], |_, _| ()).files[0].traces;
        assert!(traces.len() == 1 && traces[0].member == "tool", "{traces:?}");
    }
}
