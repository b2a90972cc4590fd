//! `cargo telemetry absent`: what is found, what hides, and what is truly not there.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use object::BinaryFormat;
use telemetry_tests::fixture::succeed;

use crate::{
    real::{programs, release_tool, tool},
    samples::{archive, compressed, event, header, object, pe, program, records, zlib, zstd},
};

/// Runs the tool; answers with its exit code and its output.
fn absent(arguments: &[&dyn AsRef<std::ffi::OsStr>]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-telemetry-tested"));
    command.args(["telemetry", "absent"]).args(arguments.iter().map(AsRef::as_ref));
    let output = command.output().unwrap();
    let code = output.status.code().unwrap_or_else(|| panic!("{:?}", output.status));
    assert_eq!(code < 64, output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    (code, String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
}

/// A folder with one file.
struct Sample(tempfile::TempDir);

impl Sample {
    fn new(bytes: &[u8]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), bytes).unwrap();
        Self(folder)
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("file")
    }
}

/// The answer to a file of these bytes.
fn answer(bytes: &[u8]) -> (i32, String) {
    absent(&[&Sample::new(bytes).path()])
}

/// A linked program without telemetry, and one with these sections.
fn clean() -> Vec<u8> {
    program(object(BinaryFormat::Elf, &[(".rodata", b"hello")]))
}

fn with(sections: &[(&str, &[u8])]) -> Vec<u8> {
    program(object(BinaryFormat::Elf, sections))
}

/// The newest format of records.
fn newest() -> u8 {
    telemetry_schema::record::VERSION - b'0'
}

#[test]
fn r37_programs_built_without_telemetry_hold_no_trace() {
    for path in [&programs().by_feature, &programs().by_flag] {
        let (code, said) = absent(&[path]);
        assert_eq!(code, 0, "{said}");
        assert!(said.starts_with(&format!("no trace of this framework, record formats 1..{}\n", newest())), "{said}");
        assert!(said.contains("no section, no record, no marker"), "{said}");
    }
    assert_eq!(answer(&clean()).0, 0);
}

#[test]
fn the_tool_passes_its_own_test() {
    for path in [PathBuf::from(env!("CARGO_BIN_EXE_cargo-telemetry-tested")), release_tool()] {
        let (code, said) = absent(&[&path]);
        assert_eq!(code, 0, "{said}");
        // Not even in pieces, which a linker could put side by side.
        let bytes = fs::read(&path).unwrap();
        for piece in ["-dispatcher-", "-queue-", "-transport-"] {
            let place = memchr::memmem::find(&bytes, piece.as_bytes());
            assert_eq!(place, None, "{piece} is stored as it is in {}", path.display());
        }
    }
}

#[test]
fn an_instrumented_program_is_found_by_section_records_and_markers() {
    let (code, said) = absent(&[&programs().live]);
    assert_eq!(code, 1, "{said}");
    for part in [
        "section .telemetry, ",
        "fixture-one/one_dialog_opened",
        "marker of the dispatcher",
        "marker of the queue",
        "marker of the transport",
    ] {
        assert!(said.contains(part), "{part} is missing: {said}");
    }
}

/// The guarantee of `docs/absent.md`: what can record holds the dispatcher, whatever was removed from it.
#[test]
fn a_program_that_lost_its_section_is_found_by_its_markers() {
    let folder = tempfile::tempdir().unwrap();
    let cut = |path: &Path, name: &str| {
        let to = folder.path().join(name);
        let section = Path::new("--remove-section=.telemetry");
        tool("objcopy", &[section, Path::new("--strip-all"), path, &to]).map(|_| to)
    };
    let (Some(live), Some(records), Some(declares)) =
        (cut(&programs().live, "live"), cut(&programs().records, "records"), cut(&programs().declares, "declares"))
    else {
        return;
    };
    for path in [&live, &records] {
        let (code, said) = absent(&[path]);
        assert_eq!(code, 1, "{said}");
        assert!(said.contains("marker of the dispatcher") && !said.contains("section"), "{said}");
    }
    // Nothing in this program can record: with the description gone, nothing is left.
    assert_eq!(absent(&[&programs().declares]).0, 1);
    let (code, said) = absent(&[&declares]);
    assert_eq!(code, 0, "{said}");
}

