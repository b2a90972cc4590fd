//! One request, read from a connection.

use std::io::{self, BufRead, Read};

/// Bytes of one request that are kept; more end the connection. Four times what the largest batch has.
const REQUEST_BYTES: u64 = 1024 * 1024;

/// One request as it arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Received {
    /// The method, such as `POST`.
    pub method: String,
    /// Path and query, such as `/v1/event`.
    pub path: String,
    /// The headers in their order, names as they were spelt.
    pub headers: Vec<(String, String)>,
    /// The body, without the marks of chunked transfer.
    pub body: Vec<u8>,
}

impl Received {
    /// The value of a header, whatever the case of its name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The body as text; bytes that are no UTF-8 are replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// One request; `None` at the end of the connection. Calls `begun` when its first line is there.
pub(crate) fn read(reader: &mut impl BufRead, begun: impl FnOnce()) -> io::Result<Option<Received>> {
    let mut bounded = reader.take(REQUEST_BYTES);
    let Some(start) = read_line(&mut bounded)? else { return Ok(None) };
    begun();
    let mut words = start.split(' ');
    let (Some(method), Some(path), Some(_version)) = (words.next(), words.next(), words.next()) else {
        return Err(io::ErrorKind::InvalidData.into());
    };
    let mut request =
        Received { method: method.to_owned(), path: path.to_owned(), headers: Vec::new(), body: Vec::new() };
    loop {
        let line = read_line(&mut bounded)?.ok_or(io::ErrorKind::UnexpectedEof)?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').ok_or(io::ErrorKind::InvalidData)?;
        request.headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let chunked = request.header("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked"));
    if chunked {
        while let Some(chunk) = read_chunk(&mut bounded)? {
            request.body.extend(chunk);
        }
    } else if let Some(len) = request.header("content-length") {
        let len = len.parse().map_err(|_| io::ErrorKind::InvalidData)?;
        request.body = read_exactly(&mut bounded, len)?;
    }
    Ok(Some(request))
}

/// One chunk; `None` for the last, empty one.
fn read_chunk(reader: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let line = read_line(reader)?.ok_or(io::ErrorKind::UnexpectedEof)?;
    let digits = line.split(';').next().unwrap_or_default().trim();
    let len = u64::from_str_radix(digits, 16).map_err(|_| io::ErrorKind::InvalidData)?;
    if len == 0 {
        // Trailers, then an empty line.
        while read_line(reader)?.is_some_and(|line| !line.is_empty()) {}
        return Ok(None);
    }
    let chunk = read_exactly(reader, len)?;
    read_line(reader)?;
    Ok(Some(chunk))
}

fn read_exactly(reader: &mut impl Read, len: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(len).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == len { Ok(bytes) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

/// A line without its end; `None` at the end of the connection.
fn read_line(reader: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut bytes = Vec::new();
    if reader.read_until(b'\n', &mut bytes)? == 0 {
        return Ok(None);
    }
    let text = String::from_utf8(bytes).map_err(|_| io::ErrorKind::InvalidData)?;
    Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned()))
}
