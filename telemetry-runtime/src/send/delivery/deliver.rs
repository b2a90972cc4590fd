//! Sends one batch after the other, until there is none or one fails.

use std::{
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    time::Duration,
};

use telemetry_schema::{Compress, Identity};
use telemetry_spool::{Backlog, Batch, Digest, Outcome, Tally, limits::DISK_RETRY_MS};

use crate::{
    base::limits::{ATTEMPTS_RENEWED, REFUSED_EVENTS, REQUESTS, UPLOADS_WINDOW},
    declare::transport::{Cancel, Request, Response, Transport, TransportError},
    send::{
        delivery::{
            breaker::{Breaker, Failure, Now, Why},
            verdict::{Verdict, verdict},
        },
        ending,
        sent_log::{End, Entry, SentLog},
    },
    wire::{
        compress,
        format::{self, Target},
    },
    write::spooled,
};

/// The user's word, asked again before every request.
pub(crate) trait Permission {
    /// Whether anything may be sent at this moment.
    fn holds(&self) -> bool;

    /// Whether the user agreed to the event with this digest.
    fn agrees(&self, digest: &Digest) -> bool;
}

/// What one delivery needs beside the batches.
pub(crate) struct Delivery<'a> {
    /// Where to.
    pub(crate) target: Target<'a>,
    /// What the SDK declares: requests of two epochs do not share a connection.
    pub(crate) identity: Option<Identity>,
    /// How bodies are compressed.
    pub(crate) compress: Option<Compress>,
    /// Whether to.
    pub(crate) permission: &'a dyn Permission,
    /// Whether now, and what failures mean for later.
    pub(crate) breaker: &'a mut Breaker,
    /// Who wants it.
    pub(crate) why: Why,
    /// How.
    pub(crate) transport: &'a mut dyn Transport,
    /// Gives up the request in flight.
    pub(crate) cancel: &'a Cancel,
    /// Hears how events ended.
    pub(crate) tally: &'a dyn Tally,
    /// The clocks and the dice.
    pub(crate) now: &'a dyn Fn() -> Now,
}

/// Why a delivery ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// There is nothing left to send.
    Empty,
    /// It is not the time: an attempt has failed, here or elsewhere, or there were enough. Again after this.
    Later(Duration),
    /// The server answered 410: nothing more from this version of the SDK.
    Gone,
    /// Permission was withdrawn, or the request was cancelled.
    Stopped,
}

/// Sends what is in the backlog, the oldest first, one request at a time, up to the first failure.
pub(crate) fn deliver(backlog: &mut Backlog, mut delivery: Delivery<'_>) -> Ended {
    if delivery.why == Why::Waiting && backlog.is_filling() {
        delivery.why = Why::Filling;
    }
    // Before any batch is made: while nothing may be sent, events gather to larger ones.
    if let Some(wait) = delivery.breaker.wait(backlog.parent(), delivery.why, (delivery.now)()) {
        return Ended::Later(wait);
    }
    backlog.begin_upload();
    let fits = delivery.breaker.fits(backlog.parent(), (delivery.now)());
    let mut upload = Upload {
        delivery,
        begun: false,
        renewed: false,
        fits,
        requests: 0,
        epoch: None,
        refused_events: 0,
        full: false,
        taken: false,
        refused: false,
        failed: false,
        log: SentLog::default(),
    };
    let ended = upload.all(backlog);
    let ended = upload.after(backlog, ended);
    // However it ended: no connection to the server stays open.
    upload.delivery.transport.end_upload();
    let unix_ms = (upload.delivery.now)().unix.saturating_mul(1000);
    backlog.end_upload(unix_ms, upload.delivery.tally);
    ended
}

/// One delivery under way.
struct Upload<'a> {
    delivery: Delivery<'a>,
    /// A request was sent, so the breaker and the others know of it.
    begun: bool,
    /// Batches that had used their attempts have got new ones.
    renewed: bool,
    /// The bytes of events that a request of several may hold.
    fits: Option<u64>,
    /// The requests of this upload, and whether there are as many as it may have.
    requests: u32,
    /// Of the ids in the request before.
    epoch: Option<(u32, u32)>,
    /// Events that the server has refused for good.
    refused_events: u64,
    full: bool,
    /// Whether the server has taken any of them, and refused any.
    taken: bool,
    refused: bool,
    /// The breaker knows that an attempt has failed.
    failed: bool,
    log: SentLog,
}

