//! Every object format and every container is read, on any machine.

use cargo_telemetry::reader::ImageFormat;
use object::BinaryFormat;

use crate::{
    faults, inspect, names,
    samples::{
        archive, component, compressed, event, header, object, pe, program, records, section_name, universal, wasm,
        wasm_with_data, zlib, zstd,
    },
};

#[test]
fn object_files_of_every_format_are_read() {
    let formats = [
        (BinaryFormat::Elf, ImageFormat::Elf),
        (BinaryFormat::MachO, ImageFormat::MachO),
        (BinaryFormat::Coff, ImageFormat::Coff),
    ];
    for (written, read) in formats {
        let bytes = object(written, &[(section_name(written), &records(&["one", "two"]))]);
        let reading = inspect(&bytes);
        assert_eq!(names(&reading), ["one", "two"], "{written:?}");
        assert!(reading.is_complete(), "{written:?}: {:?}", faults(&reading));
        let image = &reading.images[0];
        assert_eq!((image.format, image.code, image.sections, image.records), (read, true, 1, 2));
    }
}

#[test]
fn windows_programs_and_webassembly_are_read() {
    let reading = inspect(&pe(&[(".telem", &records(&["one"]))]));
    assert_eq!((names(&reading), reading.is_complete()), (vec!["one"], true), "{:?}", faults(&reading));
    assert_eq!((reading.images[0].format, reading.images[0].code), (ImageFormat::Pe, true));
    let module = wasm(&[("name", b"x"), (".telemetry", &records(&["one", "two"]))]);
    let reading = inspect(&module);
    assert_eq!((names(&reading), reading.is_complete()), (vec!["one", "two"], true), "{:?}", faults(&reading));
    assert_eq!((reading.images[0].format, reading.images[0].code), (ImageFormat::Wasm, true));
    let reading = inspect(&component(&module));
    assert_eq!(names(&reading), ["one", "two"]);
    assert_eq!(reading.images[1].member, "module 0");
}

#[test]
fn a_page_has_its_records_among_other_data() {
    // The magic for itself, as whoever looks for it holds it; text behind a record without a gap; a record across the pieces that are read at once.
    let data = [
        b"text\x7fTLMtext\x7fTLM2\0\x7fTLM-dispatcher-1\n".as_slice(),
        &records(&["one", "two"]),
        b"{\"record\":\"event\"}\n",
        &vec![b'x'; (1 << 20) - 700],
        &event("three"),
        b"more",
    ]
    .concat();
    let module = wasm_with_data(&data);
    for (bytes, image) in [(module.clone(), 0), (component(&module), 1)] {
        let reading = inspect(&bytes);
        assert_eq!(
            (names(&reading), reading.is_complete()),
            (vec!["one", "three", "two"], true),
            "{:?}",
            faults(&reading)
        );
        assert_eq!((reading.images[image].sections, reading.images[image].records), (1, 3));
    }
    // What begins as a record and is none is never passed over.
    for (damaged, said) in [
        (b"\x7fTLM2{\"record\":\"event\",\"sdk\":\"sa".as_slice(), "line end"),
        (b"\x7fTLM3{\"record\":\"event\"}\n", "version"),
    ] {
        let reading = inspect(&wasm_with_data(&[&event("one"), damaged].concat()));
        assert_eq!((names(&reading), faults(&reading).len()), (vec!["one"], 1));
        assert!(faults(&reading)[0].contains(said), "{:?}", faults(&reading));
    }
    let reading = inspect(&wasm_with_data(b"\x7fTLM"));
    assert_eq!((reading.images[0].sections, reading.is_complete()), (0, true), "unknown");
}

#[test]
fn several_sections_of_one_name_are_all_read() {
    let bytes = object(
        BinaryFormat::Elf,
        &[(".telemetry", &records(&["one"])), (".other", b"x"), (".telemetry", &records(&["two"]))],
    );
    let reading = inspect(&bytes);
    assert_eq!(names(&reading), ["one", "two"]);
    assert_eq!(reading.images[0].sections, 2);
}

