//! One compressed stream: gzip, bzip2, xz, zstd, lzma.

use std::io::{BufRead, BufReader, Read};

use ruzstd::decoding::{FrameDecoder, StreamingDecoder};

use super::{UNPACK, Visit};
use crate::{
    absent::part::{Part, first_set},
    reader::{
        Container, Source as _, Stream, joined,
        limits::{XZ_KIB, ZSTD_WINDOW},
        start_of,
    },
};

/// What the content is called in messages.
const CONTENT: &str = "unpacked";

impl Visit<'_> {
    /// Decompresses `part` and looks at what comes out.
    pub(in crate::absent) fn stream(
        &mut self,
        part: &Part<'_>,
        container: Container,
        name: &str,
        depth: usize,
    ) -> Vec<std::ops::Range<u64>> {
        let inner = joined(name, CONTENT);
        let what = container.name();
        let mut input = Counted { input: BufReader::new(Stream::new(part, 0, part.len())), count: 0 };
        let len = part.len();
        if container == Container::Gzip
            && start_of(part, &(0..len)).is_ok_and(|start| start.get(3).is_some_and(|flags| flags & EXTRA != 0))
        {
            self.finding.doubt(
                name,
                Some(part.range.start),
                &format!("{what} with a field of its own in the header; {UNPACK}"),
            );
        }
        match container {
            Container::Gzip => drop(self.member(flate2::bufread::GzDecoder::new(&mut input), len, &inner, depth)),
            Container::Bzip2 => drop(self.member(bzip2::bufread::BzDecoder::new(&mut input), len, &inner, depth)),
            Container::Xz => {
                let decoder = lzma_rust2::XzReader::new_mem_limit(&mut input, false, XZ_KIB);
                self.member(decoder, len, &inner, depth);
            }
            Container::Zstd => {
                let mut decoder = FrameDecoder::new();
                decoder.set_max_window_size(ZSTD_WINDOW.max(128 << 20));
                match StreamingDecoder::new_with_decoder(&mut input, decoder) {
                    Ok(decoder) => drop(self.member(decoder, len, &inner, depth)),
                    Err(error) => self.finding.doubt(
                        name,
                        Some(part.range.start),
                        &format!("{what} that is damaged or cut off ({error}); {UNPACK}"),
                    ),
                }
            }
            Container::Lzma => {
                // The format has no mark and no check sum, and does not always say where it ends.
                self.finding.doubt(
                    name,
                    Some(part.range.start),
                    &format!("{what}, which does not say where it ends; {UNPACK}"),
                );
                if let Ok(decoder) = lzma_rust2::LzmaReader::new_mem_limit(&mut input, XZ_KIB, None) {
                    self.member(decoder, len, &inner, depth);
                }
                return Vec::new();
            }
            Container::Zip | Container::Tar | Container::Other(_) => return Vec::new(),
        }
        let rest = input.count..len;
        let Ok(behind) = first_set(part, &rest) else { return Vec::new() };
        if let Some(at) = behind {
            let again =
                start_of(part, &(at..len)).is_ok_and(|start| crate::reader::container(&start) == Some(container));
            let place = part.range.start.saturating_add(at);
            if again {
                self.finding.doubt(
                    name,
                    Some(place),
                    &format!("{what} in several parts, which programs read in different ways; {UNPACK}"),
                );
                // Each is looked at all the same.
                self.source(
                    &Part { source: part, range: at..len },
                    &joined(name, &format!("part at {at:#x}")),
                    depth + 1,
                );
            } else {
                self.stray(part, &rest, name, container);
                self.source(
                    &Part { source: part, range: at..len },
                    &joined(name, &format!("bytes from {at:#x}")),
                    depth + 1,
                );
            }
        }
        Vec::new()
    }
}

/// The flag of gzip for a field of the program that wrote it.
const EXTRA: u8 = 4;

/// Counts what a decoder takes, so that what it leaves is known.
struct Counted<R> {
    input: R,
    count: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.count = self.count.saturating_add(read as u64);
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        self.input.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.count = self.count.saturating_add(amount as u64);
        self.input.consume(amount);
    }
}