#[test]
fn the_smallest_traces_are_found() {
    let elsewhere = format!("record of format {} outside of a section, sample/one", newest());
    let cases: [(&str, Vec<u8>, &str); 8] = [
        ("an empty section", with(&[(".telemetry", b"\0")]), "section .telemetry, 0 records"),
        ("a section of Windows", pe(&[(".telem", &records(&["one"]))]), "section .telem, 1 record"),
        ("a record elsewhere", with(&[(".rodata", &event("one"))]), &elsewhere),
        ("a record of a later format", with(&[(".rodata", b"\x7fTLM7{")]), "record of format 7, unreadable"),
        ("a dispatcher", with(&[(".rodata", b"\x7fTLM-dispatcher-1\n")]), "marker of the dispatcher"),
        ("a later queue", with(&[(".rodata", b"\x7fTLM-queue-9\n")]), "marker of the queue"),
        ("bytes behind the program", [clean(), b"\x7fTLM-transport-1".to_vec()].concat(), "marker of the transport"),
        ("a file that is no program", b"text \x7fTLM-queue-1\n".to_vec(), "marker of the queue"),
    ];
    for (what, bytes, text) in cases {
        let (code, said) = answer(&bytes);
        assert!(code == 1 && said.contains(text), "{what}: {code} {said}");
    }
    // The magic alone is what a tool looks for, no trace.
    assert_eq!(answer(&with(&[(".rodata", b"\x7fTLM \x7fTLMx \x7fTLM2 \x7fTLM-")])).0, 0);
}

#[test]
fn members_and_compressed_sections_are_searched_too() {
    let marked = with(&[(".rodata", b"\x7fTLM-queue-1\n")]);
    let (code, said) = answer(&archive(&[("clean.o", &clean()), ("marked.o", &marked)]));
    assert!(code == 1 && said.contains("of member marked.o"), "{said}");
    let text = [&[b'x'; 3_000_000][..], b"\x7fTLM-dispatcher-1\n"].concat();
    for (method, bytes) in [(1, zlib(&text)), (2, zstd(&text))] {
        let (code, said) = answer(&compressed(".debug_str", method, text.len() as u64, &bytes));
        assert!(code == 1 && said.contains("marker of the dispatcher"), "method {method}: {said}");
    }
    let (code, said) = answer(&compressed(".debug_str", 1, 1 << 40, b"x"));
    assert!(code == 2 && said.contains("compressed section"), "{said}");
}

#[test]
fn what_cannot_be_searched_is_not_called_clean() {
    let upx_head = {
        let mut bytes = clean();
        let table = bytes.len() as u64;
        bytes[40..48].copy_from_slice(&table.to_le_bytes());
        bytes[60..62].copy_from_slice(&[0, 0]);
        bytes.extend(b"UPX!");
        bytes
    };
    let mut sectionless = clean();
    sectionless[40..48].fill(0);
    sectionless[60..64].fill(0);
    let thin = [b"!<thin>\n".to_vec(), header("a.o/", 9)].concat();
    let cases: [(&str, Vec<u8>, &str); 14] = [
        ("text", b"just some text\n".to_vec(), "it is text"),
        ("nothing", Vec::new(), "it is empty"),
        ("a script", b"#!/bin/sh\nexec program\n".to_vec(), "it is a script"),
        ("packed by UPX", upx_head, "packed by UPX"),
        ("packed for Windows", pe(&[("UPX0", b"x"), ("UPX1", b"x")]), "packed by UPX"),
        ("no section table", sectionless, "no section table"),
        ("bitcode", b"BC\xc0\xde\x35\x14\0\0".to_vec(), "bitcode"),
        ("a member of bitcode", archive(&[("a.o", &clean()), ("b.o", b"BC\xc0\xde\x35\x14\0\0")]), "member b.o"),
        ("a thin archive", thin, "thin archive"),
        ("a zip archive", b"PK\x03\x04 and more bytes".to_vec(), "unpack it"),
        (
            "a package of Debian",
            archive(&[("debian-binary", b"2.0\n"), ("data.tar.xz", b"\xfd7zXZ\0 and more")]),
            "unpack it",
        ),
        ("an appended archive", [clean(), b"PK\x03\x04 and more bytes".to_vec()].concat(), "appended"),
        ("cut off", clean()[..clean().len() - 100].to_vec(), "cut off"),
        ("a program without code", object(BinaryFormat::Elf, &[])[..].to_vec(), "no machine code"),
    ];
    for (what, bytes, text) in cases {
        let bytes = if what == "a program without code" { without_code(bytes) } else { bytes };
        let (code, said) = answer(&bytes);
        assert!(code == 2 && said.contains(text), "{what}: {code} {said}");
    }
}

