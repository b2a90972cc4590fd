//! One request under way, as its connection sees it: how long it may take, how much of an answer it takes, and whether
//! anybody still wants it.

use std::{
    fmt, io,
    net::TcpStream,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    thread,
    time::{Duration, Instant},
};

use crate::{
    base::limits::{CONNECT_TIMEOUT, REQUEST_TIMEOUT, RESPONSE_ALL_BYTES, REUSE_WATCH_POLL},
    declare::transport::{Cancel, TransportError},
};

/// The request that a connection works for. ureq wants what it holds to be shared between threads, though only one has it.
pub(super) struct Call(Mutex<State>);

struct State {
    cancel: Cancel,
    begun: Instant,
    /// The connection is still being made, which has a shorter time.
    connecting: bool,
    /// What has come of the answer.
    taken: usize,
    /// Something of the request has left this machine.
    left: bool,
    /// Why there is no connection.
    failure: Option<TransportError>,
    cancelled: bool,
    /// The connection, as long as ureq keeps it.
    connection: Weak<TcpStream>,
}

impl Call {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(State {
            cancel: Cancel::never(),
            begun: Instant::now(),
            connecting: false,
            taken: 0,
            left: false,
            failure: None,
            cancelled: false,
            connection: Weak::new(),
        })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new request.
    pub(super) fn begin(&self, cancel: &Cancel) {
        let mut state = self.state();
        state.cancel = cancel.clone();
        state.begun = Instant::now();
        (state.connecting, state.taken, state.left, state.failure) = (false, 0, false, None);
    }

    /// Has the time for a connection run; answers how much there is.
    pub(super) fn connects(&self) -> Duration {
        let mut state = self.state();
        state.connecting = true;
        CONNECT_TIMEOUT.saturating_sub(state.begun.elapsed())
    }

    /// There is a connection.
    pub(super) fn connected(&self, connection: &Arc<TcpStream>) {
        let mut state = self.state();
        state.connecting = false;
        state.taken = 0;
        state.connection = Arc::downgrade(connection);
    }

    /// There is none.
    pub(super) fn failed(&self, failure: TransportError) {
        self.state().failure = Some(failure);
    }

    /// From here on nobody can tell whether the server has read the request.
    pub(super) fn leaves(&self) {
        self.state().left = true;
    }

    /// Whether the wait goes on.
    ///
    /// # Errors
    ///
    /// If the request was cancelled, or its time is over.
    pub(super) fn goes_on(&self) -> io::Result<()> {
        let (cancel, begun, connecting) = {
            let state = self.state();
            (state.cancel.clone(), state.begun, state.connecting)
        };
        if cancel.is_cancelled() {
            self.state().cancelled = true;
            return Err(io::Error::other("cancelled"));
        }
        let longest = if connecting { CONNECT_TIMEOUT } else { REQUEST_TIMEOUT };
        if begun.elapsed() >= longest { Err(io::ErrorKind::TimedOut.into()) } else { Ok(()) }
    }

    /// Counts what has come.
    ///
    /// # Errors
    ///
    /// If it is more than any answer needs.
    pub(super) fn take(&self, bytes: usize) -> io::Result<()> {
        let mut state = self.state();
        state.taken = state.taken.saturating_add(bytes);
        if state.taken > RESPONSE_ALL_BYTES { Err(io::Error::other("a flood")) } else { Ok(()) }
    }

    /// What became of a request that has no answer.
    pub(super) fn failure(&self) -> TransportError {
        let state = self.state();
        match state.failure {
            _ if state.cancelled => TransportError::Cancelled,
            _ if state.left => TransportError::Unknown,
            Some(failure) => failure,
            None => TransportError::NotSent,
        }
    }

    /// Watches the connection for so long; `false` as soon as it is no longer open.
    pub(super) fn stays_open(&self, watch: Duration) -> bool {
        let begun = Instant::now();
        loop {
            if !self.state().connection.upgrade().is_some_and(|connection| is_quiet(&connection)) {
                return false;
            }
            let left = watch.saturating_sub(begun.elapsed());
            if left.is_zero() {
                return true;
            }
            thread::sleep(left.min(REUSE_WATCH_POLL));
        }
    }
}

/// Whether the server has neither closed the connection nor said anything on it that nobody asked for.
pub(super) fn is_quiet(connection: &TcpStream) -> bool {
    let looked = connection.set_nonblocking(true).and_then(|()| connection.peek(&mut [0]));
    let back = connection.set_nonblocking(false);
    back.is_ok() && looked.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").finish_non_exhaustive()
    }
}
