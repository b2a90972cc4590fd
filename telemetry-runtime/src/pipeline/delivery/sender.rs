//! Sends one batch after the other, until there is none or it is time to stop.

use std::time::Duration;

use super::{
    policy::{Verdict, backoff, verdict},
    wire,
};
use crate::{
    ledger::Outcome,
    pipeline::{
        limits::{ATTEMPTS, RETRY_AFTER_WAITED},
        storage::{Backlog, Batch, Digest, Tally},
    },
    transport::{Cancel, Request, Transport, TransportError},
};

/// The user's word, asked again before every request.
pub(crate) trait Permission {
    /// Whether anything may be sent at this moment.
    fn holds(&self) -> bool;

    /// Whether the user agreed to the event with this digest.
    fn agrees(&self, digest: &Digest) -> bool;
}

/// Where batches go and who says so.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target<'a> {
    /// The SDK's endpoint, without a trailing slash.
    pub(crate) endpoint: &'a str,
    /// `<sdk>/<version> telemetry-runtime/<version>`
    pub(crate) user_agent: &'a str,
}

/// What one delivery needs beside the batches.
pub(crate) struct Delivery<'a> {
    /// Where to.
    pub(crate) target: Target<'a>,
    /// Whether to.
    pub(crate) permission: &'a dyn Permission,
    /// How.
    pub(crate) transport: &'a mut dyn Transport,
    /// Gives up the request in flight.
    pub(crate) cancel: &'a Cancel,
    /// Hears how events ended.
    pub(crate) tally: &'a dyn Tally,
    /// Waits for this long; `false` if the delivery should stop instead.
    pub(crate) sleep: &'a dyn Fn(Duration) -> bool,
    /// The time since 1970-01-01.
    pub(crate) unix: &'a dyn Fn() -> Duration,
}

/// Why a delivery ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// There is nothing left that this process may try.
    Empty,
    /// The server did not take a batch in as many attempts as it has; it waits on disk.
    Later {
        /// For how long the server asked to be left alone, if it did; at most 24 hours.
        retry_after: Option<Duration>,
    },
    /// The server answered 410: nothing more from this version of the SDK.
    Gone,
    /// Permission was withdrawn, the request was cancelled, or the sleeper said so.
    Stopped,
}

/// Sends what is in the backlog, the oldest first, one request at a time.
pub(crate) fn deliver(backlog: &mut Backlog, mut delivery: Delivery<'_>) -> Ended {
    loop {
        if !delivery.permission.holds() || delivery.cancel.is_cancelled() {
            return Ended::Stopped;
        }
        let Some(batch) = backlog.next(delivery.unix_ms(), delivery.tally) else { return Ended::Empty };
        match delivery.batch(backlog, batch) {
            None => {}
            Some(ended) => return ended,
        }
    }
}

impl Delivery<'_> {
    /// Tries one batch as often as it may be tried; `None` if the next one may follow.
    fn batch(&mut self, backlog: &mut Backlog, mut batch: Batch) -> Option<Ended> {
        loop {
            if !self.permission.holds() || self.cancel.is_cancelled() {
                backlog.put_back(batch, self.tally);
                return Some(Ended::Stopped);
            }
            if !backlog.holds(&batch) {
                // Erased while this process waited.
                backlog.put_back(batch, self.tally);
                return None;
            }
            let (request, sent) = self.request(&batch);
            let Some(request) = request else {
                backlog.finish(batch, Outcome::Erased, 0, self.tally);
                return None;
            };
            let retry_after = match self.transport.send(&request, self.cancel) {
                Ok(response) => match verdict(&response, (self.unix)()) {
                    Verdict::Delivered => {
                        backlog.finish(batch, Outcome::Sent, sent, self.tally);
                        return None;
                    }
                    Verdict::Refused => {
                        backlog.finish(batch, Outcome::Rejected, sent, self.tally);
                        return None;
                    }
                    Verdict::Gone => {
                        backlog.finish(batch, Outcome::Rejected, sent, self.tally);
                        return Some(Ended::Gone);
                    }
                    Verdict::Halve if batch.frames().count() < 2 => {
                        backlog.finish(batch, Outcome::Rejected, sent, self.tally);
                        return None;
                    }
                    Verdict::Halve => {
                        backlog.halve(batch, self.tally);
                        return None;
                    }
                    Verdict::Later { retry_after } => {
                        batch.attempted(false);
                        retry_after
                    }
                },
                Err(TransportError::Cancelled) => {
                    batch.attempted(true);
                    backlog.put_back(batch, self.tally);
                    return Some(Ended::Stopped);
                }
                Err(error) => {
                    batch.attempted(error == TransportError::Unknown);
                    None
                }
            };
            let wait = retry_after.unwrap_or_else(|| backoff(batch.attempts(), random()));
            let stop = if batch.attempts() >= ATTEMPTS || wait > RETRY_AFTER_WAITED {
                Some(Ended::Later { retry_after })
            } else if (self.sleep)(wait) {
                None
            } else if retry_after.is_some() {
                // Nobody waits here, but the server's wish holds for whoever tries next.
                Some(Ended::Later { retry_after })
            } else {
                Some(Ended::Stopped)
            };
            if stop.is_some() {
                backlog.put_back(batch, self.tally);
                return stop;
            }
        }
    }

    /// The request of a batch, the same bytes at every attempt, and how many events it carries: those that the user
    /// agrees to.
    fn request(&self, batch: &Batch) -> (Option<Request>, u64) {
        let events: Vec<&[u8]> =
            batch.frames().filter(|frame| self.permission.agrees(&frame.digest)).map(|frame| frame.json).collect();
        (wire::request(batch.wire(), &self.target, batch.key(), batch.day(), &events), events.len() as u64)
    }

    fn unix_ms(&self) -> u64 {
        u64::try_from((self.unix)().as_millis()).unwrap_or(u64::MAX)
    }
}

/// Without random numbers the wait is the longest: slower, but never a rush.
fn random() -> u32 {
    getrandom::u32().unwrap_or(u32::MAX)
}

#[cfg(all(test, unix))]
mod tests;
