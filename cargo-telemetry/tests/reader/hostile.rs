//! Files that were made to break a reader: it answers, with what can be read and what cannot, in little time and memory.

use std::time::{Duration, Instant};

use cargo_telemetry::reader::{ReadError, inspect, inspect_bytes, limits, read};
use object::BinaryFormat;

use crate::{
    faults, inspect as known, names,
    samples::{
        archive, component, compressed, event, header, object, pe, program, records, section_name, universal, wasm,
        zlib, zstd,
    },
};

/// Far beyond what any of these files needs, also on a busy machine: a hang is found, slowness is not judged.
const WATCHDOG: Duration = Duration::from_secs(60);

/// A small file of every kind.
fn all_kinds() -> Vec<(&'static str, Vec<u8>)> {
    let one = records(&["one"]);
    let objects = [BinaryFormat::Elf, BinaryFormat::MachO, BinaryFormat::Coff]
        .map(|format| object(format, &[(section_name(format), &one)]));
    let [elf, macho, coff] = objects;
    vec![
        ("program", program(elf.clone())),
        ("archive", archive(&[("a.o", &elf), ("b.o", &coff)])),
        ("universal", universal(&[(0x0100_0007, &macho)])),
        ("pe", pe(&[(".telem", &one)])),
        ("wasm", wasm(&[(".telemetry", &one)])),
        ("component", component(&wasm(&[(".telemetry", &one)]))),
        ("zlib", compressed(".telemetry", 1, one.len() as u64, &zlib(&one))),
        ("zstd", compressed(".telemetry", 2, one.len() as u64, &zstd(&one))),
        ("elf", elf),
        ("macho", macho),
        ("coff", coff),
    ]
}

#[test]
fn files_cut_off_at_any_length_are_no_program_or_read_in_part() {
    for (kind, bytes) in all_kinds() {
        let whole = known(&bytes);
        assert_eq!((names(&whole), whole.is_complete()), (vec!["one"], true), "{kind}");
        for len in 0..bytes.len() {
            let started = Instant::now();
            if let Ok(reading) = inspect_bytes("cut", &bytes[..len]) {
                let lost = reading.manifest.events.is_empty();
                // Never "complete" with a record missing, save where the cut took whole sections that stand at the end.
                let told = !reading.is_complete() || reading.images.iter().all(|image| image.sections == 0);
                assert!(!lost || told, "{kind} cut at {len}: the record is gone and nobody says so");
            }
            assert!(started.elapsed() < WATCHDOG, "{kind} cut at {len}");
        }
    }
}

#[test]
fn any_byte_may_be_anything() {
    for (kind, bytes) in all_kinds() {
        let started = Instant::now();
        for place in 0..bytes.len() {
            for value in [0, 0xff, 0x7f, 0x80, bytes[place] ^ 1, bytes[place] ^ 0x40] {
                let mut changed = bytes.clone();
                changed[place] = value;
                if let Ok(reading) = inspect_bytes("hostile", &changed) {
                    // One byte may lose records or make equal ones differ; it makes up none.
                    assert!(reading.manifest.events.len() <= reading.images.len(), "{kind}, byte {place} = {value:#x}");
                }
            }
        }
        assert!(started.elapsed() < WATCHDOG, "{kind}");
    }
}

/// Offsets of an ELF header of 64 bits: the section table, the number of sections, the index of their names.
const TABLE: std::ops::Range<usize> = 40..48;
const COUNT: std::ops::Range<usize> = 60..62;
const NAMES: std::ops::Range<usize> = 62..64;

