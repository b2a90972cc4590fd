//! What the server does with a request.

use std::time::Duration;

/// A day in seconds: the longest pause that the client believes.
const DAY: &str = "86400";

/// Bytes of what a flood repeats, at least.
const FLOOD_BYTES: usize = 16 * 1024;

/// How an answer goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// As fast as it can.
    AtOnce,
    /// One byte, this pause, the next byte.
    Drip(Duration),
}

/// What comes after the last byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum After {
    /// The next request of the same connection.
    Next,
    /// The connection is closed.
    Close,
    /// The connection is reset.
    Reset,
    /// Nothing, and the connection stays open until [`LoopbackServer::release`](super::LoopbackServer::release).
    Silence,
    /// More of the same, as long as somebody takes it.
    More,
}

/// What the server answers to one request.
///
/// Made by one of the functions without `self`, and changed by the others:
///
/// ```
/// use std::time::Duration;
/// use telemetry_runtime::testing::Reply;
///
/// let busy = Reply::status(503).retry_after(120).body("come back");
/// let slow = Reply::status(200).body("{}").drip(Duration::from_secs(1));
/// let broken = Reply::status(200).body("{\"rejected\": 1}").reset_in_body();
/// # drop((busy, slow, broken));
/// ```
#[derive(Debug, Clone)]
pub struct Reply {
    head: Head,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    delay: Duration,
    held: bool,
    manner: Manner,
    after: After,
}

/// What stands before the headers.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Head {
    /// A status line; `len` is what it says of the length of the body, if that is not the truth.
    Status { status: u16, len: Option<u64> },
    /// A status line and the promise of chunks.
    Chunks(u16),
    /// These bytes, whatever they are.
    Raw(Vec<u8>),
    /// Nothing: the body is all there is.
    None,
}

impl Reply {
    /// An answer with this status and no body.
    pub fn status(status: u16) -> Self {
        Self {
            head: Head::Status { status, len: None },
            headers: Vec::new(),
            body: Vec::new(),
            delay: Duration::ZERO,
            held: false,
            manner: Manner::AtOnce,
            after: After::Next,
        }
    }

    /// Reads the request and does not answer, until [`LoopbackServer::release`]; then `200`.
    ///
    /// [`LoopbackServer::release`]: super::LoopbackServer::release
    pub fn hold() -> Self {
        Self { held: true, ..Self::status(200) }
    }

    /// Reads the request and closes the connection.
    pub fn close() -> Self {
        Self::raw([])
    }

    /// Reads the request and resets the connection.
    pub fn reset() -> Self {
        Self { after: After::Reset, ..Self::raw([]) }
    }

