//! The bytes of a section, decompressed where they are compressed, as a stream: nothing is held but the window.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::ZlibDecoder;
use ruzstd::decoding::{FrameDecoder, StreamingDecoder};

use super::{
    image::{Compression, Method, Section},
    limits::{RATIO, RATIO_FLOOR, ZSTD_WINDOW},
    source::{Source, Stream},
};

/// The bytes that the section holds; their number is known before the first one is read.
pub(crate) struct Content<'a> {
    /// In bytes, decompressed. Of a compressed section what its header says; the stream ends in an error if that is wrong.
    pub(crate) len: u64,
    /// The bytes.
    pub(crate) stream: Box<dyn Read + 'a>,
}

/// Opens a section.
///
/// # Errors
///
/// The text for people, if it is compressed in a way that cannot be read or that only an attack would use.
pub(crate) fn open<'a>(source: &'a dyn Source, section: &Section) -> Result<Content<'a>, String> {
    let packed = section.range.end.saturating_sub(section.range.start);
    let stream = Stream::new(source, section.range.start, packed);
    let Some(Compression { method, size }) = section.compression else {
        return Ok(Content { len: packed, stream: Box::new(stream) });
    };
    if size > packed.saturating_mul(RATIO).max(RATIO_FLOOR) {
        return Err(format!("it claims {size} bytes, more than {RATIO} times the {packed} that it has"));
    }
    let input = BufReader::new(stream);
    let stream: Box<dyn Read + 'a> = match method {
        Method::Zlib => Box::new(ZlibDecoder::new(input)),
        Method::Zstd => Box::new(Zstd { input: Some(input), frame: None }),
        Method::Unknown => return Err("its method is neither zlib nor zstd".to_owned()),
    };
    Ok(Content { len: size, stream: Box::new(Exactly { stream, left: size }) })
}

/// A stream that must have as many bytes as was said.
struct Exactly<'a> {
    stream: Box<dyn Read + 'a>,
    left: u64,
}

impl Read for Exactly<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        if self.left == 0 {
            // One more byte would be a lie of the header.
            return match self.stream.read(&mut [0])? {
                0 => Ok(0),
                _ => Err(io::Error::other("it has more bytes than its header says")),
            };
        }
        let count = buffer.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let read = self.stream.read(buffer.get_mut(..count).unwrap_or_default())?;
        self.left = self.left.saturating_sub(read as u64);
        if read == 0 {
            return Err(io::Error::other("it has fewer bytes than its header says"));
        }
        Ok(read)
    }
}

/// Frames of zstd one after the other: some linkers compress in pieces.
struct Zstd<R: BufRead> {
    input: Option<R>,
    frame: Option<StreamingDecoder<R, FrameDecoder>>,
}

impl<R: BufRead> Read for Zstd<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(frame) = &mut self.frame {
                let read = frame.read(buffer)?;
                if read > 0 || buffer.is_empty() {
                    return Ok(read);
                }
            }
            if let Some(frame) = self.frame.take() {
                self.input = Some(frame.into_inner());
            }
            let Some(mut input) = self.input.take() else { return Ok(0) };
            if input.fill_buf()?.is_empty() {
                return Ok(0);
            }
            let mut decoder = FrameDecoder::new();
            decoder.set_max_window_size(ZSTD_WINDOW);
            self.frame = Some(StreamingDecoder::new_with_decoder(input, decoder).map_err(io::Error::other)?);
        }
    }
}
