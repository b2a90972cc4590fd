//! A collector on this machine, for tests.

use std::{
    collections::VecDeque,
    io::{self, BufReader, Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

/// Bytes of one request that are kept; more end the connection. Four times what the largest batch has.
const REQUEST_BYTES: u64 = 1024 * 1024;

/// How often a waiting connection looks whether the server has ended.
const POLL: Duration = Duration::from_millis(20);

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

/// What the server answers to one request.
#[derive(Debug, Clone)]
pub struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    delay: Duration,
    held: bool,
}

impl Reply {
    /// An answer with this status and no body.
    pub fn status(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new(), delay: Duration::ZERO, held: false }
    }

    /// Reads the request and does not answer, until [`LoopbackServer::release`]; then `200`.
    pub fn hold() -> Self {
        Self { held: true, ..Self::status(200) }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
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

    fn render(&self) -> Vec<u8> {
        let mut out = format!("HTTP/1.1 {} -\r\ncontent-length: {}\r\n", self.status, self.body.len()).into_bytes();
        for (name, value) in &self.headers {
            out.extend(format!("{name}: {value}\r\n").into_bytes());
        }
        out.extend(b"\r\n");
        out.extend(&self.body);
        out
    }
}

#[derive(Debug, Default)]
struct State {
    received: Vec<Received>,
    replies: VecDeque<Reply>,
    /// Counts calls of `release`, so that an answer is let go by those after it only.
    releases: u64,
    connections: u64,
    stopped: bool,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // The state is whole between any two statements; a test that panicked elsewhere must not hide it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until `done`, or for `timeout`.
    fn wait(&self, timeout: Duration, done: impl Fn(&State) -> bool) -> MutexGuard<'_, State> {
        let state = self.state();
        let waited = self.changed.wait_timeout_while(state, timeout, |state| !done(state));
        waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

/// An HTTP server on `127.0.0.1` that records what it receives and answers as it is told, `200` otherwise.
///
/// ```
/// use std::time::Duration;
/// use telemetry_runtime::testing::{LoopbackServer, Reply};
///
/// # fn main() -> std::io::Result<()> {
/// let server = LoopbackServer::start()?;
/// server.reply(Reply::status(503)); // once; everything after it gets 200
/// assert!(server.wait_for(1, Duration::from_millis(1)).is_empty(), "nobody has sent anything");
/// # Ok(())
/// # }
/// ```
///
/// It ends when it is dropped; connections that wait for an answer are closed.
#[derive(Debug)]
pub struct LoopbackServer {
    shared: Arc<Shared>,
    address: SocketAddr,
}

impl LoopbackServer {
    /// Listens on a free port.
    ///
    /// # Errors
    ///
    /// If the system gives no port or no thread.
    pub fn start() -> io::Result<Self> {
        Self::with_port(0)
    }

    /// Listens on this port.
    ///
    /// # Errors
    ///
    /// If the port is taken, or the system gives no thread.
    pub fn with_port(port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
        let accepting = shared.clone();
        thread::Builder::new().name("loopback-server".into()).spawn(move || accept(&listener, &accepting))?;
        Ok(Self { shared, address })
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The endpoint for `sdk!`: `http://127.0.0.1:<port>`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Answers the next request that has no answer yet in this way.
    pub fn reply(&self, reply: Reply) -> &Self {
        self.shared.state().replies.push_back(reply);
        self
    }

    /// Lets go all answers that are held at this moment.
    pub fn release(&self) {
        self.shared.state().releases += 1;
        self.shared.changed.notify_all();
    }

    /// The requests so far, in the order in which they were complete.
    pub fn requests(&self) -> Vec<Received> {
        self.shared.state().received.clone()
    }

    /// The bodies of [`LoopbackServer::requests`] as text.
    pub fn bodies(&self) -> Vec<String> {
        self.shared.state().received.iter().map(Received::text).collect()
    }

    /// The connections so far.
    pub fn connections(&self) -> u64 {
        self.shared.state().connections
    }

    /// Waits until there are `count` requests, and returns all there are then; fewer if `timeout` passes first.
    pub fn wait_for(&self, count: usize, timeout: Duration) -> Vec<Received> {
        self.shared.wait(timeout, |state| state.received.len() >= count).received.clone()
    }
}

impl Drop for LoopbackServer {
    fn drop(&mut self) {
        self.shared.state().stopped = true;
        self.shared.changed.notify_all();
        // Wakes the thread that accepts. It is not joined: if even this connection fails, nothing here may hang.
        let _ = TcpStream::connect_timeout(&self.address, POLL);
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        if shared.state().stopped {
            return;
        }
        let Ok(stream) = stream else {
            thread::sleep(POLL); // Out of descriptors, for instance.
            continue;
        };
        shared.state().connections += 1;
        let shared = shared.clone();
        // Without a thread the connection is closed, and the test sees that.
        let _ = thread::Builder::new().name("loopback-connection".into()).spawn(move || {
            let _ = serve(&stream, &shared);
        });
    }
}

/// Serves one connection until it ends.
fn serve(stream: &TcpStream, shared: &Shared) -> io::Result<()> {
    stream.set_read_timeout(Some(POLL))?;
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(Patient { stream, shared });
    while let Some(request) = read_request(&mut reader)? {
        let (reply, releases) = {
            let mut state = shared.state();
            state.received.push(request);
            shared.changed.notify_all();
            (state.replies.pop_front().unwrap_or_else(|| Reply::status(200)), state.releases)
        };
        if !reply.delay.is_zero() {
            let until = Instant::now() + reply.delay;
            drop(shared.wait(until.saturating_duration_since(Instant::now()), |state| state.stopped));
        }
        if reply.held {
            drop(shared.wait(Duration::MAX, |state| state.stopped || state.releases > releases));
        }
        if shared.state().stopped {
            return Ok(());
        }
        let mut writer = stream;
        writer.write_all(&reply.render())?;
    }
    Ok(())
}

/// A stream that waits for bytes as long as the server lives.
struct Patient<'a> {
    stream: &'a TcpStream,
    shared: &'a Shared,
}

impl io::Read for Patient<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let mut stream = self.stream;
            match stream.read(buffer) {
                Err(error)
                    if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
                        && !self.shared.state().stopped => {}
                other => return other,
            }
        }
    }
}

/// One request; `None` at the end of the connection.
fn read_request(reader: &mut impl io::BufRead) -> io::Result<Option<Received>> {
    let mut bounded = reader.take(REQUEST_BYTES);
    let Some(start) = read_line(&mut bounded)? else { return Ok(None) };
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
fn read_chunk(reader: &mut impl io::BufRead) -> io::Result<Option<Vec<u8>>> {
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

fn read_exactly(reader: &mut impl io::Read, len: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(len).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == len { Ok(bytes) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

/// A line without its end; `None` at the end of the connection.
fn read_line(reader: &mut impl io::BufRead) -> io::Result<Option<String>> {
    let mut bytes = Vec::new();
    if reader.read_until(b'\n', &mut bytes)? == 0 {
        return Ok(None);
    }
    let text = String::from_utf8(bytes).map_err(|_| io::ErrorKind::InvalidData)?;
    Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned()))
}

#[cfg(test)]
mod tests;
