//! What is looked for in one image: a program, a library or an object file of one architecture.

use std::ops::Range;

use serde::Serialize;

/// How an image is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ImageFormat {
    /// Linux, BSD, Android and others.
    Elf,
    /// Apple.
    MachO,
    /// Windows programs and libraries.
    Pe,
    /// Windows object files.
    Coff,
    /// WebAssembly modules.
    Wasm,
}

impl std::fmt::Display for ImageFormat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Elf => "ELF",
            Self::MachO => "Mach-O",
            Self::Pe => "PE",
            Self::Coff => "COFF",
            Self::Wasm => "WebAssembly",
        })
    }
}

/// The places of an image that matter, as its headers tell. Offsets are those of the file.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) format: ImageFormat,
    /// The member of the file that it is; empty for the file itself.
    pub(crate) member: String,
    /// The bytes of the image.
    pub(crate) range: Range<u64>,
    /// Telemetry sections, and everything compressed.
    pub(crate) sections: Vec<Section>,
    /// Where records stand among other data.
    pub(crate) data: Vec<Range<u64>>,
    /// It holds machine code.
    pub(crate) code: bool,
    /// A program or library, not an object file: something that a loader takes.
    pub(crate) linked: bool,
    /// It has a section table.
    pub(crate) sectioned: bool,
    /// A section whose name only a packer gives.
    pub(crate) packer: Option<&'static str>,
    /// What headers, tables, segments and sections say is theirs, in no order.
    claims: Vec<Range<u64>>,
}

impl Layout {
    pub(super) fn new(format: ImageFormat, member: &str, range: Range<u64>) -> Self {
        Self {
            format,
            member: member.to_owned(),
            range,
            claims: Vec::new(),
            sections: Vec::new(),
            data: Vec::new(),
            code: false,
            linked: false,
            sectioned: true,
            packer: None,
        }
    }

    /// Notes that `size` bytes from `offset` of the image on belong to it.
    pub(super) fn claim(&mut self, offset: u64, size: u64) {
        let start = self.range.start.saturating_add(offset).min(self.range.end);
        let end = start.saturating_add(size).min(self.range.end);
        if start < end {
            self.claims.push(start..end);
        }
    }

    /// The places that the image speaks of: what it keeps in sections and segments, and its tables.
    pub(crate) fn claims(&self) -> &[Range<u64>] {
        &self.claims
    }

    /// The bytes between those and behind them, of which no header speaks.
    pub(crate) fn gaps(&self) -> Vec<Range<u64>> {
        gaps(&self.range, self.claims.clone())
    }

    /// Notes a section of `size` bytes from `offset` of the image on; keeps it if it will be read or searched.
    pub(super) fn section(
        &mut self,
        name: &[u8],
        offset: u64,
        size: u64,
        compression: Option<Compression>,
    ) -> Result<(), &'static str> {
        self.packer = self.packer.or_else(|| packer_of(name));
        let start = self.range.start.saturating_add(offset);
        let end = start.saturating_add(size);
        if size > 0 && end > self.range.end {
            return Err("a section lies beyond the end");
        }
        self.claim(offset, size);
        let telemetry = is_telemetry(name);
        if telemetry || compression.is_some() {
            let name = String::from_utf8_lossy(name).into_owned();
            self.sections.push(Section { name, range: start..end, telemetry, compression });
        }
        Ok(())
    }
}

/// What `claims` leave of `range`.
pub(crate) fn gaps(range: &Range<u64>, mut claims: Vec<Range<u64>>) -> Vec<Range<u64>> {
    claims.sort_unstable_by_key(|claim| claim.start);
    let (mut at, mut gaps) = (range.start, Vec::new());
    for claim in claims {
        if claim.start > at {
            gaps.push(at..claim.start);
        }
        at = at.max(claim.end);
    }
    if at < range.end {
        gaps.push(at..range.end);
    }
    gaps
}

/// A section that is read or searched.
#[derive(Debug, Clone)]
pub(crate) struct Section {
    pub(crate) name: String,
    /// Its bytes in the file; of a compressed section those behind the compression header.
    pub(crate) range: Range<u64>,
    /// Holds records.
    pub(crate) telemetry: bool,
    pub(crate) compression: Option<Compression>,
}

/// How a section is compressed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Compression {
    pub(crate) method: Method,
    /// What its header says of its size when decompressed, in bytes.
    pub(crate) size: u64,
}

/// The methods that ELF defines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Zlib,
    Zstd,
    Unknown,
}

/// Whether a section of this name holds records, however the object format spells it.
pub(super) fn is_telemetry(name: &[u8]) -> bool {
    matches!(name, b".telemetry" | b"__telemetry" | b".telem" | b".telem$m")
}

/// The packer that gives sections this name, if one does.
pub(super) fn packer_of(name: &[u8]) -> Option<&'static str> {
    const PACKERS: [(&[u8], &str); 14] = [
        (b"UPX0", "UPX"),
        (b"UPX1", "UPX"),
        (b"UPX2", "UPX"),
        (b".UPX0", "UPX"),
        (b".UPX1", "UPX"),
        (b"upxTEXT", "UPX"),
        (b".aspack", "ASPack"),
        (b".MPRESS1", "MPRESS"),
        (b".MPRESS2", "MPRESS"),
        (b".petite", "Petite"),
        (b".themida", "Themida"),
        (b".vmp0", "VMProtect"),
        (b".vmp1", "VMProtect"),
        (b"PEC2", "PECompact"),
    ];
    PACKERS.iter().find(|(section, _)| *section == name).map(|(_, packer)| *packer)
}