#[test]
fn counts_and_sizes_beyond_everything_are_told() {
    let elf = object(BinaryFormat::Elf, &[(".telemetry", &records(&["one"]))]);
    // More sections than 16 bits: their number stands in the size of section 0.
    let mut many = elf.clone();
    let table = u64::from_le_bytes(many[TABLE].try_into().unwrap()) as usize;
    many[COUNT].copy_from_slice(&[0, 0]);
    many[table + 32..table + 40].copy_from_slice(&0x7fff_ffff_u64.to_le_bytes());
    assert!(faults(&known(&many))[0].contains("500,000 sections"), "{:?}", faults(&known(&many)));
    for (field, text) in [(TABLE, "section table"), (NAMES, "no names")] {
        let mut wrong = elf.clone();
        wrong[field].fill(0x7f);
        assert!(faults(&known(&wrong))[0].contains(text), "{:?}", faults(&known(&wrong)));
    }
    // Each section in turn ends beyond the file.
    let sections = u16::from_le_bytes(elf[COUNT].try_into().unwrap()) as usize;
    for section in 1..sections {
        for size in [u64::MAX, u64::MAX / 2, elf.len() as u64] {
            let mut wrong = elf.clone();
            let at = table + section * 64 + 32;
            wrong[at..at + 8].copy_from_slice(&size.to_le_bytes());
            assert!(!known(&wrong).is_complete(), "section {section} of {size} bytes");
        }
    }
    // 2^31 architectures; the same four bytes start a class file of Java.
    let mut universal = universal(&[(7, &[0; 64])]);
    universal[4..8].copy_from_slice(&0x8000_0000_u32.to_be_bytes());
    assert!(faults(&known(&universal))[0].contains("64 architectures"));
    // A member that claims more than there is.
    let mut lying = b"!<arch>\n".to_vec();
    lying.extend(header("a.o/", "9999999999"));
    lying.extend(&elf);
    assert!(faults(&known(&lying))[0].contains("a member lies beyond the end"));
    let mut garbage = b"!<arch>\n".to_vec();
    garbage.extend([0x60; 60]);
    assert!(!known(&garbage).is_complete());
}

#[test]
fn records_that_overlap_are_cut_where_the_next_one_starts() {
    let inner = event("inner");
    let mut bytes = b"\x7fTLM2{\"record\":\"event\",\"doc\":\"".to_vec();
    bytes.extend(&inner);
    let reading = known(&object(BinaryFormat::Elf, &[(".telemetry", &bytes)]));
    assert_eq!((names(&reading), reading.faults.len()), (vec!["inner"], 1));
}

#[test]
fn a_million_magics_end_at_the_bound() {
    let started = Instant::now();
    let reading = known(&object(BinaryFormat::Elf, &[(".telemetry", &b"\x7fTLM2".repeat(1_000_000))]));
    assert!(started.elapsed() < WATCHDOG);
    assert_eq!(reading.faults.len(), limits::FAULTS);
    assert_eq!(reading.further_faults, (limits::RECORDS - limits::FAULTS) as u64 + 1, "one says that there are more");
    assert!(reading.faults_text().lines().count() < 20, "nobody reads a thousand lines");
}

#[test]
fn records_up_to_the_bound_are_read_and_the_next_one_is_told() {
    let all: Vec<u8> = (0..=limits::RECORDS).flat_map(|number| event(&format!("e{number}"))).collect();
    let whole = &all[..all.len() - event(&format!("e{}", limits::RECORDS)).len()];
    let reading = known(&object(BinaryFormat::Elf, &[(".telemetry", whole)]));
    assert_eq!((reading.manifest.events.len(), reading.is_complete()), (limits::RECORDS, true));
    let reading = known(&object(BinaryFormat::Elf, &[(".telemetry", &all)]));
    assert!(faults(&reading)[0].contains("100,000 records"));
}

#[test]
fn compressed_sections_that_lie_about_their_size_are_told() {
    let plain = records(&["one"]);
    let packed = zlib(&plain);
    let len = plain.len() as u64;
    let bomb = zlib(&vec![0; 8 << 20]);
    let cases = [
        (1, len + 1, &packed[..], "fewer bytes"),
        (1, len - 1, &packed, "more bytes"),
        (1, len, &packed[..9], "cannot be read"),
        (1, len, b"no zlib at all", "cannot be read"),
        (2, len, b"no zstd at all", "cannot be read"),
        (7, len, &packed, "neither zlib nor zstd"),
        (1, u64::MAX, &packed, "more than 1100 times"),
        (1, 1 << 40, &packed, "more than 1100 times"),
        (1, 1 << 20, &bomb, "more bytes"),
        (1, limits::SECTION_BYTES + 1, &vec![0; 1 << 20], "64 MiB"),
    ];
    for (method, size, bytes, text) in cases {
        let reading = known(&compressed(".telemetry", method, size, bytes));
        let said = faults(&reading);
        assert!(said.len() == 1 && said[0].contains(text), "{said:?} instead of {text}");
    }
    // A window of a gibibyte, which a decoder would have to hold.
    let window = b"\x28\xb5\x2f\xfd\x00\xa0\x01\0\0";
    let said = faults(&known(&compressed(".telemetry", 2, len, window)));
    assert!(said[0].contains("cannot be read"), "{said:?}");
}

