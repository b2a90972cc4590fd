//! One file, from the outside to the inside: every byte belongs to an image, to a container that is unpacked, to data that
//! are understood, or is padding. What does none of that is a reason to say nothing.

use std::{ops::Range, path::Path};

use super::{
    Finding,
    data::{self, Data},
    image::Search,
    part::{Part, first_set},
    patterns::Patterns,
};
use crate::failure::with_causes;
use crate::reader::{
    self, Container, FaultKind, FileSource, Layout, Source, joined,
    limits::{MEMBERS, NESTING, UNPACKED_BYTES},
};

/// Places between the parts of one image that are looked at because they hold more than padding. No linker leaves one.
const GAPS: usize = 100;

/// What is said of a package of Debian that ends too early.
const CUT_DEB: &str = "a package of Debian without its files (`data.tar`): it is cut off; ask for it anew";

/// Looks at the file at `path`.
pub(super) fn examine(path: &Path, patterns: &Patterns, endpoints: &[String]) -> Finding {
    match FileSource::open(path) {
        Ok(file) => examine_source(&file, reader::shown(path), patterns, endpoints),
        Err(error) => Finding::unreadable(reader::shown(path), with_causes(&error)),
    }
}

/// Looks at `source`, called `path` in messages.
pub(super) fn examine_source(source: &dyn Source, path: String, patterns: &Patterns, endpoints: &[String]) -> Finding {
    let mut finding = Finding::new(path);
    let mut visit = Visit {
        patterns,
        endpoints,
        finding: &mut finding,
        left: UNPACKED_BYTES,
        visited: 0,
        code: false,
        archived: false,
        endless: false,
    };
    visit.source(source, "", 0);
    let (held, code, archived) = (visit.visited > 1 || visit.endless, visit.code, visit.archived && !visit.endless);
    if !code && archived && finding.images == 0 {
        // All that a package holds was looked at, and it is no program: that is an answer.
        finding.text_only = true;
    } else if !code {
        let what = if finding.images > 0 {
            "it holds no machine code"
        } else if held {
            "nothing in it holds machine code; name the program"
        } else {
            let start = reader::start_of(source, &(0..source.len())).unwrap_or_default();
            reader::describe(&start)
        };
        finding.no_program(what);
    }
    finding
}

/// The walk through one file.
pub(super) struct Visit<'a> {
    patterns: &'a Patterns,
    endpoints: &'a [String],
    pub(super) finding: &'a mut Finding,
    /// Bytes that may still be unpacked.
    pub(super) left: u64,
    /// Files, members and parts that were looked at.
    visited: usize,
    /// Some image holds machine code.
    code: bool,
    /// Some archive has a file in it; a stream alone, such as gzip, is no archive.
    pub(super) archived: bool,
    /// Some archive without images may have been longer.
    endless: bool,
}

