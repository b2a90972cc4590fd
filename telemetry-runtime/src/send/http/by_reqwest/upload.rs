//! What lives as long as one upload: the runtime, and on it the connection that its requests share.
//!
//! Between two uploads nothing is kept. A server may close an idle connection at any moment, and a request that is written
//! in that moment is lost without a word: nobody can tell whether the server has read it. Within an upload the next
//! request follows at once, so that moment is short; it is made shorter still by looking whether the server has closed.

use std::{
    io,
    time::{Duration, Instant},
};

use tokio::runtime::{Builder, Handle, Runtime};

use crate::base::{
    limits::{REUSE_IDLE, REUSE_WATCH, REUSE_WATCH_POLL},
    process,
};

/// How often the runtime is driven round so that the task of a connection has seen what the system knows by now: one
/// round brings the news, the next lets the task read it.
const ROUNDS: usize = 4;

/// One upload under way.
#[derive(Debug)]
pub(crate) struct Upload {
    runtime: Runtime,
    /// When the latest answer ended, and with it the work of the connection.
    idle_since: Option<Instant>,
}

impl Upload {
    /// # Errors
    ///
    /// If the system gives no descriptors for the runtime.
    pub(crate) fn begin() -> io::Result<Self> {
        let runtime = Builder::new_current_thread()
            .enable_all()
            // Names are looked up on threads of ours, and nothing else needs one. Should the client start one all the same, it
            // takes the signal mask of the thread that sends.
            .thread_name("telemetry-send")
            .max_blocking_threads(1)
            .on_thread_start(process::stay_inside)
            .build()?;
        Ok(Self { runtime, idle_since: None })
    }

    /// Whether the next request may go out in this upload. If not, this one has to end, and the next one begins with a new
    /// connection. `keeps` is whether the server has kept a connection after its latest answer.
    pub(crate) fn goes_on(&mut self, keeps: &mut bool) -> bool {
        let Some(since) = self.idle_since.take() else { return true };
        if since.elapsed() > REUSE_IDLE {
            return false;
        }
        // A server that closes after every answer does so now; one that has kept the connection before is believed.
        let watch = if *keeps { Duration::ZERO } else { REUSE_WATCH };
        *keeps = self.runtime.block_on(stays_open(watch));
        *keeps
    }

    /// Does the work of one request.
    pub(crate) fn block_on<T>(&mut self, request: impl Future<Output = T>) -> T {
        let result = self.runtime.block_on(request);
        self.idle_since = Some(Instant::now());
        result
    }

    /// For work that has to be done on the runtime without waiting.
    pub(crate) fn enter(&self) -> tokio::runtime::EnterGuard<'_> {
        self.runtime.enter()
    }

    /// Closes the connection, whatever it was doing. Dropping the runtime in the ordinary way would join the threads that
    /// look names up, which cannot be interrupted: with a resolver that does not answer that takes six seconds.
    pub(crate) fn end(self) {
        self.runtime.shutdown_background();
    }
}

/// Watches the connection; `false` as soon as the server has closed it. Nothing but the connection is a task here.
async fn stays_open(watch: Duration) -> bool {
    let tasks = Handle::current().metrics();
    let begun = Instant::now();
    loop {
        for _ in 0..ROUNDS {
            tokio::task::yield_now().await;
        }
        if tasks.num_alive_tasks() == 0 {
            return false;
        }
        let left = watch.saturating_sub(begun.elapsed());
        if left.is_zero() {
            return true;
        }
        tokio::time::sleep(left.min(REUSE_WATCH_POLL)).await;
    }
}
