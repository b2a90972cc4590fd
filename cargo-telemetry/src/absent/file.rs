//! One file: its sections, all of its bytes, and what may hide more.

use std::{io::Read as _, path::Path};

use telemetry_schema::{Record, record};

use super::{
    Finding, Trace, TraceKind,
    patterns::{Match, Patterns},
    search::search,
};
use crate::failure::with_causes;
use crate::reader::{
    self, Fault, FaultKind, FileSource, Layout, Other, Section, Source, Stream, limits::SEARCHED_BYTES, plain,
};

/// Bytes at either end of a program where UPX leaves its name.
const UPX_PLACE: u64 = 1024;

/// Looks at the file at `path`.
pub(super) fn examine(path: &Path, patterns: &Patterns, endpoints: &[String]) -> Finding {
    match FileSource::open(path) {
        Ok(file) => examine_source(&file, reader::shown(path), patterns, endpoints),
        Err(error) => Finding::unreadable(reader::shown(path), with_causes(&error)),
    }
}

/// Looks at `source`, called `path` in messages.
pub(super) fn examine_source(source: &dyn Source, path: String, patterns: &Patterns, endpoints: &[String]) -> Finding {
    let mut survey = reader::survey(source);
    let mut finding = Finding::new(path);
    finding.formats = formats(&survey.images);
    let unknown = survey.unknown;
    let others = std::mem::take(&mut survey.others);
    let (reading, images) = reader::reading(source, finding.path.clone(), survey);
    let mut search = Search { source, patterns, endpoints, images: &images, finding: &mut finding };
    search.sections(&reading);
    search.all_bytes();
    search.compressed();
    search.appended();
    finding.doubt(&reading, &images, &others);
    if unknown {
        let start = reader::start_of(source, &(0..source.len())).unwrap_or_default();
        finding.no_program(reader::describe(&start), reader::container(&start).is_some());
    } else if !reading.images.iter().any(|image| image.code) {
        finding.no_program("it holds no machine code", false);
    }
    finding
}

fn formats(images: &[Layout]) -> Vec<reader::ImageFormat> {
    let mut formats = Vec::new();
    for image in images {
        if !formats.contains(&image.format) {
            formats.push(image.format);
        }
    }
    formats
}

struct Search<'a> {
    source: &'a dyn Source,
    patterns: &'a Patterns,
    endpoints: &'a [String],
    images: &'a [Layout],
    finding: &'a mut Finding,
}

impl Search<'_> {
    /// Telemetry sections, read or not.
    fn sections(&mut self, reading: &reader::Reading) {
        for (image, read) in self.images.iter().zip(&reading.images) {
            for section in image.sections.iter().filter(|section| section.telemetry) {
                let kind = TraceKind::Section { name: section.name.clone(), records: read.records };
                self.finding.trace(Trace { member: image.member.clone(), offset: section.range.start, kind });
            }
        }
        for fault in reading.faults.iter().filter(|fault| matches!(fault.kind, FaultKind::NoBytes)) {
            // The section stands in the table, its bytes in another file.
            let kind = TraceKind::Section { name: "telemetry".to_owned(), records: 0 };
            self.finding.trace(Trace { member: fault.member.clone(), offset: fault.offset, kind });
        }
        let names = reading.manifest.events.iter().map(|event| plain(&event.key()));
        self.finding.events.extend(names);
    }

    /// The whole file, as it lies there: this covers members of archives and what no header speaks of.
    fn all_bytes(&mut self) {
        let mut matches = Vec::new();
        let mut further = 0;
        let known: Vec<_> = self.known_sections().collect();
        let stream = Stream::new(self.source, 0, self.source.len());
        let ended = search(stream, self.patterns, |at, what| {
            // The records of a section were reported with it.
            let reported = matches!(what, Match::Record(_)) && known.iter().any(|range| range.contains(&at));
            if !reported {
                if matches.len() < super::TRACES { matches.push((at, what)) } else { further += 1 }
            }
        });
        for (at, what) in matches {
            let kind = self.kind(at, what);
            self.finding.trace(Trace { member: self.member_at(at), offset: at, kind });
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
            _ => None,
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
    fn compressed(&mut self) {
        let mut left = SEARCHED_BYTES;
        for image in self.images {
            for section in image.sections.iter().filter(|section| section.compression.is_some() && !section.telemetry) {
                if let Err(why) = self.compressed_section(image, section, &mut left) {
                    let fault = Fault { member: image.member.clone(), offset: section.range.start, kind: why };
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
            self.finding.trace(Trace { member: image.member.clone(), offset: section.range.start, kind });
        }
        ended.map_err(|error| FaultKind::Compressed(error.to_string()))
    }

    /// Packers, and archives that were appended to a program: what unpacks itself cannot be searched.
    fn appended(&mut self) {
        for image in self.images.iter().filter(|image| image.linked) {
            let packer = image.packer.or_else(|| self.upx(image).then_some("UPX"));
            if let Some(packer) = packer {
                self.finding.reason(format!("packed by {packer}; unpack it, for instance by `upx -d`, and ask again"));
            } else if !image.sectioned {
                self.finding.reason(
                    "it has no section table, which `strip` would leave: packed, or made unreadable in another way"
                        .to_owned(),
                );
            }
            let behind = reader::start_of(self.source, &(image.end..image.range.end)).unwrap_or_default();
            if let Some(what) = reader::container(&behind) {
                self.finding
                    .reason(format!("at offset {:#x} something was appended to the program: {what}", image.end));
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

impl Finding {
    /// Notes what could not be read and what would have to be unpacked.
    fn doubt(&mut self, reading: &reader::Reading, images: &[Layout], others: &[Other]) {
        // A record that cannot be read is a record: a trace, which was noted with its section.
        let faults = reading.faults.iter();
        for fault in faults.filter(|fault| !matches!(fault.kind, FaultKind::Record(_) | FaultKind::NoBytes)) {
            self.reason(fault.to_string());
        }
        for other in others.iter().filter(|other| !other.member.is_empty()) {
            if let Some(what) = other.container {
                self.reason(format!("member {}, offset {:#x}: {what}", other.member, other.offset));
            }
        }
        self.images = images.len();
    }
}
