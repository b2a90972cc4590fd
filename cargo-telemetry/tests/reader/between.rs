//! What stands in a telemetry section beside records: padding, or damage.

use object::BinaryFormat;

use crate::{
    faults, inspect as known, names,
    samples::{compressed, event, object, pe, program, section_name, wasm, zlib, zstd},
};

/// A file of each format with a section of these bytes.
fn everywhere(section: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let objects = [("ELF", BinaryFormat::Elf), ("Mach-O", BinaryFormat::MachO), ("COFF", BinaryFormat::Coff)];
    let objects = objects.map(|(name, format)| (name, object(format, &[(section_name(format), section)])));
    let len = section.len() as u64;
    let mut all = objects.to_vec();
    all.push(("PE", pe(&[(".telem", section)])));
    all.push(("WebAssembly", wasm(&[(".telemetry", section)])));
    all.push(("zlib", program(compressed(".telemetry", 1, len, &zlib(section)))));
    all.push(("zstd", program(compressed(".telemetry", 2, len, &zstd(section)))));
    all
}

#[test]
fn a06_bytes_beside_records_are_padding_or_damage() {
    let (one, two) = (event("one"), event("two"));
    let padded = [&[0; 3][..], &one, &[0; 9], &two, &[0; 61]].concat();
    for (format, bytes) in everywhere(&padded) {
        let reading = known(&bytes);
        assert!(reading.is_complete() && names(&reading) == ["one", "two"], "{format}: {:?}", faults(&reading));
    }
    let strays: [(&str, &[u8]); 5] = [
        ("one byte", b"x"),
        ("a record without its first byte", &one[1..]),
        ("a line of JSON", b"{\"record\":\"event\"}\n"),
        ("a line end", b"\n"),
        ("bytes behind padding", b"\0\0\0\0\xff"),
    ];
    for (what, stray) in strays {
        let places = [
            ("ahead", [stray, &one, &two].concat(), &["one", "two"][..]),
            ("between", [&one, stray, &two].concat(), &["one", "two"]),
            ("behind", [&one, &two, stray].concat(), &["one", "two"]),
            ("alone", stray.to_vec(), &[]),
        ];
        for (place, section, rest) in places {
            for (format, bytes) in everywhere(&section) {
                let reading = known(&bytes);
                let said = faults(&reading);
                assert!(
                    said.len() == 1 && said[0].contains("neither a record nor padding"),
                    "{what} {place}, {format}: {said:?}"
                );
                assert_eq!(names(&reading), rest, "{what} {place}, {format}: what can be read is read");
            }
        }
    }
}

/// Whatever single bit of a section is lost: the list has all records, or says that it has not.
#[test]
fn a06_a_list_is_never_shorter_than_the_program_and_silent() {
    let section = [event("one"), vec![0; 5], event("two")].concat();
    let whole = object(BinaryFormat::Elf, &[(".telemetry", &section)]);
    let start = memchr::memmem::find(&whole, &section).unwrap();
    for place in start..start + section.len() {
        for bit in 0..8 {
            let mut changed = whole.clone();
            changed[place] ^= 1 << bit;
            let reading = known(&changed);
            let count = reading.manifest.events.len();
            assert!(
                count == 2 || !reading.is_complete(),
                "byte {}, bit {bit}: {count} events, no fault",
                place - start
            );
        }
    }
}

#[test]
fn a06_the_commands_end_with_2_and_name_the_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("program");
    let section = [event("one"), event("two")[1..].to_vec()].concat();
    let bytes = program(object(BinaryFormat::Elf, &[(".telemetry", &section)]));
    std::fs::write(&path, &bytes).unwrap();
    let place = memchr::memmem::find(&bytes, &section).unwrap() + event("one").len();
    for words in [&["list"][..], &["list", "--format", "json"], &["docs"], &["schema"], &["lock", "--output", "lock"]] {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_cargo-telemetry-tested"));
        let output = command.arg("telemetry").args(words).arg(&path).current_dir(folder.path()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(2), &b""[..]), "{words:?}: {said}");
        assert!(said.contains(&format!("offset {place:#x}")), "{words:?}: {said}");
    }
    assert!(!folder.path().join("lock").exists(), "nothing is written of a list that is not whole");
}
