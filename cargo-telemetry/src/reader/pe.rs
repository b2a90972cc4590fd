//! The sections of Windows programs (PE) and object files (COFF).

use object::{
    LittleEndian as LE, ReadRef as _, pe,
    read::{
        coff::CoffHeader,
        pe::{ImageNtHeaders, ImageOptionalHeader as _},
    },
};

use super::{
    fault::{FaultKind, Faults},
    image::{Layout, is_telemetry},
    limits::SECTIONS,
    window::Window,
};

const CODE: [pe::SectionFlags; 2] = [pe::IMAGE_SCN_CNT_CODE, pe::IMAGE_SCN_MEM_EXECUTE];

/// Reads the section table of a program or a library into `layout`.
pub(super) fn read<Pe: ImageNtHeaders>(window: Window<'_, '_>, layout: &mut Layout) -> Result<(), &'static str> {
    let dos = pe::ImageDosHeader::parse(window).map_err(|_| "the header of the PE file is wrong")?;
    let mut offset = dos.nt_headers_offset().into();
    let (headers, directories) = Pe::parse(window, &mut offset).map_err(|_| "the header of the PE file is wrong")?;
    layout.linked = true;
    let sections = headers.sections(window, offset).map_err(|_| "the section table lies beyond the end")?;
    let optional = headers.optional_header();
    let table = offset.saturating_add(sections.len() as u64 * size_of::<pe::ImageSectionHeader>() as u64);
    layout.claim(0, table.max(optional.size_of_headers().into()));
    symbols(window, layout, headers.file_header().pointer_to_symbol_table.get(LE), {
        u64::from(headers.file_header().number_of_symbols.get(LE)) * pe::IMAGE_SIZEOF_SYMBOL as u64
    });
    for section in sections.iter() {
        let (offset, size) = section.pe_file_range();
        let flags = section.characteristics.get(LE);
        layout.code |= size > 0 && CODE.iter().any(|code| flags.contains(*code));
        layout.section(section.raw_name(), offset.into(), size.into(), None)?;
        // The file is padded behind what is loaded; the padding is no appendix.
        layout.claim(section.pointer_to_raw_data.get(LE).into(), section.size_of_raw_data.get(LE).into());
    }
    // The table of certificates follows the sections; its address is an offset of the file.
    if let Some(directory) = directories.get(pe::IMAGE_DIRECTORY_ENTRY_SECURITY) {
        let (offset, size) = directory.address_range();
        layout.claim(offset.into(), size.into());
    }
    Ok(())
}

/// The symbols, of `size` bytes, and behind them their names, whose number of bytes stands ahead of them.
fn symbols(window: Window<'_, '_>, layout: &mut Layout, offset: u32, size: u64) -> u64 {
    if offset == 0 {
        return 0;
    }
    let names = u64::from(offset).saturating_add(size);
    let bytes = window.read_bytes_at(names, 4).ok().and_then(|bytes| bytes.try_into().ok()).map(u32::from_le_bytes);
    let size = size.saturating_add(bytes.unwrap_or_default().into());
    layout.claim(offset.into(), size);
    u64::from(offset).saturating_add(size)
}

/// Reads the section table of an object file into `layout`.
pub(super) fn read_object<Coff: CoffHeader>(
    window: Window<'_, '_>,
    layout: &mut Layout,
    faults: &mut Faults,
) -> Result<(), &'static str> {
    let mut offset = 0;
    let header = Coff::parse(window, &mut offset).map_err(|_| "the COFF header is wrong")?;
    if header.number_of_sections() as usize > SECTIONS {
        faults.add(&layout.member, layout.range.start, FaultKind::Limit("500,000 sections of one image"));
        return Ok(());
    }
    let sections = header.sections(window, offset).map_err(|_| "the section table lies beyond the end")?;
    // Sections, relocations and line numbers stand ahead of the symbols, and nothing stands behind their names.
    let size = u64::from(header.number_of_symbols()) * size_of::<Coff::SymbolBytes>() as u64;
    let end = symbols(window, layout, header.pointer_to_symbol_table(), size);
    layout.claim(0, end.max(offset.saturating_add(size_of_val(sections.iter().as_slice()) as u64)));
    for section in sections.iter() {
        let Some((offset, size)) = section.coff_file_range() else {
            if is_telemetry(section.raw_name()) {
                faults.add(&layout.member, layout.range.start, FaultKind::NoBytes);
            }
            continue;
        };
        let flags = section.characteristics.get(LE);
        layout.code |= size > 0 && CODE.iter().any(|code| flags.contains(*code));
        layout.section(section.raw_name(), offset.into(), size.into(), None)?;
    }
    Ok(())
}