#[test]
fn containers_within_containers_end_at_the_bound() {
    let mut nested = object(BinaryFormat::Elf, &[(".telemetry", &records(&["one"]))]);
    for _ in 0..limits::NESTING {
        nested = archive(&[("a", &nested)]);
    }
    assert_eq!(names(&known(&nested)), ["one"]);
    assert!(faults(&known(&archive(&[("a", &nested)])))[0].contains("8 containers"));
    // A universal file whose architectures are the file itself: each visit would find the same ones again.
    let nothing: &[u8] = &[];
    let mut snake = universal(&[(7, nothing); 60]);
    let len = snake.len() as u32;
    for arch in 0..60 {
        let at = 8 + arch * 20;
        snake[at + 8..at + 12].copy_from_slice(&0_u32.to_be_bytes());
        snake[at + 12..at + 16].copy_from_slice(&len.to_be_bytes());
    }
    let started = Instant::now();
    assert!(!known(&snake).is_complete());
    assert!(started.elapsed() < WATCHDOG);
}

#[test]
fn what_is_no_file_is_not_opened_and_what_is_no_program_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let error = read(folder.path()).unwrap_err();
    assert!(matches!(error, ReadError::NotAFile { what: "a folder", .. }), "{error}");
    for (bytes, text) in [
        (&b""[..], "it is empty"),
        (b"#!/bin/sh\necho\n", "it is a script"),
        (b"hello, world, how are you?\n", "it is text"),
        (b"PK\x03\x04aaaaaaaaaaaaaaaaaaaaaaaaaa", "zip archive"),
        (b"\x01\x02\x03\x04\x05\x06\x07\x08\x01\x02\x03\x04\x05\x06\x07\x08", "neither ELF"),
    ] {
        let path = folder.path().join("file");
        std::fs::write(&path, bytes).unwrap();
        let error = inspect(&path).unwrap_err();
        assert!(matches!(error, ReadError::Format { .. }) && error.to_string().contains(text), "{error}");
    }
    let error = read(&folder.path().join("missing")).unwrap_err();
    assert!(matches!(error, ReadError::Io { .. }), "{error}");
    #[cfg(unix)]
    {
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        // Nobody writes into it: whoever opens it waits for ever.
        let error = read(&pipe).unwrap_err();
        assert!(matches!(error, ReadError::NotAFile { what: "a named pipe", .. }), "{error}");
        assert!(matches!(read("/dev/zero".as_ref()), Err(ReadError::NotAFile { what: "a device", .. })));
    }
}

#[test]
fn a_program_without_records_and_one_with_a_fault_are_errors() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("program");
    std::fs::write(&path, object(BinaryFormat::Elf, &[])).unwrap();
    assert!(matches!(read(&path), Err(ReadError::NoRecords { .. })));
    let bytes = [event("one"), b"\x7fTLM2{\n".to_vec()].concat();
    std::fs::write(&path, object(BinaryFormat::Elf, &[(".telemetry", &bytes)])).unwrap();
    let error = read(&path).unwrap_err();
    let ReadError::Incomplete(reading) = &error else { panic!("{error}") };
    assert_eq!(names(reading), ["one"]);
    assert!(error.to_string().contains("unreadable content"), "{error}");
}

/// The bound of `limits` as the system enforces it: a process that may have no more address space, and the worst files.
#[cfg(target_os = "linux")]
#[test]
fn memory_stays_within_the_stated_bound() {
    let folder = tempfile::tempdir().unwrap();
    let record = |number: usize| {
        let variants = vec!["\"\""; 300_000].join(",");
        format!(
            "\x7fTLM2{{\"record\":\"event\",\"sdk\":\"s\",\"crate\":\"c\",\"version\":\"1\",\"event\":\"e{number}\",\"kind\":\"event\",\
             \"fields\":[{{\"name\":\"f\",\"type\":{{\"enum\":[{variants}]}}}}],\"sample\":1,\"throttle\":\"none\",\"at\":\"a:1\"}}\n"
        )
    };
    let greedy: String = (0..60).map(record).collect();
    let files = [
        ("greedy", object(BinaryFormat::Elf, &[(".telemetry", greedy.as_bytes())])),
        ("bomb", compressed(".debug_info", 1, 1 << 30, &vec![0; 1 << 20])),
        ("magics", object(BinaryFormat::Elf, &[(".telemetry", &b"\x7fTLM2{".repeat(10_000_000))])),
    ];
    for (name, bytes) in files {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let output = std::process::Command::new("sh")
            .args(["-c", "ulimit -v 1048576 && exec \"$0\" absent \"$1\""])
            .arg(crate::real::release_tool())
            .arg(&path)
            .output()
            .unwrap();
        let code = output.status.code();
        assert!(matches!(code, Some(1 | 2)), "{name}: {:?} {}", output.status, String::from_utf8_lossy(&output.stderr));
    }
}
