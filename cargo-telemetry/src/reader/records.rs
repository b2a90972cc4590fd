//! From the bytes of a telemetry section to its records.

use std::{collections::HashSet, io::Read as _, ops::Range};

use telemetry_schema::{EventDescriptor, Record, SdkDescriptor, record};

use super::{
    compressed,
    fault::{FaultKind, Faults},
    image::{Layout, Section},
    limits::{RECORD_BYTES, RECORDS, SECTION_BYTES},
    source::Source,
};

/// What linkers put between records, to align them and to fill the section.
const PADDING: u8 = 0;

/// What is said of anything else there.
const STRAY: &str = "bytes of the telemetry section that are neither a record nor padding, such as a damaged record";

/// Whether bytes that begin with the magic are a record, of whatever version: among other data the magic may stand for itself.
fn is_record(bytes: &[u8]) -> bool {
    let rest = bytes.strip_prefix(&record::MAGIC).and_then(<[u8]>::split_first);
    rest.is_some_and(|(version, rest)| version.is_ascii_digit() && rest.starts_with(b"{\"record\":\""))
}

/// The records of all sections of one file.
#[derive(Default)]
pub(super) struct Collected {
    pub(super) sdks: Vec<SdkDescriptor>,
    pub(super) events: Vec<EventDescriptor>,
    /// Lines that were read. The same crate may lie in several members; what is equal byte by byte is listed once.
    seen: HashSet<Box<[u8]>>,
    /// Magics that were met, read or not.
    met: usize,
    bytes: u64,
}

impl Collected {
    /// Reads one section; answers with the number of records that it holds, those seen before included.
    pub(super) fn read(
        &mut self,
        source: &dyn Source,
        image: &Layout,
        section: &Section,
        faults: &mut Faults,
    ) -> usize {
        let offset = section.range.start;
        let bytes = match self.bytes(source, section) {
            Ok(bytes) => bytes,
            Err(kind) => {
                faults.add(&image.member, offset, kind);
                return 0;
            }
        };
        let mut records = 0;
        // Within a compressed section the place in the file is that of the section.
        let place_of =
            |at: usize| if section.compression.is_some() { offset } else { offset.saturating_add(at as u64) };
        // A record that lost its first bytes looks like something between two others: it is counted, never passed over.
        let stray = |faults: &mut Faults, from: usize, bytes: &[u8]| {
            if let Some(at) = bytes.iter().position(|&byte| byte != PADDING) {
                faults.add(&image.member, place_of(from + at), FaultKind::Damaged(STRAY));
            }
        };
        let ahead = record::split(&bytes).next().map_or(bytes.len(), |(at, _)| at);
        stray(faults, 0, bytes.get(..ahead).unwrap_or_default());
        for (at, bytes) in record::split(&bytes) {
            match self.counted(bytes) {
                Ok(len) => {
                    records += 1;
                    stray(faults, at + len, bytes.get(len..).unwrap_or_default());
                }
                Err(kind) => faults.add(&image.member, place_of(at), kind),
            }
            if self.met > RECORDS {
                break;
            }
        }
        records
    }

    /// Reads the records that stand among other data; answers with their number, those seen before included.
    pub(super) fn read_among(
        &mut self,
        source: &dyn Source,
        image: &Layout,
        data: &Range<u64>,
        faults: &mut Faults,
    ) -> usize {
        let (mut records, mut from) = (0, data.start);
        while from < data.end && self.met <= RECORDS && self.bytes <= SECTION_BYTES {
            // Of what is read at once the records that begin in the first half: each of them is there to its end.
            let len = data.end.saturating_sub(from).min(2 * RECORD_BYTES as u64);
            let mut bytes = vec![0; usize::try_from(len).unwrap_or_default()];
            if let Err(error) = source.read_exact_at(from, &mut bytes) {
                faults.add(&image.member, from, FaultKind::Io(error));
                break;
            }
            let starts = record::split(&bytes).take_while(|(at, _)| *at < RECORD_BYTES);
            for (at, bytes) in starts.filter(|(_, bytes)| is_record(bytes)) {
                match self.counted(bytes) {
                    Ok(len) => {
                        records += 1;
                        self.bytes = self.bytes.saturating_add(len as u64);
                    }
                    Err(kind) => faults.add(&image.member, from + at as u64, kind),
                }
                if self.bytes > SECTION_BYTES {
                    faults.add(&image.member, from, FaultKind::Limit("64 MiB of telemetry sections of one file"));
                }
                if self.met > RECORDS || self.bytes > SECTION_BYTES {
                    return records;
                }
            }
            from += RECORD_BYTES as u64;
        }
        records
    }

    /// As [`Collected::record`], up to the bound.
    fn counted(&mut self, bytes: &[u8]) -> Result<usize, FaultKind> {
        self.met += 1;
        if self.met > RECORDS {
            return Err(FaultKind::Limit("100,000 records of one file"));
        }
        self.record(bytes)
    }

    /// Reads the record that `bytes` start with; answers with its length.
    fn record(&mut self, bytes: &[u8]) -> Result<usize, FaultKind> {
        let line = bytes.split_inclusive(|&byte| byte == b'\n').next().unwrap_or_default();
        if self.seen.contains(line) {
            return Ok(line.len());
        }
        match record::parse(bytes).map_err(FaultKind::Record)? {
            Record::Sdk(sdk) => self.sdks.push(sdk),
            Record::Event(event) => self.events.push(event),
        }
        self.seen.insert(line.into());
        Ok(line.len())
    }

    fn bytes(&mut self, source: &dyn Source, section: &Section) -> Result<Vec<u8>, FaultKind> {
        let mut content = compressed::open(source, section).map_err(FaultKind::Compressed)?;
        // Overlapping sections count each time: they would be read each time.
        self.bytes = self.bytes.saturating_add(content.len);
        if self.bytes > SECTION_BYTES {
            return Err(FaultKind::Limit("64 MiB of telemetry sections of one file"));
        }
        let mut bytes = Vec::new();
        content.stream.read_to_end(&mut bytes).map_err(|error| match section.compression {
            Some(_) => FaultKind::Compressed(error.to_string()),
            None => FaultKind::Io(error),
        })?;
        Ok(bytes)
    }
}