    /// Answers with these bytes, whatever they are, and closes the connection.
    pub fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self { head: Head::None, after: After::Close, ..Self::status(200).body(bytes) }
    }

    /// Answers with bytes that are no HTTP.
    pub fn garbage() -> Self {
        Self::raw(*b"\x00\xff\xfe nothing that anybody would call HTTP\r\n\r\n")
    }

    /// Sends the client elsewhere, with the status 307, which repeats the request as it was.
    pub fn redirect(url: impl Into<String>) -> Self {
        Self::status(307).header("location", url)
    }

    /// What a captive portal says to everybody: `200` and a page to log in, in HTML.
    pub fn captive_portal() -> Self {
        let page = "<!doctype html><title>Welcome</title><form>Room number: <input name=\"room\"></form>";
        Self::status(200).header("content-type", "text/html; charset=utf-8").body(page)
    }

    /// `200` and a body that goes on as long as the client takes it.
    pub fn endless() -> Self {
        // Chunks of 1024 spaces: JSON that does not begin.
        let chunk = [&b"400\r\n"[..], &[b' '; 0x400], b"\r\n"].concat();
        Self { head: Head::Chunks(200), after: After::More, ..Self::status(200).body(chunk) }
    }

    /// Answers with the bytes of `start`, and then with those of `more` again and again, as long as the client takes them.
    ///
    /// ```
    /// use telemetry_runtime::testing::Reply;
    ///
    /// let status_line = Reply::flood("HTTP/1.1 200 ", "O");
    /// let informational = Reply::flood("", "HTTP/1.1 103 Early Hints\r\nlink: </a.css>\r\n\r\n");
    /// # drop((status_line, informational));
    /// ```
    pub fn flood(start: impl Into<Vec<u8>>, more: impl AsRef<[u8]>) -> Self {
        // In pieces of some size: byte by byte nobody would be flooded.
        let more = more.as_ref();
        let more = more.repeat(FLOOD_BYTES.div_ceil(more.len().max(1)));
        Self { head: Head::Raw(start.into()), after: After::More, ..Self::status(200).body(more) }
    }

    /// Answers that go on without an end in every part that an answer has, each with a name.
    pub fn floods() -> Vec<(&'static str, Self)> {
        let head = "HTTP/1.1 200 OK\r\n";
        let chunked = format!("{head}transfer-encoding: chunked\r\n\r\n");
        vec![
            ("empty lines before the answer", Self::flood("", "\r\n")),
            ("a status line without an end", Self::flood("HTTP/1.1 200 ", "O")),
            ("100 Continue without an end", Self::flood("", "HTTP/1.1 100 Continue\r\n\r\n")),
            (
                "103 with large headers without an end",
                Self::flood("", format!("HTTP/1.1 103 Early Hints\r\nlink: {}\r\n\r\n", "a".repeat(8_000))),
            ),
            ("a header name without an end", Self::flood(head, "x")),
            ("a header without an end", Self::flood(format!("{head}x: "), "x")),
            ("headers without an end", Self::flood(head, "x: y\r\n")),
            (
                "a body of a length that is never reached",
                Self::flood(format!("{head}content-length: {}\r\n\r\n", i64::MAX), " "),
            ),
            ("a body that only the end of the connection ends", Self::flood(format!("{head}\r\n"), " ")),
            ("a chunk without an end", Self::flood(format!("{chunked}7fffffffffffffff\r\n"), " ")),
            ("a chunk size without an end", Self::flood(chunked.clone(), "0")),
            ("a chunk extension without an end", Self::flood(format!("{chunked}1;"), "x")),
            ("chunks of one byte without an end", Self::flood(chunked.clone(), "1\r\n \r\n")),
            ("a trailer without an end", Self::flood(format!("{chunked}0\r\nx: "), "y")),
            ("trailers without an end", Self::flood(format!("{chunked}0\r\n"), "x: y\r\n")),
        ]
    }

    /// `200` and the beginning of a body whose declared length never comes. The connection stays open until
    /// [`LoopbackServer::release`](super::LoopbackServer::release).
    pub fn unfinished() -> Self {
        let head = Head::Status { status: 200, len: Some(1024 * 1024) };
        Self { head, after: After::Silence, ..Self::status(200).body("{\"rejected\":") }
    }

    /// Everything above that a client does not hope for, each with a name for the message of an assertion.
    /// [`LoopbackServer`](super::LoopbackServer) shows a test with it.
    ///
    /// What none of them can do is to turn a connection away: that is
    /// [`LoopbackServer::refuse`](super::LoopbackServer::refuse).
    pub fn hostile() -> Vec<(&'static str, Self)> {
        vec![
            ("never answers", Self::hold()),
            ("closes the connection", Self::close()),
            ("resets the connection", Self::reset()),
            ("one byte a second", Self::status(200).body("{}").drip(Duration::from_secs(1))),
            ("resets in the middle of the answer", Self::status(200).body("{\"rejected\": 0}").reset_in_body()),
            ("answers with garbage", Self::garbage()),
            ("a captive portal", Self::captive_portal()),
            ("a body without an end", Self::endless()),
            ("a body that stops half way", Self::unfinished()),
            ("a redirect elsewhere", Self::redirect("http://127.0.0.1:9/elsewhere")),
            ("400", Self::status(400)),
            ("413", Self::status(413)),
            ("429 and a pause of a day", Self::status(429).retry_after(DAY)),
            ("500", Self::status(500)),
            ("503 and a pause that nobody can read", Self::status(503).retry_after("\u{1f570}")),
        ]
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Adds a `retry-after`: seconds, an HTTP date, or nonsense.
    #[must_use]
    pub fn retry_after(self, value: impl ToString) -> Self {
        self.header("retry-after", value.to_string())
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Waits before it answers.
    #[must_use]
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Sends the whole answer, its first line too, one byte at a time with this pause between them.
    #[must_use]
    pub fn drip(mut self, pause: Duration) -> Self {
        self.manner = Manner::Drip(pause);
        self
    }

    /// Sends half of the body, of which the length was declared in full, and resets the connection.
    #[must_use]
    pub fn reset_in_body(mut self) -> Self {
        let len = self.body.len();
        if let Head::Status { len: declared, .. } = &mut self.head {
            *declared = Some(len as u64);
        }
        self.body.truncate(len / 2);
        self.after = After::Reset;
        self
    }

    pub(crate) fn waits(&self) -> Duration {
        self.delay
    }

    pub(crate) fn is_held(&self) -> bool {
        self.held
    }

    pub(crate) fn manner(&self) -> Manner {
        self.manner
    }

    pub(crate) fn after(&self) -> After {
        self.after
    }

    /// What is sent again and again by one that has no end.
    pub(crate) fn more(&self) -> &[u8] {
        &self.body
    }

    pub(crate) fn render(&self) -> Vec<u8> {
        let mut out = match &self.head {
            Head::Status { status, len } => {
                let len = len.unwrap_or(self.body.len() as u64);
                format!("HTTP/1.1 {status} -\r\ncontent-length: {len}\r\n")
            }
            Head::Chunks(status) => format!("HTTP/1.1 {status} -\r\ntransfer-encoding: chunked\r\n"),
            Head::Raw(start) => return [start.as_slice(), &self.body].concat(),
            Head::None => return self.body.clone(),
        }
        .into_bytes();
        for (name, value) in &self.headers {
            out.extend(format!("{name}: {value}\r\n").into_bytes());
        }
        out.extend(b"\r\n");
        out.extend(&self.body);
        out
    }
}
