//! A collector on this machine, for tests: a friendly one, or as hostile as the network can be.

mod connection;
mod reply;
mod request;

use std::{
    collections::VecDeque,
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

pub use reply::Reply;
pub use request::Received;

/// How often a waiting connection looks whether the server has ended.
const POLL: Duration = Duration::from_millis(20);

#[derive(Debug, Default)]
struct State {
    received: Vec<Received>,
    replies: VecDeque<Reply>,
    /// For every request that none of `replies` is left for; without it, `200`.
    always: Option<Reply>,
    /// Counts calls of `release`, so that an answer is let go by those after it only.
    releases: u64,
    connections: u64,
    /// Those that neither side has closed.
    open: usize,
    /// The bytes of answers that the system has taken.
    answered: u64,
    /// How long a connection may be idle after an answer.
    closes_idle_after: Option<Duration>,
    /// Connections on which a request has begun and its answer has not ended, now and at most.
    busy: usize,
    most_busy: usize,
    /// Counts calls of `refuse` and the end of the server: connections of an earlier time end.
    generation: u64,
    /// While a thread accepts connections.
    listening: bool,
    /// The last connection to a listener that ends is our own, from this address.
    farewell: Option<SocketAddr>,
    /// It is not served. While it is there, the system gives our port to nobody else.
    kept: Option<TcpStream>,
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
/// It can be as hostile as the network: [`Reply::hostile`] lists what it may do to a request, [`Reply::floods`] the answers
/// that go on without an end, and [`refuse`] turns
/// connections away. That a program does not care takes one test:
///
/// ```no_run
/// use std::{io, process::{Command, Output}};
/// use telemetry_runtime::testing::{LoopbackServer, Reply};
///
/// fn my_cli(server: &LoopbackServer) -> io::Result<Output> {
///     // The program hands the port to `Options::loopback_port`.
///     Command::new("target/debug/my-cli").env("ACME_TEST_PORT", server.port().to_string()).output()
/// }
///
/// fn main() -> io::Result<()> {
///     let friendly = my_cli(&LoopbackServer::start()?)?;
///     for (name, reply) in Reply::hostile() {
///         let server = LoopbackServer::start()?;
///         server.always(reply);
///         assert_eq!(my_cli(&server)?, friendly, "{name}");
///     }
///     let nobody = LoopbackServer::start()?;
///     nobody.refuse();
///     assert_eq!(my_cli(&nobody)?, friendly, "nobody listens");
///     Ok(())
/// }
/// ```
///
/// It ends when it is dropped; connections that wait for an answer are closed.
///
/// [`refuse`]: LoopbackServer::refuse
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
        let server = Self { address: listener.local_addr()?, shared: Arc::default() };
        server.accept(listener)?;
        Ok(server)
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

    /// From now on answers in this way every request for which no [`reply`](Self::reply) is left, instead of `200`.
    pub fn always(&self, reply: Reply) -> &Self {
        self.shared.state().always = Some(reply);
        self
    }

    /// From now on closes connections on which nothing has come for this long after an answer, without saying so before, as
    /// servers and load balancers do; zero closes at once. It is looked at every 20 ms.
    pub fn close_idle_after(&self, idle: Duration) -> &Self {
        self.shared.state().closes_idle_after = Some(idle);
        self
    }

    /// Refuses connections from now on, and ends those there are. The system gives the port to nobody who asks for any.
    pub fn refuse(&self) {
        self.stop();
        // The listener is gone when this is over; a thread that is stuck must not hang the test.
        drop(self.shared.wait(Duration::from_secs(60), |state| !state.listening));
    }

    /// Listens again, at the same port, after [`refuse`](Self::refuse). Does nothing while it listens.
    ///
    /// # Errors
    ///
    /// If somebody else has taken the port, or the system gives no thread.
    pub fn listen(&self) -> io::Result<()> {
        if self.shared.state().listening {
            return Ok(());
        }
        self.accept(TcpListener::bind(self.address)?)
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

    /// The bytes of all answers so far that the system has taken for the client. Some hundred thousand of them may lie
    /// between both.
    pub fn answered_bytes(&self) -> u64 {
        self.shared.state().answered
    }

    /// The connections that are open at this moment: closed by neither side.
    pub fn open_connections(&self) -> usize {
        self.shared.state().open
    }

    /// Waits until no connection is open; `false` if `timeout` passes first.
    pub fn wait_until_closed(&self, timeout: Duration) -> bool {
        self.shared.wait(timeout, |state| state.open == 0).open == 0
    }

    /// How many requests are under way at this moment: begun, and not yet answered to the end.
    pub fn in_flight(&self) -> usize {
        self.shared.state().busy
    }

    /// How many requests were under way at one moment, at most.
    pub fn most_in_flight(&self) -> usize {
        self.shared.state().most_busy
    }

    /// Waits until there are `count` requests, and returns all there are then; fewer if `timeout` passes first.
    pub fn wait_for(&self, count: usize, timeout: Duration) -> Vec<Received> {
        self.shared.wait(timeout, |state| state.received.len() >= count).received.clone()
    }

    fn accept(&self, listener: TcpListener) -> io::Result<()> {
        let shared = self.shared.clone();
        let generation = {
            let mut state = shared.state();
            state.listening = true;
            state.farewell = None;
            state.generation
        };
        let started = thread::Builder::new().name("loopback-server".into()).spawn(move || {
            stay_inside();
            connection::accept(listener, &shared, generation);
            shared.state().listening = false;
            shared.changed.notify_all();
        });
        if started.is_err() {
            self.shared.state().listening = false;
        }
        started.map(drop)
    }

    /// Ends the thread that accepts, and all connections.
    fn stop(&self) {
        let mut state = self.shared.state();
        state.generation += 1;
        // Wakes the thread that accepts, which knows the connection by its address. The thread is not joined: if even this
        // fails, nothing here may hang.
        let farewell = TcpStream::connect_timeout(&self.address, POLL);
        state.farewell = farewell.ok().and_then(|stream| stream.local_addr().ok());
        drop(state);
        self.shared.changed.notify_all();
    }
}

impl Drop for LoopbackServer {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A host that records in its allocator does not record what this server allocates; see `base/process/inside.rs`.
fn stay_inside() {
    #[cfg(not(compiled_out))]
    crate::base::process::stay_inside();
}

#[cfg(test)]
mod tests;