#[test]
fn every_architecture_of_a_universal_file_is_read() {
    let intel = object(BinaryFormat::MachO, &[("__telemetry", &records(&["shared", "intel"]))]);
    let arm = object(BinaryFormat::MachO, &[("__telemetry", &records(&["shared", "arm"]))]);
    let reading = inspect(&universal(&[(0x0100_0007, &intel), (0x0100_000c, &arm)]));
    assert_eq!(names(&reading), ["arm", "intel", "shared"], "what both hold is listed once");
    let members: Vec<_> = reading.images.iter().map(|image| image.member.as_str()).collect();
    assert_eq!(members, ["X86_64", "Aarch64"]);
}

#[test]
fn all_members_of_archives_are_read_nested_ones_too() {
    let one = object(BinaryFormat::Elf, &[(".telemetry", &records(&["one", "shared"]))]);
    let two = object(BinaryFormat::Elf, &[(".telemetry", &records(&["two", "shared"]))]);
    let inner = archive(&[("two.o", &two)]);
    let reading = inspect(&archive(&[("one.o", &one), ("note.txt", b"no program"), ("inner.a", &inner)]));
    assert_eq!(names(&reading), ["one", "shared", "two"], "equal records are listed once");
    assert!(reading.is_complete(), "{:?}", faults(&reading));
    let members: Vec<_> = reading.images.iter().map(|image| (image.member.as_str(), image.records)).collect();
    assert_eq!(members, [("one.o", 2), ("inner.a > two.o", 2)]);
    // Names as BSD writes them, ahead of the member itself.
    let mut bsd = b"!<arch>\n".to_vec();
    bsd.extend(header("#1/8", 8 + one.len()));
    bsd.extend(b"long.o\0\0");
    bsd.extend(&one);
    assert_eq!(inspect(&bsd).images[0].member, "long.o");
    // A static library of Apple: architectures of archives.
    let apple = object(BinaryFormat::MachO, &[("__telemetry", &records(&["one"]))]);
    let reading = inspect(&universal(&[(0x0100_000c, &archive(&[("one.o", &apple)]))]));
    assert_eq!((names(&reading), reading.images[0].member.as_str()), (vec!["one"], "Aarch64 > one.o"));
}

#[test]
fn records_that_differ_in_anything_are_both_listed() {
    let second = String::from_utf8(event("one")).unwrap().replace("lib.rs:1", "lib.rs:2");
    let bytes = [event("one"), second.into_bytes(), event("one")].concat();
    let reading = inspect(&object(BinaryFormat::Elf, &[(".telemetry", &bytes)]));
    let places: Vec<_> = reading.manifest.events.iter().map(|event| event.at.as_str()).collect();
    assert_eq!(places, ["src/lib.rs:1", "src/lib.rs:2"]);
}

#[test]
fn compressed_sections_are_read() {
    let plain = records(&["one", "two"]);
    for (method, bytes) in [(1, zlib(&plain)), (2, zstd(&plain)), (2, [zstd(&plain[..9]), zstd(&plain[9..])].concat())]
    {
        let reading = inspect(&program(compressed(".telemetry", method, plain.len() as u64, &bytes)));
        assert_eq!(names(&reading), ["one", "two"], "method {method}: {:?}", faults(&reading));
        assert!(reading.is_complete());
    }
}

