//! Programs of all formats, made by hand: what a compiler for each platform would write, in a few lines.

use object::{
    Architecture, BinaryFormat, Endianness, SectionFlags, SectionKind, elf,
    write::{Object, StandardSegment},
};

/// The record of an event of this name.
pub(crate) fn event(name: &str) -> Vec<u8> {
    format!(
        "\x7fTLM2{{\"record\":\"event\",\"sdk\":\"sample\",\"crate\":\"sample\",\"version\":\"1.0.0\",\"event\":\"{name}\",\
         \"kind\":\"event\",\"fields\":[{{\"name\":\"dark\",\"type\":\"bool\"}}],\"sample\":1.0,\"throttle\":\"daily\",\
         \"at\":\"src/lib.rs:1\"}}\n"
    )
    .into_bytes()
}

/// A section with records of these names, and padding as linkers put it.
pub(crate) fn records(names: &[&str]) -> Vec<u8> {
    names.iter().flat_map(|name| [event(name), vec![0; 7]].concat()).collect()
}

/// How a format spells the section in object files.
pub(crate) fn section_name(format: BinaryFormat) -> &'static str {
    match format {
        BinaryFormat::MachO => "__telemetry",
        BinaryFormat::Coff => ".telem$m",
        _ => ".telemetry",
    }
}

/// An object file with code and these sections.
pub(crate) fn object(format: BinaryFormat, sections: &[(&str, &[u8])]) -> Vec<u8> {
    let mut object = Object::new(format, Architecture::X86_64, Endianness::Little);
    let text = object.section_id(object::write::StandardSection::Text);
    object.append_section_data(text, &[0xc3; 16], 16);
    for (name, bytes) in sections {
        let segment = object.segment_name(StandardSegment::Data).to_vec();
        let id = object.add_section(segment, name.as_bytes().to_vec(), SectionKind::ReadOnlyData);
        object.append_section_data(id, bytes, 1);
    }
    object.write().expect("a sample of few sections")
}

/// An ELF object file with a section that says it is compressed: method, claimed size and bytes as given.
pub(crate) fn compressed(name: &str, method: u32, size: u64, bytes: &[u8]) -> Vec<u8> {
    let mut object = Object::new(BinaryFormat::Elf, Architecture::X86_64, Endianness::Little);
    let text = object.section_id(object::write::StandardSection::Text);
    object.append_section_data(text, &[0xc3; 16], 16);
    let id = object.add_section(Vec::new(), name.as_bytes().to_vec(), SectionKind::ReadOnlyData);
    let mut data = [method.to_le_bytes(), [0; 4]].concat();
    data.extend(size.to_le_bytes());
    data.extend(1_u64.to_le_bytes());
    data.extend(bytes);
    object.append_section_data(id, &data, 1);
    object.section_mut(id).flags =
        SectionFlags::Elf { sh_type: elf::SHT_PROGBITS, sh_flags: elf::SHF_ALLOC | elf::SHF_COMPRESSED };
    object.write().expect("a sample of few sections")
}

pub(crate) fn zlib(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

pub(crate) fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

/// The same object file as a linked program, as far as its header says.
pub(crate) fn program(mut object: Vec<u8>) -> Vec<u8> {
    object[16..18].copy_from_slice(&3_u16.to_le_bytes());
    object
}

/// A GNU archive.
pub(crate) fn archive(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = b"!<arch>\n".to_vec();
    for (name, bytes) in members {
        out.extend(header(&format!("{name}/"), bytes.len()));
        out.extend(*bytes);
        if bytes.len() % 2 == 1 {
            out.push(b'\n');
        }
    }
    out
}

/// The 60 bytes ahead of a member.
pub(crate) fn header(name: &str, size: impl std::fmt::Display) -> Vec<u8> {
    format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{size:<10}`\n", 0, 0, 0, 644).into_bytes()
}

/// A universal Mach-O file of these architectures, by the number of the processor.
pub(crate) fn universal(architectures: &[(u32, &[u8])]) -> Vec<u8> {
    let mut out = [0xcafe_babe_u32.to_be_bytes(), (architectures.len() as u32).to_be_bytes()].concat();
    let mut offset = 4096_u32;
    for (processor, bytes) in architectures {
        for number in [*processor, 0, offset, bytes.len() as u32, 12] {
            out.extend(number.to_be_bytes());
        }
        offset += (bytes.len() as u32).next_multiple_of(4096);
    }
    for (_, bytes) in architectures {
        out.resize(out.len().next_multiple_of(4096), 0);
        out.extend(*bytes);
    }
    out
}

/// A 64-bit Windows program with code and these sections.
pub(crate) fn pe(sections: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = vec![0; 64];
    out[..2].copy_from_slice(b"MZ");
    out[60] = 64;
    out.extend(b"PE\0\0");
    out.extend(0x8664_u16.to_le_bytes());
    out.extend((sections.len() as u16 + 1).to_le_bytes());
    out.extend([0; 12]);
    out.extend(240_u16.to_le_bytes());
    out.extend(0x0022_u16.to_le_bytes());
    let optional = out.len();
    out.extend([0; 240]);
    out[optional..optional + 2].copy_from_slice(&0x020b_u16.to_le_bytes());
    out[optional + 108..optional + 112].copy_from_slice(&16_u32.to_le_bytes());
    let code: &[u8] = &[0xc3; 16];
    let all: Vec<_> = [(".text", code, 0x6000_0020_u32)]
        .into_iter()
        .chain(sections.iter().map(|(name, bytes)| (*name, *bytes, 0x4000_0040)))
        .collect();
    let mut offset = 1024;
    for (name, bytes, flags) in &all {
        let mut text = name.as_bytes().to_vec();
        text.resize(8, 0);
        out.extend(text);
        let raw = (bytes.len() as u32).next_multiple_of(512);
        for number in [bytes.len() as u32, 0x1000 + offset, raw, offset, 0, 0, 0, *flags] {
            out.extend(number.to_le_bytes());
        }
        offset += raw;
    }
    out.resize(1024, 0);
    for (_, bytes, _) in &all {
        out.extend(*bytes);
        out.resize(out.len().next_multiple_of(512), 0);
    }
    out
}

/// A WebAssembly module with code and these custom sections.
pub(crate) fn wasm(sections: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = b"\0asm\x01\0\0\0".to_vec();
    // One function of one instruction; nobody validates it.
    out.extend([10, 4, 1, 2, 0, 0x0b]);
    for (name, bytes) in sections {
        let mut content = leb(name.len());
        content.extend(name.as_bytes());
        content.extend(*bytes);
        out.push(0);
        out.extend(leb(content.len()));
        out.extend(content);
    }
    out
}

/// A WebAssembly module with code and this data in its memory.
pub(crate) fn wasm_with_data(bytes: &[u8]) -> Vec<u8> {
    // One segment, at the address 8.
    let segment = [&[1, 0, 0x41, 8, 0x0b], leb(bytes.len()).as_slice(), bytes].concat();
    [wasm(&[]), vec![11], leb(segment.len()), segment].concat()
}

/// A component that contains this module.
pub(crate) fn component(module: &[u8]) -> Vec<u8> {
    let mut out = b"\0asm\x0d\0\x01\0".to_vec();
    out.push(1);
    out.extend(leb(module.len()));
    out.extend(module);
    out
}

fn leb(mut number: usize) -> Vec<u8> {
    let mut out = Vec::new();
    loop {
        let byte = (number & 0x7f) as u8;
        number >>= 7;
        if number == 0 {
            out.push(byte);
            return out;
        }
        out.push(byte | 0x80);
    }
}
