//! A connection, in plain text or in TLS, as ureq uses it.

use std::{
    fmt,
    io::{self, Read, Write},
    net::TcpStream,
    sync::Arc,
};

use rustls::{ClientConnection, StreamOwned};
use ureq::{
    Error,
    unversioned::transport::{Buffers, LazyBuffers, NextTimeout, Transport},
};

use super::call::{Call, is_quiet};
use crate::base::limits::RESPONSE_HEAD_BYTES;

/// Bytes of a request that are written at a time.
const OUTPUT: usize = 16 * 1024;

/// A socket whose waits end when the request is no longer wanted.
pub(super) struct Socket {
    pub(super) stream: Arc<TcpStream>,
    pub(super) call: Arc<Call>,
}

impl Socket {
    /// Tries again until something has happened; the socket's own timeouts make every try short.
    fn wait<T>(&self, mut attempt: impl FnMut(&TcpStream) -> io::Result<T>) -> io::Result<T> {
        loop {
            self.call.goes_on()?;
            match attempt(&self.stream) {
                // The first two are one thing, by two names on two kinds of systems.
                Err(error)
                    if matches!(
                        error.kind(),
                        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted
                    ) => {}
                done => return done,
            }
        }
    }
}

impl Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.wait(|mut stream| stream.read(buffer))?;
        self.call.take(read)?;
        Ok(read)
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.wait(|mut stream| stream.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What the request goes through.
pub(super) enum Stream {
    Plain(Socket),
    Tls(Box<StreamOwned<ClientConnection, Socket>>),
}

impl Stream {
    fn io(&mut self) -> &mut dyn ReadWrite {
        match self {
            Self::Plain(socket) => socket,
            Self::Tls(stream) => stream.as_mut(),
        }
    }

    fn socket(&self) -> &Socket {
        match self {
            Self::Plain(socket) => socket,
            Self::Tls(stream) => &stream.sock,
        }
    }
}

trait ReadWrite: Read + Write {}

impl<T: Read + Write> ReadWrite for T {}

/// The connection of one upload.
pub(super) struct Connection {
    buffers: LazyBuffers,
    stream: Stream,
}

impl Connection {
    pub(super) fn new(stream: Stream) -> Self {
        Self { buffers: LazyBuffers::new(RESPONSE_HEAD_BYTES, OUTPUT), stream }
    }
}

/// Times are those of the call, not what ureq counts.
impl Transport for Connection {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, _timeout: NextTimeout) -> Result<(), Error> {
        self.stream.socket().call.leaves();
        let output = Buffers::output(&mut self.buffers).get(..amount).unwrap_or_default();
        let stream = self.stream.io();
        stream.write_all(output)?;
        Ok(stream.flush()?)
    }

    fn await_input(&mut self, _timeout: NextTimeout) -> Result<bool, Error> {
        let read = self.stream.io().read(self.buffers.input_append_buf())?;
        self.buffers.input_appended(read);
        Ok(read > 0)
    }

    fn is_open(&mut self) -> bool {
        is_quiet(&self.stream.socket().stream)
    }

    fn is_tls(&self) -> bool {
        matches!(self.stream, Stream::Tls(_))
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").finish_non_exhaustive()
    }
}
