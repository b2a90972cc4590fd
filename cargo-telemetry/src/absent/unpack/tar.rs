//! Tar archives. Their members lie in them as they are.

use std::{
    io::{BufReader, Read as _},
    ops::Range,
};

use tar::{Archive, EntryType};

use super::{UNPACK, Visit, inside, links::Links};
use crate::{
    absent::{data, part::Part},
    reader::{Container, Source as _, Stream},
};

/// The unit of an archive, in bytes.
const BLOCK: u64 = 512;

/// Bytes of headers ahead of a member: long names, attributes. More hold something else.
const HEADERS: u64 = 1 << 20;

impl Visit<'_> {
    /// Looks at every member; answers with the ranges of those that were.
    pub(in crate::absent) fn tar(&mut self, part: &Part<'_>, name: &str, depth: usize) -> Vec<Range<u64>> {
        let wrong = |visit: &mut Self, member: &str, at: u64, what: &str| {
            visit.finding.doubt(member, Some(part.range.start.saturating_add(at)), &format!("{what}; {UNPACK}"));
        };
        let (mut at, mut apart, mut links) = (0, Vec::new(), Links::default());
        let mut archive = Archive::new(BufReader::new(Stream::new(part, 0, part.len())));
        let entries = match archive.entries_with_seek() {
            Ok(entries) => entries,
            Err(error) => {
                wrong(self, name, 0, &format!("a tar archive that cannot be read ({error})"));
                return apart;
            }
        };
        for entry in entries {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    wrong(self, name, at, &format!("a tar archive that is damaged or cut off ({error})"));
                    return apart;
                }
            };
            let path = entry.path_bytes().into_owned();
            let member = inside(name, &path);
            let (header, start, size) = (entry.raw_header_position(), entry.raw_file_position(), entry.size());
            let end = start.saturating_add(size);
            if end > part.len() {
                wrong(self, &member, start, "a member that is cut off");
                return apart;
            }
            if !self.plain_headers(part, at..header) {
                wrong(self, &member, at, "headers of a tar archive that hold more than text");
            }
            at = end.next_multiple_of(BLOCK);
            self.stray(part, &(end..at.min(part.len())), &member, Container::Tar);
            let target = entry.link_name_bytes().map(std::borrow::Cow::into_owned).unwrap_or_default();
            match entry.header().entry_type() {
                EntryType::Regular => {
                    links.member(&path);
                    self.archived = true;
                    self.source(&Part { source: part, range: start..end }, &member, depth + 1);
                    apart.push(start..end);
                }
                EntryType::Directory | EntryType::Fifo | EntryType::Char | EntryType::Block if size == 0 => {
                    links.member(&path)
                }
                EntryType::Symlink if size == 0 => links.symbolic(&path, &target),
                EntryType::Link if size == 0 => links.hard(&path, &target),
                EntryType::XGlobalHeader if self.plain_headers(part, start..end) => {}
                _ => wrong(self, &member, start, "a member of a kind that is not unpacked here, such as a sparse file"),
            }
        }
        links.check(self, name);
        if part.len().saturating_sub(at) < BLOCK {
            wrong(self, name, at.min(part.len()), "a tar archive without its end, as if it was cut off");
        }
        self.stray(part, &(at..part.len()), name, Container::Tar);
        apart
    }

    /// Whether headers of the archive hold text and padding only, as those of long names and attributes do.
    fn plain_headers(&self, part: &Part<'_>, range: Range<u64>) -> bool {
        let len = range.end.saturating_sub(range.start);
        if len > HEADERS {
            return false;
        }
        let mut bytes = Vec::new();
        let read = Stream::new(part, range.start, len).read_to_end(&mut bytes);
        bytes.retain(|byte| *byte != 0);
        read.is_ok() && data::is_text(&bytes)
    }
}
