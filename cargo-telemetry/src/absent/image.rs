//! Images: their sections, all of their bytes, and what may hide more.

use std::{io::Read as _, ops::Range};

use telemetry_schema::{Record, record};

use super::{
    Finding, Trace, TraceKind,
    patterns::{Match, Patterns},
    search::search,
};
use crate::reader::{
    self, Container, Fault, FaultKind, Layout, Section, Source, Stream, joined, limits::SEARCHED_BYTES, plain,
};

/// Bytes at either end of a program where UPX leaves its name.
const UPX_PLACE: u64 = 1024;

/// Sections of one image whose first bytes are looked at. A linked program has some dozens.
const SECTIONS: usize = 10_000;

/// The search of one source for traces.
pub(super) struct Search<'a> {
    pub(super) source: &'a dyn Source,
    /// The member that the source is; empty for the file itself.
    pub(super) name: &'a str,
    pub(super) patterns: &'a Patterns,
    pub(super) endpoints: &'a [String],
    pub(super) images: &'a [Layout],
    pub(super) finding: &'a mut Finding,
}

impl Search<'_> {
    /// Telemetry sections, read or not.
    pub(super) fn sections(&mut self, reading: &reader::Reading) {
        for (image, read) in self.images.iter().zip(&reading.images) {
            for section in image.sections.iter().filter(|section| section.telemetry) {
                let kind = TraceKind::Section { name: section.name.clone(), records: read.records };
                self.finding.trace(Trace {
                    member: joined(self.name, &image.member),
                    offset: section.range.start,
                    kind,
                });
            }
        }
        for fault in reading.faults.iter().filter(|fault| matches!(fault.kind, FaultKind::NoBytes)) {
            // The section stands in the table, its bytes in another file.
            let kind = TraceKind::Section { name: "telemetry".to_owned(), records: 0 };
            self.finding.trace(Trace { member: joined(self.name, &fault.member), offset: fault.offset, kind });
        }
        let names = reading.manifest.events.iter().map(|event| plain(&event.key()));
        self.finding.events.extend(names);
    }

    /// All bytes, as they lie there: this covers members of archives and what no header speaks of. What lies in `apart`
    /// is searched by itself.
    pub(super) fn all_bytes(&mut self, apart: &[Range<u64>]) {
        let mut matches = Vec::new();
        let mut further = 0;
        let known: Vec<_> = self.known_sections().collect();
        let stream = Stream::new(self.source, 0, self.source.len());
        let ended = search(stream, self.patterns, |at, what| {
            // The records of a section were reported with it.
            let reported = matches!(what, Match::Record(_)) && known.iter().any(|range| range.contains(&at));
            if !reported && !apart.iter().any(|range| range.contains(&at)) {
                if matches.len() < super::TRACES { matches.push((at, what)) } else { further += 1 }
            }
        });
        for (at, what) in matches {
            let kind = self.kind(at, what);
            self.finding.trace(Trace { member: joined(self.name, &self.member_at(at)), offset: at, kind });
        }
        self.finding.further_traces += further;
        if let Err(error) = ended {
            self.finding.reason(format!("cannot be read to its end: {error}"));
        }
    }

    fn known_sections(&self) -> impl Iterator<Item = std::ops::Range<u64>> {
        let sections = self.images.iter().flat_map(|image| &image.sections);
        // The first thousand: more would make a search in a hostile file slow, and they are traces anyway.
        sections.filter(|section| section.telemetry).take(1_000).map(|section| section.range.clone())
    }

    fn kind(&self, at: u64, what: Match) -> TraceKind {
        match what {
            Match::Record(version) => TraceKind::Record { version, name: self.record_name(at) },
            Match::Marker(part) => TraceKind::Marker { part },
            Match::Endpoint(number) => {
                TraceKind::Endpoint { text: self.endpoints.get(number).cloned().unwrap_or_default() }
            }
        }
    }

    /// What a record outside of a section says it is.
    fn record_name(&self, at: u64) -> Option<String> {
        let mut bytes = Vec::new();
        let most = record::MAX_LEN as u64 + 8;
        Stream::new(self.source, at, most).read_to_end(&mut bytes).ok()?;
        match record::parse(&bytes).ok()? {
            Record::Event(event) => Some(plain(&event.key())),
            Record::Sdk(sdk) => Some(plain(&sdk.sdk)),
        }
    }

    /// The innermost member that holds this place.
    fn member_at(&self, at: u64) -> String {
        let around = self.images.iter().filter(|image| image.range.contains(&at));
        around
            .min_by_key(|image| image.range.end - image.range.start)
            .map_or_else(String::new, |image| image.member.clone())
    }

    /// Sections that are compressed, as they are when decompressed.
    pub(super) fn compressed(&mut self) {
        let mut left = SEARCHED_BYTES;
        for image in self.images {
            for section in image.sections.iter().filter(|section| section.compression.is_some() && !section.telemetry) {
                if let Err(why) = self.compressed_section(image, section, &mut left) {
                    let fault =
                        Fault { member: joined(self.name, &image.member), offset: section.range.start, kind: why };
                    self.finding.reason(fault.to_string());
                }
            }
        }
    }

    fn compressed_section(&mut self, image: &Layout, section: &Section, left: &mut u64) -> Result<(), FaultKind> {
        let content = reader::open_section(self.source, section).map_err(FaultKind::Compressed)?;
        *left = left.checked_sub(content.len).ok_or(FaultKind::Limit("4 GiB of decompressed sections of one file"))?;
        let mut matches = Vec::new();
        let ended = search(content.stream, self.patterns, |_, what| {
            if !matches.contains(&what) {
                matches.push(what);
            }
        });
        for what in matches {
            let kind = match what {
                Match::Record(version) => TraceKind::Record { version, name: None },
                other => self.kind(section.range.start, other),
            };
            self.finding.trace(Trace { member: joined(self.name, &image.member), offset: section.range.start, kind });
        }
        ended.map_err(|error| FaultKind::Compressed(error.to_string()))
    }

    /// Packers, and containers that a program keeps in a section: what unpacks itself cannot be searched.
    pub(super) fn packed(&mut self) {
        for image in self.images.iter().filter(|image| image.linked) {
            let member = joined(self.name, &image.member);
            let packer = image.packer.or_else(|| self.upx(image).then_some("UPX"));
            if let Some(packer) = packer {
                let what = format!("packed by {packer}; unpack it, for instance by `upx -d`, and ask again");
                self.finding.doubt(&member, None, &what);
            } else if !image.sectioned {
                let what =
                    "it has no section table, which `strip` would leave: packed, or made unreadable in another way";
                self.finding.doubt(&member, None, what);
            }
            for claim in image.claims().iter().take(SECTIONS) {
                let start = reader::start_of(self.source, claim).unwrap_or_default();
                // Code and numbers may look like the shorter marks by chance.
                let chance = |container| {
                    matches!(
                        container,
                        Container::Gzip
                            | Container::Lzma
                            | Container::Other("a cpio archive" | "data compressed by compress")
                    )
                };
                if let Some(container) = reader::container(&start).filter(|container| !chance(*container)) {
                    let what =
                        format!("a section or segment that is {}; unpack it and name what was in it", container.name());
                    self.finding.doubt(&member, Some(claim.start), &what);
                }
            }
        }
    }

    fn upx(&self, image: &Layout) -> bool {
        let last = image.range.end.saturating_sub(UPX_PLACE).max(image.range.start);
        [image.range.start, last].into_iter().any(|start| {
            let mut bytes = Vec::new();
            let len = UPX_PLACE.min(image.range.end.saturating_sub(start));
            let read = Stream::new(self.source, start, len).read_to_end(&mut bytes);
            read.is_ok() && memchr::memmem::find(&bytes, b"UPX!").is_some()
        })
    }
}
