//! The sections of Windows programs (PE) and object files (COFF).

use object::{
    LittleEndian as LE, pe,
    read::{coff::CoffHeader, pe::ImageNtHeaders},
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
    for section in sections.iter() {
        let (offset, size) = section.pe_file_range();
        let flags = section.characteristics.get(LE);
        layout.code |= size > 0 && CODE.iter().any(|code| flags.contains(*code));
        layout.section(section.raw_name(), offset.into(), size.into(), None)?;
        // The file is padded behind what is loaded; the padding is no appendix.
        let padded = u64::from(section.pointer_to_raw_data.get(LE)) + u64::from(section.size_of_raw_data.get(LE));
        layout.reach(padded);
    }
    // The table of certificates follows the sections; its address is an offset of the file.
    if let Some(directory) = directories.get(pe::IMAGE_DIRECTORY_ENTRY_SECURITY) {
        let (offset, size) = directory.address_range();
        layout.reach(u64::from(offset) + u64::from(size));
    }
    Ok(())
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
