//! From a file to its images: down archives, universal files and components, each to its members.

use std::{cell::Cell, ops::Range};

use object::{
    Endianness, FileKind, ReadRef as _, elf, macho, pe,
    read::{archive::ArchiveFile, coff::CoffHeader, elf::FileHeader},
};

use super::{
    elf as elf_image,
    fault::{FaultKind, Faults},
    image::{self, ImageFormat, Layout},
    limits::{ALL_HEADER_BYTES, KEPT_SECTIONS, MEMBERS, NESTING},
    macho as macho_image, magic, pe as pe_image,
    source::{Source, plain},
    wasm,
    window::{Cache, Window},
};

/// What a file consists of.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    /// Its images, in the order of the file's own tables.
    pub(crate) images: Vec<Layout>,
    /// Members that are no images: what they are called, and where they lie.
    pub(crate) others: Vec<Other>,
    /// Bytes of universal files that belong to no architecture.
    pub(crate) gaps: Vec<Other>,
    /// What could not be looked at.
    pub(crate) faults: Faults,
    /// The file is no program and no archive of programs.
    pub(crate) unknown: bool,
}

/// A member that is no image.
#[derive(Debug)]
pub(crate) struct Other {
    pub(crate) member: String,
    pub(crate) range: Range<u64>,
}

/// Looks at the headers of everything in `source`.
pub(crate) fn survey(source: &dyn Source) -> Survey {
    let left = Cell::new(ALL_HEADER_BYTES);
    let mut walk = Walk { source, left: &left, members: 0, sections: 0, survey: Survey::default() };
    walk.visit(0..source.len(), "", 0);
    walk.survey
}

/// The bytes of a range that say what it is; fewer where it ends before.
pub(crate) fn start_of(source: &dyn Source, range: &Range<u64>) -> std::io::Result<Vec<u8>> {
    let len = range.end.min(source.len()).saturating_sub(range.start).min(magic::START_BYTES as u64);
    let mut start = vec![0; usize::try_from(len).unwrap_or_default()];
    source.read_exact_at(range.start, &mut start)?;
    Ok(start)
}

struct Walk<'a> {
    source: &'a dyn Source,
    left: &'a Cell<u64>,
    members: usize,
    sections: usize,
    survey: Survey,
}

