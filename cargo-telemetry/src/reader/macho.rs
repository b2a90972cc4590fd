//! The sections of a Mach-O image of one architecture.

use object::{
    Endianness, ReadRef as _, macho,
    read::macho::{LoadCommandVariant, MachHeader, Section as _, Segment},
};

use super::{
    fault::{FaultKind, Faults},
    image::{Layout, is_telemetry},
    window::Window,
};

/// Reads the load commands into `layout`.
pub(super) fn read<Mach: MachHeader<Endian = Endianness>>(
    window: Window<'_, '_>,
    layout: &mut Layout,
    faults: &mut Faults,
) -> Result<(), &'static str> {
    let header = Mach::parse(window, 0).map_err(|_| "the Mach-O header is wrong")?;
    let endian = header.endian().map_err(|_| "the Mach-O header is wrong")?;
    layout.linked = header.filetype(endian) != macho::MH_OBJECT;
    layout.claim(0, (size_of::<Mach>() as u64).saturating_add(header.sizeofcmds(endian).into()));
    let mut commands = header.load_commands(endian, window, 0).map_err(|_| "the load commands lie beyond the end")?;
    let mut found = Sections { bitcode: None, content: false };
    while let Some(command) = commands.next().map_err(|_| "a load command is wrong")? {
        match command.variant().map_err(|_| "a load command is wrong")? {
            LoadCommandVariant::Segment32(segment, data) => found.read(endian, segment, data, layout, faults)?,
            LoadCommandVariant::Segment64(segment, data) => found.read(endian, segment, data, layout, faults)?,
            // Of a program these lie in a segment; object files have none around them.
            LoadCommandVariant::Symtab(table) => {
                let symbols = u64::from(table.nsyms.get(endian)) * size_of::<Mach::Nlist>() as u64;
                layout.claim(table.symoff.get(endian).into(), symbols);
                layout.claim(table.stroff.get(endian).into(), table.strsize.get(endian).into());
            }
            LoadCommandVariant::LinkeditData(data) => {
                layout.claim(data.dataoff.get(endian).into(), data.datasize.get(endian).into());
            }
            LoadCommandVariant::EncryptionInfo32(info) if info.cryptid.get(endian) != 0 => {
                faults.add(&layout.member, layout.range.start, FaultKind::Encrypted);
            }
            LoadCommandVariant::EncryptionInfo64(info) if info.cryptid.get(endian) != 0 => {
                faults.add(&layout.member, layout.range.start, FaultKind::Encrypted);
            }
            _ => {}
        }
    }
    if let Some(offset) = found.bitcode.filter(|_| !layout.linked && !found.content) {
        faults.add(&layout.member, offset, FaultKind::Bitcode);
    }
    Ok(())
}

/// What the sections of all segments say together.
struct Sections {
    bitcode: Option<u64>,
    content: bool,
}

impl Sections {
    fn read<S: Segment<Endian = Endianness>>(
        &mut self,
        endian: Endianness,
        segment: &S,
        data: &[u8],
        layout: &mut Layout,
        faults: &mut Faults,
    ) -> Result<(), &'static str> {
        layout.claim(segment.fileoff(endian).into(), segment.filesize(endian).into());
        let sections = segment.sections(endian, data).map_err(|_| "the table of sections lies beyond the end")?;
        for section in segment.section_offsets(endian, sections) {
            let (section, offset) = section.map_err(|_| "a section lies beyond its segment")?;
            let Some((offset, size)) = section.file_range(endian, offset) else {
                if is_telemetry(section.name()) && section.size(endian).into() > 0 {
                    faults.add(&layout.member, layout.range.start, FaultKind::NoBytes);
                }
                continue;
            };
            if section.segment_name() == b"__LLVM" && section.name() == b"__bitcode" {
                // A marker of one byte stands for bitcode that was left out.
                self.bitcode = self.bitcode.or((size > 1).then_some(layout.range.start.saturating_add(offset)));
            } else {
                self.content |= size > 0 && section.segment_name() != b"__LLVM";
            }
            let relocations = u64::from(section.nreloc(endian)) * size_of::<macho::Relocation<Endianness>>() as u64;
            layout.claim(section.reloff(endian).into(), relocations);
            let flags = section.flags(endian);
            layout.code |= size > 0
                && (flags.contains(macho::S_ATTR_PURE_INSTRUCTIONS) || flags.contains(macho::S_ATTR_SOME_INSTRUCTIONS));
            layout.section(section.name(), offset, size, None)?;
        }
        Ok(())
    }
}

/// The architectures of a universal file: what each is called, and where it lies.
pub(super) fn architectures<Fat: object::read::macho::FatArch>(
    window: Window<'_, '_>,
) -> Result<Vec<(String, u64, u64)>, FaultKind> {
    let count = window.read_at::<macho::FatHeader>(0).map_err(|()| FaultKind::Damaged("the header is cut off"))?;
    // The same four bytes start a Java class, whose next number is a version from 45 on.
    if u64::from(count.nfat_arch.get(object::BigEndian)) > super::limits::ARCHITECTURES {
        return Err(FaultKind::Limit("64 architectures of a universal file; or it is a class file of Java"));
    }
    let file = object::read::macho::MachOFatFile::<Fat>::parse(window)
        .map_err(|_| FaultKind::Damaged("the table of architectures lies beyond the end"))?;
    Ok(file
        .arches()
        .iter()
        .map(|arch| {
            let (offset, size) = arch.file_range();
            (format!("{:?}", arch.architecture()), offset, size)
        })
        .collect())
}