/// Clears the flag of executable sections.
fn without_code(mut bytes: Vec<u8>) -> Vec<u8> {
    let table = u64::from_le_bytes(bytes[40..48].try_into().unwrap()) as usize;
    let count = u16::from_le_bytes(bytes[60..62].try_into().unwrap()) as usize;
    for section in 0..count {
        bytes[table + section * 64 + 8] &= !4;
    }
    bytes
}

#[test]
fn found_beats_cannot_tell_which_beats_no_trace() {
    let (text, found, none) =
        (Sample::new(b"text\n"), Sample::new(&with(&[(".telemetry", b"\0")])), Sample::new(&clean()));
    assert_eq!(absent(&[&none.path()]).0, 0);
    assert_eq!(absent(&[&none.path(), &text.path()]).0, 2);
    assert_eq!(absent(&[&none.path(), &text.path(), &found.path()]).0, 1);
    // A trace in a packed program is a trace.
    assert_eq!(answer(&pe(&[("UPX0", b"\x7fTLM-queue-1\n")])).0, 1);
}

#[test]
fn a_program_packed_by_the_real_upx_cannot_be_told() {
    let folder = tempfile::tempdir().unwrap();
    let packed = folder.path().join("packed");
    let output = Path::new("-o");
    if tool("upx", &[Path::new("-q"), output, &packed, &programs().by_feature]).is_none() {
        return;
    }
    let (code, said) = absent(&[&packed]);
    assert!(code == 2 && said.contains("packed by UPX"), "{said}");
}

#[test]
fn an_endpoint_is_a_trace_where_the_user_asks_for_it() {
    let sample = Sample::new(&with(&[(".rodata", b"..https://telemetry.acme.example/v2..")]));
    for (endpoint, expected) in
        [("https://telemetry.acme.example/", 1), ("telemetry.acme.example", 1), ("https://telemetry.other.example", 0)]
    {
        let (code, said) = absent(&[&"--endpoint", &endpoint, &sample.path()]);
        assert_eq!(code, expected, "{said}");
        assert!(code == 0 || said.contains(endpoint.trim_end_matches('/')), "{said}");
    }
    let both: [&dyn AsRef<std::ffi::OsStr>; 5] =
        [&"--endpoint", &"https://nowhere.example", &"--endpoint", &"telemetry.acme", &sample.path()];
    assert_eq!(absent(&both).0, 1);
    let (code, said) = absent(&[&"--endpoint", &"a/", &sample.path()]);
    assert!(code == 64 && said.contains("found everywhere"), "{said}");
}