impl Walk<'_> {
    fn fault(&mut self, member: &str, offset: u64, kind: FaultKind) {
        self.survey.faults.add(member, offset, kind);
    }

    /// Looks at one range: the file, a member, an architecture.
    fn visit(&mut self, range: Range<u64>, member: &str, depth: usize) {
        if depth > NESTING {
            return self.fault(member, range.start, FaultKind::Limit("8 containers within each other"));
        }
        self.members += 1;
        if self.members == MEMBERS + 1 {
            self.fault(member, range.start, FaultKind::Limit("100,000 members of one file"));
        }
        if self.members > MEMBERS {
            return;
        }
        let start = match start_of(self.source, &range) {
            Ok(start) => start,
            Err(error) => return self.fault(member, range.start, FaultKind::Io(error)),
        };
        if magic::is_bitcode(&start) {
            return self.fault(member, range.start, FaultKind::Bitcode);
        }
        let cache = Cache::new(self.source, &range, self.left);
        let window = Window(&cache);
        let ended = if start.starts_with(&wasm::MAGIC) {
            self.module(window, &range, member, depth)
        } else {
            match FileKind::parse(window) {
                Ok(kind) => self.known(kind, window, &range, member, depth),
                Err(_) => {
                    self.survey.unknown |= depth == 0;
                    self.survey.others.push(Other { member: member.to_owned(), range: range.clone() });
                    Ok(())
                }
            }
        };
        match ended {
            Ok(()) => {}
            Err(_) if cache.exhausted() => {
                self.fault(member, range.start, FaultKind::Limit("64 MiB of headers of one image, 1 GiB of one file"));
            }
            Err(kind) => self.fault(member, range.start, kind),
        }
    }

    fn known(
        &mut self,
        kind: FileKind,
        window: Window<'_, '_>,
        range: &Range<u64>,
        member: &str,
        depth: usize,
    ) -> Result<(), FaultKind> {
        type Elf32 = elf::FileHeader32<Endianness>;
        type Elf64 = elf::FileHeader64<Endianness>;
        let inner = match kind {
            FileKind::Archive => return self.archive(window, range, member, depth),
            FileKind::MachOFat32 => macho_image::architectures::<macho::FatArch32>(window)?,
            FileKind::MachOFat64 => macho_image::architectures::<macho::FatArch64>(window)?,
            FileKind::Elf32 => return self.elf::<Elf32>(window, range, member),
            FileKind::Elf64 => return self.elf::<Elf64>(window, range, member),
            FileKind::MachO32 => {
                return self.image(ImageFormat::MachO, range, member, |layout, faults| {
                    macho_image::read::<macho::MachHeader32<Endianness>>(window, layout, faults)
                });
            }
            FileKind::MachO64 => {
                return self.image(ImageFormat::MachO, range, member, |layout, faults| {
                    macho_image::read::<macho::MachHeader64<Endianness>>(window, layout, faults)
                });
            }
            FileKind::Pe32 => {
                return self.image(ImageFormat::Pe, range, member, |layout, _| {
                    pe_image::read::<pe::ImageNtHeaders32>(window, layout)
                });
            }
            FileKind::Pe64 => {
                return self.image(ImageFormat::Pe, range, member, |layout, _| {
                    pe_image::read::<pe::ImageNtHeaders64>(window, layout)
                });
            }
            FileKind::Coff => return self.coff::<pe::ImageFileHeader>(window, range, member),
            FileKind::CoffBig => return self.coff::<pe::AnonObjectHeaderBigobj>(window, range, member),
            // An entry of an import library: the name of a function in another library, without code or data.
            FileKind::CoffImport => return Ok(()),
            // Formats of AIX and caches of loaders, which this framework was never built for.
            _ => {
                self.survey.unknown |= depth == 0;
                self.survey.others.push(Other { member: member.to_owned(), range: range.clone() });
                return Ok(());
            }
        };
        // The header, and one entry of a table per architecture.
        let entry = if matches!(kind, FileKind::MachOFat64) {
            size_of::<macho::FatArch64>()
        } else {
            size_of::<macho::FatArch32>()
        };
        let table =
            range.start..range.start.saturating_add((size_of::<macho::FatHeader>() + inner.len() * entry) as u64);
        let claims = inner.iter().map(|(_, offset, size)| {
            let start = range.start.saturating_add(*offset);
            start..start.saturating_add(*size)
        });
        let gaps = image::gaps(range, claims.chain([table]).collect());
        self.survey.gaps.extend(gaps.into_iter().map(|range| Other { member: member.to_owned(), range }));
        for (name, offset, size) in inner {
            let start = range.start.saturating_add(offset);
            let end = start.saturating_add(size);
            if end > range.end {
                self.fault(member, range.start, FaultKind::Damaged("an architecture lies beyond the end"));
                continue;
            }
            self.visit(start..end, &joined(member, &name), depth + 1);
        }
        Ok(())
    }

    fn elf<Elf: FileHeader<Endian = Endianness>>(
        &mut self,
        window: Window<'_, '_>,
        range: &Range<u64>,
        member: &str,
    ) -> Result<(), FaultKind> {
        self.image(ImageFormat::Elf, range, member, |layout, faults| elf_image::read::<Elf>(window, layout, faults))
    }

    fn coff<Coff: CoffHeader>(
        &mut self,
        window: Window<'_, '_>,
        range: &Range<u64>,
        member: &str,
    ) -> Result<(), FaultKind> {
        self.image(ImageFormat::Coff, range, member, |layout, faults| {
            pe_image::read_object::<Coff>(window, layout, faults)
        })
    }

    /// Reads one image. What was found before a mistake in it counts all the same.
    fn image(
        &mut self,
        format: ImageFormat,
        range: &Range<u64>,
        member: &str,
        read: impl FnOnce(&mut Layout, &mut Faults) -> Result<(), &'static str>,
    ) -> Result<(), FaultKind> {
        let mut layout = Layout::new(format, member, range.clone());
        let ended = read(&mut layout, &mut self.survey.faults);
        self.keep(layout);
        ended.map_err(FaultKind::Damaged)
    }

    fn keep(&mut self, mut layout: Layout) {
        let room = KEPT_SECTIONS.saturating_sub(self.sections);
        if layout.sections.len() > room {
            layout.sections.truncate(room);
            self.fault(&layout.member, layout.range.start, FaultKind::Limit("200,000 sections of one file"));
        }
        self.sections += layout.sections.len();
        self.survey.images.push(layout);
    }

    fn module(
        &mut self,
        window: Window<'_, '_>,
        range: &Range<u64>,
        member: &str,
        depth: usize,
    ) -> Result<(), FaultKind> {
        let mut inner = Vec::new();
        let ended = self.image(ImageFormat::Wasm, range, member, |layout, faults| {
            inner = wasm::read(window, layout, faults)?;
            Ok(())
        });
        for (number, (offset, size)) in inner.into_iter().enumerate() {
            let start = range.start.saturating_add(offset);
            self.visit(start..start.saturating_add(size), &joined(member, &format!("module {number}")), depth + 1);
        }
        ended
    }

    fn archive(
        &mut self,
        window: Window<'_, '_>,
        range: &Range<u64>,
        member: &str,
        depth: usize,
    ) -> Result<(), FaultKind> {
        let archive = ArchiveFile::parse(window).map_err(|_| FaultKind::Damaged("the head of the archive is wrong"))?;
        if archive.is_thin() {
            return Err(FaultKind::ThinArchive);
        }
        let len = window.len().unwrap_or_default();
        for entry in archive.members() {
            let entry = entry.map_err(|_| FaultKind::Damaged("the head of a member is wrong"))?;
            let (offset, size) = entry.file_range();
            if offset.checked_add(size).is_none_or(|end| end > len) {
                return Err(FaultKind::Damaged("a member lies beyond the end"));
            }
            if self.members > MEMBERS {
                break;
            }
            let start = range.start.saturating_add(offset);
            let name = plain(&String::from_utf8_lossy(entry.name()));
            self.visit(start..start.saturating_add(size), &joined(member, &name), depth + 1);
        }
        Ok(())
    }
}

/// The name of a member within a member.
pub(crate) fn joined(outer: &str, name: &str) -> String {
    match (outer, name) {
        ("", name) => name.to_owned(),
        (outer, "") => outer.to_owned(),
        (outer, name) => format!("{outer} > {name}"),
    }
}