impl Upload<'_> {
    fn all(&mut self, backlog: &mut Backlog) -> Ended {
        loop {
            if self.is_over() {
                return Ended::Stopped;
            }
            if self.requests >= REQUESTS {
                if self.refused {
                    self.full = true;
                    return Ended::Later(UPLOADS_WINDOW);
                }
                // The server takes everything: the next upload follows.
                self.delivery.transport.end_upload();
                self.requests = 0;
            }
            let Some(batch) = self.next(backlog) else {
                return if backlog.has_resting() { Ended::Later(ATTEMPTS_RENEWED) } else { Ended::Empty };
            };
            if let Some(ended) = self.batch(backlog, batch) {
                return ended;
            }
        }
    }

    /// What the breaker has to hear when all requests were made, and what that means for the next upload.
    fn after(&mut self, backlog: &Backlog, ended: Ended) -> Ended {
        if self.failed || self.taken || !self.refused {
            return ended;
        }
        let breaker = &mut self.delivery.breaker;
        if self.full {
            // There is more, and the server refuses whatever it is sent: all processes wait, longer every time.
            return Ended::Later(breaker.failed(backlog.parent(), Failure::Refused, (self.delivery.now)()));
        }
        breaker.succeeded(backlog.parent());
        ended
    }

    fn is_over(&self) -> bool {
        !self.delivery.permission.holds() || self.delivery.cancel.is_cancelled()
    }

    /// The next batch. Those that have used their attempts come when there is nothing else to try at all.
    fn next(&mut self, backlog: &mut Backlog) -> Option<Batch> {
        let unix_ms = (self.delivery.now)().unix.saturating_mul(1000);
        let agrees = |digest: &Digest| self.delivery.permission.agrees(digest);
        backlog.next(unix_ms, &agrees, self.delivery.tally).or_else(|| {
            let again = !self.begun && !self.renewed && backlog.renew_attempts();
            self.renewed = true;
            again.then(|| backlog.next(unix_ms, &agrees, self.delivery.tally)).flatten()
        })
    }

    /// Tries one batch; `None` if the next one may follow.
    fn batch(&mut self, backlog: &mut Backlog, mut batch: Batch) -> Option<Ended> {
        if self.is_over() {
            backlog.put_back(batch, self.delivery.tally);
            return Some(Ended::Stopped);
        }
        if !backlog.holds(&batch) {
            // Erased meanwhile, or the disk cannot say: then it is left alone for a moment.
            let kept = backlog.put_back(batch, self.delivery.tally);
            return kept.then_some(Ended::Later(Duration::from_millis(DISK_RETRY_MS)));
        }
        if self.refused_events > 0 && self.refused_events + batch.len() as u64 > REFUSED_EVENTS {
            // What it has not been asked waits until it may be well again.
            self.full = true;
            backlog.put_back(batch, self.delivery.tally);
            return Some(Ended::Later(UPLOADS_WINDOW));
        }
        let events = self.agreed(&batch);
        let Some(request) = spooled::wire_of(batch.kind())
            .and_then(|wire| format::request(wire, &self.delivery.target, batch.key(), batch.day(), &events))
        else {
            drop(events);
            backlog.finish(batch, Outcome::Erased, 0, self.delivery.tally);
            return None;
        };
        if events.len() > 1 && self.fits.is_some_and(|fits| bytes(&events) > fits) {
            // The server would refuse it, as it has refused one like it, in this process or another.
            drop(events);
            backlog.halve(batch, self.delivery.tally);
            return None;
        }
        if !self.begun {
            if let Some(wait) = self.delivery.breaker.begin(backlog.parent(), self.delivery.why, (self.delivery.now)())
            {
                // Another process was quicker.
                drop(events);
                backlog.put_back(batch, self.delivery.tally);
                return Some(Ended::Later(wait));
            }
            self.begun = true;
        }
        let epoch = self.delivery.identity.map(|identity| identity.epoch(batch.day()));
        if self.epoch.is_some() && self.epoch != epoch {
            self.delivery.transport.end_upload();
        }
        self.epoch = epoch;
        self.requests += 1;
        // The log tells the user the events themselves, so the request stays as it is.
        let compressed = self.delivery.compress.and_then(|compress| compress::request(compress, &request));
        let sent = compressed.as_ref().unwrap_or(&request);
        let transport = AssertUnwindSafe(|| self.delivery.transport.send(sent, self.delivery.cancel));
        let answer = match catch_unwind(transport) {
            Ok(answer) => answer,
            Err(panic) => {
                // A transport of the author's: it ends the sending of this SDK. What it has sent before may have arrived.
                drop(events);
                batch.attempted(true);
                backlog.put_back(batch, self.delivery.tally);
                resume_unwind(panic);
            }
        };
        self.log(backlog, &batch, &request, &events, &answer);
        let sent = events.len() as u64;
        let half = larger_half(&events);
        drop(events);
        let failure = match answer {
            Ok(response) => match verdict(&response, Duration::from_secs((self.delivery.now)().unix)) {
                Verdict::Later { retry_after } => {
                    batch.attempted(false);
                    retry_after.map_or(Failure::Server, Failure::Asked)
                }
                verdict => {
                    match verdict {
                        Verdict::Delivered => {
                            // The first answer says that the server is well; those that follow say nothing new.
                            if !self.taken || self.requests == 1 {
                                self.delivery.breaker.succeeded(backlog.parent());
                            }
                            self.taken = true;
                        }
                        Verdict::Halve if sent > 1 => {
                            self.refused = true;
                            self.delivery.breaker.too_large(backlog.parent(), half, (self.delivery.now)());
                            self.fits = Some(self.fits.map_or(half, |fits| fits.min(half)));
                        }
                        _ => {
                            self.refused = true;
                            self.refused_events += sent;
                        }
                    }
                    return self.answered(backlog, batch, sent, verdict, &response);
                }
            },
            Err(TransportError::Cancelled) => {
                batch.attempted(true);
                backlog.put_back(batch, self.delivery.tally);
                return Some(Ended::Stopped);
            }
            Err(error) => {
                batch.attempted(error == TransportError::Unknown);
                if error == TransportError::Blocked { Failure::Blocked } else { Failure::Network }
            }
        };
        self.failed = true;
        let wait = self.delivery.breaker.failed(backlog.parent(), failure, (self.delivery.now)());
        backlog.put_back(batch, self.delivery.tally);
        Some(Ended::Later(wait))
    }

    /// The server has decided about a batch.
    fn answered(
        &self,
        backlog: &mut Backlog,
        batch: Batch,
        sent: u64,
        verdict: Verdict,
        response: &Response,
    ) -> Option<Ended> {
        let tally = self.delivery.tally;
        // A program with a guard does not end between the disk and the ledger.
        let _ending = ending::end_of_batch();
        match verdict {
            Verdict::Delivered => {
                let partly = Partly { tally, rejected: response.rejected().min(sent) };
                backlog.finish(batch, Outcome::Sent, sent, &partly);
                None
            }
            Verdict::Gone => {
                backlog.finish(batch, Outcome::Rejected, sent, tally);
                Some(Ended::Gone)
            }
            Verdict::Halve if batch.len() > 1 => {
                backlog.halve(batch, self.delivery.tally);
                None
            }
            Verdict::Refused | Verdict::Halve | Verdict::Later { .. } => {
                backlog.finish(batch, Outcome::Rejected, sent, tally);
                None
            }
        }
    }

    /// The events of a batch that the user agrees to: the same at every attempt, unless the user decides otherwise.
    fn agreed<'b>(&self, batch: &'b Batch) -> Vec<&'b [u8]> {
        batch.frames().filter(|frame| self.delivery.permission.agrees(&frame.digest)).map(|frame| frame.body).collect()
    }

    /// Tells the user what left this machine.
    fn log(
        &mut self,
        backlog: &Backlog,
        batch: &Batch,
        request: &Request,
        events: &[&[u8]],
        answer: &Result<Response, TransportError>,
    ) {
        let now = (self.delivery.now)().unix;
        let end = match answer {
            Ok(response) => match verdict(response, Duration::from_secs(now)) {
                Verdict::Delivered => End::Confirmed,
                Verdict::Later { .. } => End::Later,
                Verdict::Halve if events.len() > 1 => End::TooLarge,
                Verdict::Refused | Verdict::Halve | Verdict::Gone => End::Refused,
            },
            Err(TransportError::NotSent | TransportError::Blocked) => return, // Nothing has left.
            Err(_) => End::Unknown,
        };
        let entry = Entry {
            at: format::hour_rfc3339(now / 3_600),
            url: request.url().split('?').next().unwrap_or_default(),
            key: batch.key(),
            end,
            status: answer.as_ref().ok().map(Response::status),
            events,
            list: spooled::wire_of(batch.kind()).and_then(|wire| format::listed(wire, request)),
        };
        self.log.append(backlog.parent(), &entry);
    }
}

/// The bytes of events in a request, with the commas between them.
fn bytes(events: &[&[u8]]) -> u64 {
    events.iter().map(|event| event.len() as u64 + 1).sum()
}

/// The bytes of the larger half when a request is halved.
fn larger_half(events: &[&[u8]]) -> u64 {
    let (first, second) = events.split_at_checked(events.len() / 2).unwrap_or((events, &[]));
    bytes(first).max(bytes(second))
}

/// Counts some of the events that a server confirmed as rejected, because it said so.
struct Partly<'a> {
    tally: &'a dyn Tally,
    rejected: u64,
}

impl Tally for Partly<'_> {
    fn count(&self, outcome: Outcome, events: u64) {
        if outcome == Outcome::Sent {
            self.tally.count(Outcome::Rejected, self.rejected);
            self.tally.count(Outcome::Sent, events.saturating_sub(self.rejected));
        } else {
            self.tally.count(outcome, events);
        }
    }

    fn recover(&self, events: u64) {
        self.tally.recover(events);
    }

    fn end_elsewhere(&self, events: u64) {
        self.tally.end_elsewhere(events);
    }
}

#[cfg(all(test, unix))]
mod tests;
