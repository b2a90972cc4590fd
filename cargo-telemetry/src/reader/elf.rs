//! The sections of an ELF image: executables, shared libraries, object files.

use object::{
    Endianness, ReadRef as _, elf,
    read::elf::{CompressionHeader as _, FileHeader, ProgramHeader as _, SectionHeader as _},
};

use super::{
    fault::{FaultKind, Faults},
    image::{Compression, Layout, Method, is_telemetry},
    limits::SECTIONS,
    window::Window,
};

/// Reads the section table into `layout`.
pub(super) fn read<Elf: FileHeader<Endian = Endianness>>(
    window: Window<'_, '_>,
    layout: &mut Layout,
    faults: &mut Faults,
) -> Result<(), &'static str> {
    let header = Elf::parse(window).map_err(|_| "the ELF header is wrong")?;
    let endian = header.endian().map_err(|_| "the ELF header is wrong")?;
    layout.linked = matches!(header.e_type(endian), elf::ET_EXEC | elf::ET_DYN);
    let segments = header.program_headers(endian, window).map_err(|_| "the table of segments lies beyond the end")?;
    layout.claim(0, size_of::<Elf>() as u64);
    layout.claim(header.e_phoff(endian).into(), size_of_val(segments) as u64);
    for segment in segments.iter().filter(|segment| segment.p_type(endian) == elf::PT_LOAD) {
        layout.code |= segment.p_flags(endian).contains(elf::PF_X);
        layout.claim(segment.p_offset(endian).into(), segment.p_filesz(endian).into());
    }
    let count = header.shnum(endian, window).map_err(|_| "the section table lies beyond the end")? as usize;
    if count > SECTIONS {
        faults.add(&layout.member, layout.range.start, FaultKind::Limit("500,000 sections of one image"));
        return Ok(());
    }
    layout.sectioned = count > 0;
    let headers = header.section_headers(endian, window).map_err(|_| "the section table lies beyond the end")?;
    layout.claim(header.e_shoff(endian).into(), size_of_val(headers) as u64);
    let names = names::<Elf>(header, endian, window, headers)?;
    let (mut bitcode, mut content) = (None, false);
    for section in headers {
        let name = name(names, section.sh_name(endian));
        let flags = section.sh_flags(endian);
        let size: u64 = section.sh_size(endian).into();
        if section.sh_type(endian) == elf::SHT_NOBITS {
            if is_telemetry(name) && size > 0 {
                faults.add(&layout.member, layout.range.start, FaultKind::NoBytes);
            }
            continue;
        }
        layout.code |= flags.contains(elf::SHF_EXECINSTR) && size > 0;
        let aside = name == b".eh_frame" || section.sh_type(endian) == elf::SHT_NOTE;
        content |= flags.contains(elf::SHF_ALLOC) && size > 0 && !aside;
        // A compiler has been here and found nothing to write. The standard library has such objects, with bitcode
        // beside, so every `staticlib` has them.
        content |= flags.contains(elf::SHF_EXECINSTR) && name == b".text";
        if matches!(name, b".llvmbc" | b".llvm.lto") && size > 0 {
            bitcode = Some(layout.range.start.saturating_add(section.sh_offset(endian).into()));
        }
        let (offset, size, compression) = match section.compression(endian, window) {
            Ok(None) => (section.sh_offset(endian).into(), size, None),
            Ok(Some((header, offset, size))) => {
                let method = match header.ch_type(endian) {
                    elf::ELFCOMPRESS_ZLIB => Method::Zlib,
                    elf::ELFCOMPRESS_ZSTD => Method::Zstd,
                    _ => Method::Unknown,
                };
                (offset, size, Some(Compression { method, size: header.ch_size(endian).into() }))
            }
            Err(_) => return Err("the header of a compressed section is wrong"),
        };
        layout.section(name, offset, size, compression)?;
    }
    if let Some(offset) = bitcode.filter(|_| !layout.linked && !content) {
        faults.add(&layout.member, offset, FaultKind::Bitcode);
    }
    Ok(())
}

/// The bytes that all names of sections are taken from: read at once, because a table has one per function.
fn names<'c, Elf: FileHeader<Endian = Endianness>>(
    header: &Elf,
    endian: Endianness,
    window: Window<'c, '_>,
    headers: &[Elf::SectionHeader],
) -> Result<&'c [u8], &'static str> {
    if headers.is_empty() {
        return Ok(&[]);
    }
    let index = header.section_strings_index(endian, window).map_err(|_| "the section table has no names")?;
    let section = headers.get(index.0).ok_or("the section table has no names")?;
    let (offset, size) = section.file_range(endian).ok_or("the section table has no names")?;
    window.read_bytes_at(offset, size).map_err(|()| "the names of sections lie beyond the end")
}

fn name(names: &[u8], offset: u32) -> &[u8] {
    let text = usize::try_from(offset).ok().and_then(|offset| names.get(offset..)).unwrap_or_default();
    text.split(|&byte| byte == 0).next().unwrap_or_default()
}
