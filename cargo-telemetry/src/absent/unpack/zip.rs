//! Zip archives: also jar, apk, whl, nupkg, and documents of offices.

use std::{
    io::{BufReader, Read as _},
    ops::Range,
};

use zip::{CompressionMethod, ZipArchive};

use super::{UNPACK, Visit, inside, links::Links};
use crate::{
    absent::{data, part::Part},
    reader::{Container, Source as _, Stream, gaps},
};

/// Bytes of a local or central header beside the name: times, owners, alignment. More hold something else.
const FIELDS: u64 = 4096;

/// The bytes of a target of a link.
const TARGET: u64 = 4096;

/// What the tables of the archive say of one member.
struct Entry {
    name: Vec<u8>,
    header: u64,
    data: u64,
    packed: u64,
    size: u64,
    method: CompressionMethod,
    encrypted: bool,
    folder: bool,
    link: bool,
}

impl Visit<'_> {
    /// Looks at every member; answers with the ranges of those that lie in the archive as they are.
    pub(in crate::absent) fn zip(&mut self, part: &Part<'_>, name: &str, depth: usize) -> Vec<Range<u64>> {
        let wrong = |visit: &mut Self, member: &str, at: u64, what: &str| {
            visit.finding.doubt(member, Some(part.range.start.saturating_add(at)), &format!("{what}; {UNPACK}"));
        };
        let (mut apart, mut claims, mut links) = (Vec::new(), Vec::new(), Links::default());
        let mut archive = match ZipArchive::new(BufReader::new(Stream::new(part, 0, part.len()))) {
            Ok(archive) => archive,
            Err(error) => {
                wrong(self, name, 0, &format!("a zip archive that is damaged or cut off ({error})"));
                return apart;
            }
        };
        match directory(part, archive.central_directory_start()) {
            Ok((count, end)) => {
                claims.push(archive.central_directory_start()..end);
                if count != archive.len() {
                    wrong(
                        self,
                        name,
                        archive.central_directory_start(),
                        "a zip archive with several members of one name",
                    );
                }
            }
            Err(at) => wrong(self, name, at, "a table of a zip archive that holds more than names"),
        }
        if !data::is_text(archive.comment()) {
            wrong(self, name, archive.central_directory_start(), "a zip archive whose comment is no text");
        }
        for number in 0..archive.len() {
            let entry = match entry(&mut archive, number) {
                Ok(entry) => entry,
                Err(error) => {
                    wrong(self, name, 0, &format!("a member {number} of a zip archive that cannot be read ({error})"));
                    continue;
                }
            };
            let member = inside(name, &entry.name);
            let end = entry.data.saturating_add(entry.packed);
            claims.push(entry.header..end);
            if entry.data.saturating_sub(entry.header) > FIELDS + 30 + entry.name.len() as u64 {
                wrong(self, &member, entry.header, "a header that holds more than a name");
            }
            if entry.encrypted {
                wrong(self, &member, entry.header, "a member that is encrypted");
                continue;
            }
            if end > part.len() {
                wrong(self, &member, entry.header, "a member that is cut off");
                continue;
            }
            if entry.folder {
                links.member(&entry.name);
                if entry.packed > 0 && entry.size > 0 {
                    wrong(self, &member, entry.header, "a folder that has content");
                }
                continue;
            }
            if !matches!(entry.method, CompressionMethod::Stored | CompressionMethod::Deflated) {
                wrong(self, &member, entry.header, &format!("a member that is compressed by {}", entry.method));
                continue;
            }
            let stored = entry.method == CompressionMethod::Stored;
            if stored && entry.size != entry.packed {
                wrong(self, &member, entry.header, "a member that contradicts itself about its size");
            }
            let content = match archive.by_index(number) {
                Ok(content) => content,
                Err(error) => {
                    wrong(self, &member, entry.header, &format!("a member that cannot be read ({error})"));
                    continue;
                }
            };
            if entry.link {
                let mut target = Vec::new();
                if entry.size > TARGET || content.take(TARGET).read_to_end(&mut target).is_err() {
                    wrong(self, &member, entry.header, "a link whose target cannot be read");
                }
                links.symbolic(&entry.name, &target);
                continue;
            }
            links.member(&entry.name);
            self.archived = true;
            if self.member(content, entry.packed, &member, depth) != entry.size {
                wrong(self, &member, entry.header, "a member that contradicts itself about its size");
            }
            if stored {
                apart.push(entry.data..end);
            }
        }
        links.check(self, name);
        for gap in gaps(&(0..part.len()), claims) {
            if !is_descriptor(part, &gap) {
                self.stray(part, &gap, name, Container::Zip);
            }
        }
        apart
    }
}

fn entry<R: std::io::Read + std::io::Seek>(
    archive: &mut ZipArchive<R>,
    number: usize,
) -> zip::result::ZipResult<Entry> {
    let file = archive.by_index_raw(number)?;
    Ok(Entry {
        name: file.name_raw().to_owned(),
        header: file.header_start(),
        data: file.data_start().unwrap_or(u64::MAX),
        packed: file.compressed_size(),
        size: file.size(),
        method: file.compression(),
        encrypted: file.encrypted(),
        folder: file.is_dir(),
        link: file.is_symlink(),
    })
}

/// Walks the table of members: how many there are, and where the archive ends. A table that holds more than names is
/// answered with its place.
fn directory(part: &Part<'_>, start: u64) -> Result<(usize, u64), u64> {
    let (mut at, mut count) = (start, 0);
    loop {
        let mut head = [0; 46];
        let len = usize::try_from(part.len().saturating_sub(at)).unwrap_or(usize::MAX).min(head.len());
        part.read_exact_at(at, head.get_mut(..len).unwrap_or_default()).map_err(|_| at)?;
        let number = |place: usize| {
            let bytes = head.get(place..place + 2).and_then(|bytes| bytes.try_into().ok());
            u64::from(bytes.map(u16::from_le_bytes).unwrap_or_default())
        };
        at += match head.first_chunk::<4>() {
            Some(b"PK\x01\x02") if len == head.len() => {
                count += 1;
                if number(30) + number(32) > FIELDS {
                    return Err(at);
                }
                46 + number(28) + number(30) + number(32)
            }
            // For more than 65,535 members or 4 GiB: a record of 56 bytes, and one that says where it is.
            Some(b"PK\x06\x06") if number(4) == 44 => 56,
            Some(b"PK\x06\x07") => 20,
            Some(b"PK\x05\x06") => return Ok((count, at + 22 + number(20))),
            _ => return Err(at),
        };
    }
}

/// Whether the gap holds the sizes of the member ahead of it, which was written before they were known.
fn is_descriptor(part: &Part<'_>, gap: &Range<u64>) -> bool {
    let len = gap.end.saturating_sub(gap.start);
    let mut mark = [0; 4];
    let marked = part.read_exact_at(gap.start, &mut mark).is_ok() && mark == *b"PK\x07\x08";
    matches!(len, 12 | 20) || (matches!(len, 16 | 24) && marked)
}