#[test]
fn a_folder_is_searched_file_by_file() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::create_dir_all(root.join("usr/bin")).unwrap();
    fs::create_dir_all(root.join("usr/share")).unwrap();
    fs::write(root.join("usr/share/README.txt"), "Send bugs to https://acme.example\n").unwrap();
    let (code, said) = absent(&[&root]);
    assert!(code == 2 && said.contains("no file in this folder holds machine code"), "{said}");
    fs::write(root.join("usr/bin/program"), clean()).unwrap();
    fs::write(root.join("usr/bin/wrapper"), "#!/bin/sh\n").unwrap();
    let (code, said) = absent(&[&root]);
    assert!(code == 0 && said.contains("2 files without machine code, searched as bytes"), "{said}");
    // Text is searched for what the user asks for.
    let (code, said) = absent(&[&"--endpoint", &"https://acme.example", &root]);
    assert!(code == 1 && said.contains("README.txt"), "{said}");
    #[cfg(unix)]
    {
        // A way out of the folder is not taken, and neither is a pipe opened, which would wait for ever.
        let outside = Sample::new(&with(&[(".telemetry", b"\0")]));
        std::os::unix::fs::symlink(outside.path(), root.join("usr/bin/link")).unwrap();
        std::os::unix::fs::symlink(outside.0.path(), root.join("usr/folder")).unwrap();
        assert!(Command::new("mkfifo").arg(root.join("pipe")).status().unwrap().success());
        let (code, said) = absent(&[&root]);
        assert!(code == 0 && said.contains("2 symbolic links, not followed") && said.contains("1 pipes"), "{said}");
    }
    fs::write(root.join("usr/share/data.zip"), b"PK\x03\x04 and more bytes").unwrap();
    let (code, said) = absent(&[&root]);
    assert!(code == 2 && said.contains("data.zip") && said.contains("unpack it"), "{said}");
    fs::write(root.join("usr/bin/other"), with(&[(".telemetry", &records(&["one"]))])).unwrap();
    let (code, said) = absent(&[&root]);
    assert!(
        code == 1 && said.starts_with("found: 1 of 5 files\n") && said.contains("usr/bin/other (ELF): found"),
        "{said}"
    );
}

#[test]
fn the_result_for_programs_says_the_same() {
    let sample = Sample::new(&with(&[(".telemetry", &records(&["one"])), (".rodata", b"\x7fTLM-queue-1\n")]));
    let (code, said) = absent(&[&"--format", &"json", &sample.path()]);
    assert_eq!(code, 1);
    let report: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(report["verdict"], "found");
    assert_eq!(report["record_formats"], serde_json::json!([1, newest()]));
    let file = &report["files"][0];
    assert_eq!(file["formats"], serde_json::json!(["elf"]));
    assert_eq!(file["events"], serde_json::json!(["sample/one"]));
    let traces: Vec<_> = file["traces"].as_array().unwrap().iter().map(|trace| trace["trace"].clone()).collect();
    assert_eq!(traces, ["section", "marker"]);
    let (code, said) = absent(&[&"--format", &"json", &Sample::new(b"text\n").path()]);
    let report: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!((code, &report["verdict"]), (2, &serde_json::json!("cannot_tell")));
    assert!(report["files"][0]["reasons"][0].as_str().unwrap().contains("it is text"), "{said}");
}

#[test]
fn a_path_that_is_not_there_is_misuse_and_names_are_printed_harmlessly() {
    let sample = Sample::new(b"");
    let (code, said) = absent(&[&sample.0.path().join("missing")]);
    assert!(code == 66 && said.contains("missing"), "{said}");
    assert_eq!(absent(&[]).0, 64);
    // A member whose name would clear the terminal.
    let (_, said) = answer(&archive(&[("\x1b[2J", &with(&[(".telemetry", b"\0")]))]));
    assert!(said.contains("of member \\u{1b}[2J") && !said.contains('\x1b'), "{said}");
    let help =
        succeed(Command::new(env!("CARGO_BIN_EXE_cargo-telemetry-tested")).args(["telemetry", "absent", "--help"]));
    for words in ["Exit codes:", "--endpoint <URL>", "Examples:", "unpacked-package"] {
        assert!(help.contains(words), "{words}: {help}");
    }
}
