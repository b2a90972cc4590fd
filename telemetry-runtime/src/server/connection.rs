//! Connections: who is let in, and what each request gets.

use std::{
    io::{self, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use crate::server::{
    POLL, Reply, Shared, State,
    reply::{After, Manner},
    request,
};

/// Accepts connections until the generation ends.
pub(crate) fn accept(listener: TcpListener, shared: &Arc<Shared>, generation: u64) {
    for stream in listener.incoming() {
        let Ok(stream) = stream else {
            if shared.state().generation != generation {
                return;
            }
            thread::sleep(POLL); // Out of descriptors, for instance.
            continue;
        };
        let mut state = shared.state();
        if state.generation != generation {
            if state.farewell.is_none() || state.farewell == stream.peer_addr().ok() {
                state.kept = Some(stream);
                return;
            }
            continue; // Came too late, and is closed.
        }
        state.connections += 1;
        state.open += 1;
        drop(state);
        let shared = shared.clone();
        // Without a thread the connection is closed, and the test sees that.
        let connection = Connection { stream, shared, generation };
        let _ = thread::Builder::new().name("loopback-connection".into()).spawn(move || {
            super::stay_inside();
            connection.serve()
        });
    }
}

struct Connection {
    stream: TcpStream,
    shared: Arc<Shared>,
    generation: u64,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.shared.state().open -= 1;
        self.shared.changed.notify_all();
    }
}

impl Connection {
    fn ended(&self, state: &State) -> bool {
        state.generation != self.generation
    }

    /// Serves the connection until it ends.
    fn serve(&self) -> io::Result<()> {
        self.stream.set_read_timeout(Some(POLL))?;
        self.stream.set_nodelay(true)?;
        let mut reader = BufReader::new(Incoming { connection: self, unread: false, idle_since: None });
        loop {
            let mut busy = None;
            let request = request::read(&mut reader, || busy = Some(Busy::new(&self.shared)));
            let Ok(Some(request)) = request else {
                reader.get_mut().take_last()?;
                return request.map(drop);
            };
            let (reply, releases) = {
                let mut state = self.shared.state();
                if self.ended(&state) {
                    return Ok(()); // Refused since: it was never received, and takes nobody's reply.
                }
                state.received.push(request);
                self.shared.changed.notify_all();
                let reply = state.replies.pop_front().or_else(|| state.always.clone());
                (reply.unwrap_or_else(|| Reply::status(200)), state.releases)
            };
            let again = self.answer(&reply, releases, busy);
            if reply.after() != After::Reset {
                reader.get_mut().take_last()?;
            }
            if !again? {
                return Ok(());
            }
            reader.get_mut().idle_since = Some(Instant::now());
        }
    }

    /// Answers one request; says whether the connection goes on.
    ///
    /// The request is under way until the end of the answer is handed to the system, and where the answer has no end, until
    /// the connection ends. Not a moment longer, because from then on the client may send the next one.
    fn answer(&self, reply: &Reply, releases: u64, busy: Option<Busy<'_>>) -> io::Result<bool> {
        if !self.pause(reply.waits()) || (reply.is_held() && !self.until_release(releases)) {
            return Ok(false);
        }
        let mut stream = &self.stream;
        let answer = reply.render();
        match (reply.manner(), answer.split_last()) {
            (Manner::Drip(pause), Some((last, others))) => {
                for byte in others {
                    stream.write_all(&[*byte])?;
                    if !self.pause(pause) {
                        return Ok(false);
                    }
                }
                drop(busy);
                stream.write_all(&[*last])?;
            }
            _ => {
                let busy = busy.filter(|_| matches!(reply.after(), After::Silence | After::More));
                self.write(&answer)?;
                return self.go_on(reply, releases, busy);
            }
        }
        self.go_on(reply, releases, None)
    }

    /// What follows the answer; says whether the connection goes on.
    fn go_on(&self, reply: &Reply, releases: u64, _busy: Option<Busy<'_>>) -> io::Result<bool> {
        match reply.after() {
            After::Next => return Ok(true),
            After::Close | After::Reset => {}
            After::Silence => {
                self.until_release(releases);
            }
            After::More => {
                while !self.ended(&self.shared.state()) {
                    self.write(reply.more())?;
                }
            }
        }
        Ok(false)
    }

    fn write(&self, bytes: &[u8]) -> io::Result<()> {
        (&self.stream).write_all(bytes)?;
        self.shared.state().answered += bytes.len() as u64;
        Ok(())
    }

    /// Waits; `false` if the connection has to end.
    fn pause(&self, pause: Duration) -> bool {
        let state = self.shared.wait(pause, |state| self.ended(state));
        !self.ended(&state)
    }

    /// Waits for the next release; `false` if the connection has to end before.
    fn until_release(&self, releases: u64) -> bool {
        let state = self.shared.wait(Duration::MAX, |state| self.ended(state) || state.releases > releases);
        !self.ended(&state)
    }
}

/// One more request is under way.
struct Busy<'a>(&'a Shared);

impl<'a> Busy<'a> {
    fn new(shared: &'a Shared) -> Self {
        let mut state = shared.state();
        state.busy += 1;
        state.most_busy = state.most_busy.max(state.busy);
        drop(state);
        Self(shared)
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.state().busy -= 1;
        self.0.changed.notify_all();
    }
}

/// The bytes of the client, waited for as long as the connection may live.
///
/// The last byte that was read stays in the system's buffer until the next one is wanted: a connection that is closed with
/// unread bytes is reset. The standard library has no other way to that.
struct Incoming<'a> {
    connection: &'a Connection,
    unread: bool,
    /// When the latest answer ended, if nothing has come since.
    idle_since: Option<Instant>,
}

impl Incoming<'_> {
    /// Takes the last byte out of the system's buffer.
    fn take_last(&mut self) -> io::Result<()> {
        let mut stream = &self.connection.stream;
        if std::mem::take(&mut self.unread) { stream.read_exact(&mut [0]) } else { Ok(()) }
    }
}

impl io::Read for Incoming<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.take_last()?;
        let mut stream = &self.connection.stream;
        loop {
            let longest = self.connection.shared.state().closes_idle_after;
            if self.idle_since.zip(longest).is_some_and(|(since, longest)| since.elapsed() >= longest) {
                return Ok(0);
            }
            let seen = match stream.peek(buffer) {
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                    if self.connection.ended(&self.connection.shared.state()) {
                        return Err(error);
                    }
                    continue;
                }
                other => other?,
            };
            if let Some(all_but_last) = buffer.get_mut(..seen.saturating_sub(1)) {
                stream.read_exact(all_but_last)?;
            }
            self.unread = seen > 0;
            self.idle_since = None;
            return Ok(seen);
        }
    }
}