#[test]
fn bitcode_cannot_be_read_and_says_what_to_do() {
    let bitcode: &[u8] = b"BC\xc0\xde\x35\x14\0\0\x05\0\0\0";
    let whole = object(BinaryFormat::Elf, &[(".telemetry", &records(&["one"]))]);
    let reading = inspect(&archive(&[("one.o", &whole), ("two.o", bitcode)]));
    assert_eq!(names(&reading), ["one"], "the rest is read");
    let [fault] = faults(&reading).try_into().unwrap();
    assert!(
        fault.starts_with("member two.o, offset ") && fault.contains("bitcode") && fault.contains("--lib"),
        "{fault}"
    );
    assert!(inspect(bitcode).faults[0].to_string().contains("bitcode"));
    assert!(inspect(&[&[0xde, 0xc0, 0x17, 0x0b], bitcode].concat()).faults[0].to_string().contains("bitcode"));
    // An object file that holds nothing but bitcode, and one that holds both: the code of the second is what is linked.
    let mut only =
        object::write::Object::new(BinaryFormat::Elf, object::Architecture::X86_64, object::Endianness::Little);
    let id = only.add_section(Vec::new(), b".llvmbc".to_vec(), object::SectionKind::Other);
    only.append_section_data(id, bitcode, 1);
    let reading = inspect(&only.write().unwrap());
    assert!(faults(&reading)[0].contains("bitcode"), "{:?}", faults(&reading));
    let both = object(BinaryFormat::Elf, &[(".llvmbc", bitcode), (".telemetry", &records(&["one"]))]);
    assert!(inspect(&both).is_complete());
    // One that was compiled to nothing, as some of the standard library are: there is nothing more to come.
    only.add_section(Vec::new(), b".text".to_vec(), object::SectionKind::Text);
    assert!(inspect(&archive(&[("one.o", &whole), ("empty.o", &only.write().unwrap())])).is_complete());
}

#[test]
fn thin_archives_and_separate_debug_files_say_what_to_do() {
    let mut thin = b"!<thin>\n".to_vec();
    thin.extend(header("one.o/", 1_000));
    let [fault] = faults(&inspect(&thin)).try_into().unwrap();
    assert!(fault.contains("thin archive") && fault.contains("read the members themselves"), "{fault}");
    // `objcopy --only-keep-debug` leaves sections of a program in the table, without bytes.
    let mut debug = object(BinaryFormat::Elf, &[(".telemetry", &records(&["one"]))]);
    let table = u64::from_le_bytes(debug[40..48].try_into().unwrap()) as usize;
    let count = u16::from_le_bytes(debug[60..62].try_into().unwrap()) as usize;
    for section in 0..count {
        let kind = table + section * 64 + 4;
        if debug[kind] == 1 {
            debug[kind] = 8;
        }
    }
    let [fault] = faults(&inspect(&debug)).try_into().unwrap();
    assert!(fault.contains("separate file of debug information"), "{fault}");
}

#[test]
fn every_record_that_cannot_be_read_is_named_and_the_others_are_read() {
    let mut bytes = event("one");
    let places: Vec<u64> = [
        &b"\x7fTLM9{}\n"[..],
        b"\x7fTLM2{broken\n",
        b"\x7fTLM2{\"record\":\"event\",\"fields\":[{\"name\":\"a\",\"type\":\"hologram\"}]}\n",
        b"\x7fTLM2{\"record\":\"wish\"}\n",
        b"\x7fTLM2{\"record\":\"event\"", // runs into the next
    ]
    .iter()
    .map(|record| {
        let place = bytes.len() as u64;
        bytes.extend(*record);
        place
    })
    .collect();
    bytes.extend(event("two"));
    let program = object(BinaryFormat::Elf, &[(".telemetry", &bytes)]);
    let reading = inspect(&archive(&[("a.o", &program)]));
    assert_eq!(names(&reading), ["one", "two"]);
    assert!(!reading.is_complete());
    let said = faults(&reading);
    let causes = [
        "format version '9'",
        "unreadable content",
        "unknown variant `hologram`",
        "unknown variant `wish`",
        "without a line end",
    ];
    assert_eq!(said.len(), causes.len(), "{said:?}");
    let section = program.windows(5).position(|window| window == b"\x7fTLM2").unwrap() as u64 + 68;
    for ((text, cause), place) in said.iter().zip(causes).zip(places) {
        assert!(text.contains(cause), "{text:?} instead of {cause}");
        assert!(text.starts_with(&format!("member a.o, offset {:#x}: ", section + place)), "{text}");
    }
}
