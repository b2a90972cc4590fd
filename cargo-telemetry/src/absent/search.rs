//! A search of any number of bytes in a fixed amount of memory.

use std::io::{self, Read};

use super::patterns::{Match, Patterns};

/// Bytes that are searched at once.
const CHUNK: usize = 1 << 20;

/// Searches a stream to its end; `found` gets the offset within the stream.
///
/// # Errors
///
/// Those of the stream; what was found before stays found.
pub(super) fn search(mut stream: impl Read, patterns: &Patterns, mut found: impl FnMut(u64, Match)) -> io::Result<()> {
    let overlap = patterns.longest() - 1;
    let mut buffer = vec![0; CHUNK + overlap];
    let (mut filled, mut offset) = (0, 0_u64);
    loop {
        let mut ended = false;
        while filled < buffer.len() {
            match stream.read(buffer.get_mut(filled..).unwrap_or_default()) {
                Ok(0) => {
                    ended = true;
                    break;
                }
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        // What starts in the overlap may go on behind it: it is looked at with the next chunk, and only there.
        let decided = if ended { filled } else { filled - overlap };
        patterns.matches(buffer.get(..filled).unwrap_or_default(), |at, what| {
            if at < decided {
                found(offset + at as u64, what);
            }
        });
        if ended {
            return Ok(());
        }
        buffer.copy_within(decided..filled, 0);
        filled -= decided;
        offset += decided as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hands out its bytes in pieces of one size.
    struct Pieces<'a>(&'a [u8], usize);

    impl Read for Pieces<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.1.min(buffer.len()).min(self.0.len());
            buffer[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    #[test]
    fn a_match_is_found_once_wherever_a_chunk_ends() {
        let endpoint = "https://one.example";
        let patterns = Patterns::new(&[endpoint.to_owned()]);
        let mut marker = telemetry_schema::record::MAGIC.to_vec();
        marker.extend(b"-queue-1\n");
        for place in (CHUNK - 30..CHUNK + 30).chain([0, CHUNK / 2, 2 * CHUNK + 7]) {
            let mut bytes = vec![b'.'; 2 * CHUNK + 64];
            bytes[place..place + marker.len()].copy_from_slice(&marker);
            bytes[place + 20..place + 20 + endpoint.len()].copy_from_slice(endpoint.as_bytes());
            let mut all = Vec::new();
            search(Pieces(&bytes, 65_537), &patterns, |at, what| all.push((at, what))).unwrap();
            all.sort_by_key(|(at, _)| *at);
            let place = place as u64;
            let expected = [(place, Match::Marker(super::super::Part::Queue)), (place + 20, Match::Endpoint(0))];
            assert_eq!(all, expected, "place {place}");
        }
    }
}