impl Visit<'_> {
    /// Looks at all of `source`, the member `name`, so many containers deep.
    pub(super) fn source(&mut self, source: &dyn Source, name: &str, depth: usize) {
        self.visited += 1;
        if self.visited > MEMBERS {
            return self.finding.doubt("", None, "more than is read: 100,000 members of one file");
        }
        if depth > NESTING {
            self.finding.doubt(
                name,
                None,
                "more than is read: 8 containers within each other; unpack them and name what was in them",
            );
            return self.bytes(source, name, &[], &[]);
        }
        let mut survey = reader::survey(source);
        let (others, holes) = (std::mem::take(&mut survey.others), std::mem::take(&mut survey.gaps));
        let (reading, images) = reader::reading(source, String::new(), survey);
        self.finding.images += images.len();
        for image in &images {
            if !self.finding.formats.contains(&image.format) {
                self.finding.formats.push(image.format);
            }
        }
        self.code |= reading.images.iter().any(|image| image.code);
        let mut search = self.search(source, name, &images);
        search.sections(&reading);
        search.compressed();
        search.packed();
        // A record that cannot be read is a record: a trace, which was noted with its section.
        let faults = reading.faults.iter();
        for fault in faults.filter(|fault| !matches!(fault.kind, FaultKind::Record(_) | FaultKind::NoBytes)) {
            let member = joined(name, &fault.member);
            self.finding.doubt(&member, Some(fault.offset), &fault.kind.to_string());
        }
        if images.is_empty() {
            self.ar(&others, source.len(), name);
        }
        let mut apart = Vec::new();
        for hole in holes {
            self.gap(source, hole.range.clone(), &joined(name, &hole.member), depth, "between architectures");
        }
        for image in &images {
            let member = joined(name, &image.member);
            let mut filled = 0;
            for gap in image.gaps() {
                if filled == GAPS {
                    let what = "more than is read: 100 places that no header of the image mentions; ask for the program as \
                                it was linked";
                    self.finding.doubt(&member, Some(gap.start), what);
                    break;
                }
                let place = if gap.end == image.range.end {
                    "behind the image: appended"
                } else {
                    "that no header of the image mentions"
                };
                filled += usize::from(self.gap(source, gap, &member, depth, place));
            }
        }
        for other in others {
            let whole = other.range == (0..source.len());
            apart.extend(self.other(source, other.range, &joined(name, &other.member), depth, whole));
        }
        self.bytes(source, name, &images, &apart);
    }

    /// Members of ar that are no images. Where that format ends is written nowhere, so one that was cut off between two
    /// members looks like a shorter one; a package of Debian has its files last.
    fn ar(&mut self, members: &[reader::Other], len: u64, name: &str) {
        let is = |member: &reader::Other, start: &str| member.member.starts_with(start);
        let Some(first) = members.first().filter(|first| first.range != (0..len)) else { return };
        if !is(first, "debian-binary") {
            self.endless = true;
        } else if !members.iter().any(|member| is(member, "data.tar")) {
            self.finding.doubt(name, None, CUT_DEB);
        }
    }

    fn search<'b>(&'b mut self, source: &'b dyn Source, name: &'b str, images: &'b [Layout]) -> Search<'b> {
        Search { source, name, patterns: self.patterns, endpoints: self.endpoints, images, finding: self.finding }
    }

    /// Searches all bytes for traces, save those that were searched by themselves.
    pub(super) fn bytes(&mut self, source: &dyn Source, name: &str, images: &[Layout], apart: &[Range<u64>]) {
        self.search(source, name, images).all_bytes(apart);
    }

    /// Bytes that nothing speaks of are padding, or something that may hold a program: the answer is whether.
    fn gap(&mut self, source: &dyn Source, gap: Range<u64>, name: &str, depth: usize, place: &str) -> bool {
        let start = match first_set(source, &gap) {
            Ok(None) => return false,
            Ok(Some(start)) => start,
            Err(error) => {
                self.finding.doubt(name, Some(gap.start), &format!("it cannot be read: {error}"));
                return true;
            }
        };
        let rest = start..gap.end;
        let head = reader::start_of(source, &rest).unwrap_or_default();
        let what = reader::container(&head).map_or("bytes", Container::name);
        let len = gap.end - start;
        self.finding.doubt(
            name,
            Some(start),
            &format!(
                "{what} {place}, {len} bytes to the next known place; a program may use them in a way of its own: \
                      cut them out and name them apart (`tail -c +{}`)",
                start.saturating_add(1)
            ),
        );
        // What they hold may be a trace all the same.
        if reader::container(&head).is_some() || head.starts_with(b"MZ") || object::FileKind::parse(&*head).is_ok() {
            let part = Part { source, range: rest };
            self.source(&part, &joined(name, &format!("bytes from {start:#x}")), depth + 1);
        }
        true
    }

    /// A member that is no image. Answers with what was searched by itself, as ranges of `source`.
    fn other(
        &mut self,
        source: &dyn Source,
        range: Range<u64>,
        name: &str,
        depth: usize,
        whole: bool,
    ) -> Vec<Range<u64>> {
        let offset = range.start;
        let part = Part { source, range };
        let start = reader::start_of(&part, &(0..part.len())).unwrap_or_default();
        let within = match reader::container(&start) {
            Some(Container::Other(what)) => {
                self.finding.doubt(
                    name,
                    Some(offset),
                    &format!("{what}, which is not unpacked here; unpack it and name what was in it"),
                );
                Vec::new()
            }
            Some(Container::Zip) => self.zip(&part, name, depth),
            Some(Container::Tar) => self.tar(&part, name, depth),
            Some(container) => self.stream(&part, container, name, depth),
            None => {
                self.data(&part, name, offset, depth, whole);
                Vec::new()
            }
        };
        within.into_iter().map(|range| range.start.saturating_add(offset)..range.end.saturating_add(offset)).collect()
    }

    /// Neither an image nor a container.
    fn data(&mut self, part: &Part<'_>, name: &str, offset: u64, depth: usize, whole: bool) {
        match data::look(part) {
            Data::Known(encoded) => {
                for one in encoded {
                    // A picture or a certificate is one in this notation too.
                    let bytes = one.bytes.as_slice();
                    if matches!(data::look(&bytes), Data::Known(more) if more.is_empty()) {
                        continue;
                    }
                    let what = "a program or archive may be written here as text (base64, hexadecimal digits); decode it, and \
                                name what comes out";
                    self.finding.doubt(name, Some(offset.saturating_add(one.offset)), what);
                    self.source(&bytes, &joined(name, &format!("encoded at {:#x}", one.offset)), depth + 1);
                }
            }
            Data::TextUntil(at) => self.finding.doubt(
                name,
                Some(offset.saturating_add(at)),
                "a text or script that goes on as something else; cut off what follows the text (`tail -c +N`), unpack it \
                 and name it",
            ),
            Data::Unknown(what) => {
                let what = if whole && depth == 0 {
                    let start = reader::start_of(part, &(0..part.len())).unwrap_or_default();
                    format!("it cannot be searched as a program: {}", reader::describe(&start))
                } else {
                    format!("{what}, which could hold a program; find out what it is, unpack it and name what was in it, or leave it out")
                };
                self.finding.doubt(name, Some(offset), &what);
            }
        }
    }
}
