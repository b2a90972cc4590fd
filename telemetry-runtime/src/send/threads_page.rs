//! The senders of a page: one request at a time for all SDKs, and what comes of each in a task of its own; the same names as in
//! `threads.rs`.

#[path = "page/with_headers.rs"]
pub(crate) mod with_headers;

use std::{
    rc::Rc,
    sync::{
        Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use telemetry_schema::{Wire, cut};

use crate::{
    base::{
        clock::{self, Instant},
        effects::{self, Effect},
        limits::{PAGE_REQUEST_TIMEOUT, REFUSED_EVENTS, REQUESTS, UPLOADS_WINDOW},
        page::{self, Fetch, Fetched},
        process::{self, Inside},
    },
    count::ledger::Outcome,
    decide::{loopback, pause_text::StatusPause, settings},
    declare::{
        per_sdk::PerSdk,
        registry::all_sdks,
        sdk::Sdk,
        transport::{Method, Request, Response},
    },
    send::{
        delivery::{self, Breaker, Failure, Now, Verdict, Why, verdict},
        rejected::rejected,
    },
    write::{
        files::state_dir::SdkDir,
        page_spool::{self, Outgoing},
        writer::{self, Agreed},
    },
};

static SENDERS: PerSdk<Mutex<Sender>> = PerSdk::new(|| Mutex::new(Sender::new()), |_| Mutex::new(Sender::new()));

/// A request is on its way.
static IN_FLIGHT: AtomicBool = AtomicBool::new(false);

/// What one SDK has sent in this page.
struct Sender {
    /// Who wants the next upload, if somebody does.
    wanted: Option<Why>,
    /// When to look again by itself.
    again: Option<Instant>,
    breaker: Option<Breaker>,
    upload: Option<Upload>,
}

/// Requests that follow each other.
#[derive(Debug, Default)]
struct Upload {
    requests: u32,
    /// Events that the server has refused for good.
    refused_events: u64,
    /// Whether the server has taken any.
    taken: bool,
}

impl Sender {
    const fn new() -> Self {
        Self { wanted: None, again: None, breaker: None, upload: None }
    }

    fn breaker(&mut self, sdk: Sdk) -> &mut Breaker {
        self.breaker.get_or_insert_with(|| Breaker::new(&writer::breaker_entry(sdk), clock::instant()))
    }
}

fn of(sdk: Sdk) -> MutexGuard<'static, Sender> {
    process::lock(SENDERS.of(sdk))
}

/// Sends what this SDK has; `at_once` waits for the breaker and for nothing else.
pub(crate) fn notify(sdk: Sdk, at_once: bool) {
    let why = if at_once { Why::Asked } else { Why::Waiting };
    {
        let mut sender = of(sdk);
        if sender.wanted != Some(Why::Asked) {
            sender.wanted = Some(why);
        }
    }
    next();
}

/// Sends the next request of whoever has one, unless one is on its way.
fn next() {
    for sdk in all_sdks() {
        if IN_FLIGHT.load(Ordering::SeqCst) {
            return;
        }
        let Some(why) = of(sdk).wanted.take() else { continue };
        if let Some(wait) = try_send(sdk, why) {
            look_again(sdk, wait);
        }
    }
}

/// Looks again after this time; an earlier look stands.
fn look_again(sdk: Sdk, wait: Duration) {
    let at = clock::instant() + wait;
    let mut sender = of(sdk);
    sender.upload = None;
    sender.again = Some(sender.again.map_or(at, |again| again.min(at)));
    drop(sender);
    page::after(wait, || {
        let _inside = Inside::enter();
        for sdk in all_sdks() {
            let due = of(sdk).again.take_if(|at| *at <= clock::instant()).is_some();
            if due {
                notify(sdk, false);
            }
        }
    });
}

/// Sends one request; answers how long to wait where it is not the time.
fn try_send(sdk: Sdk, why: Why) -> Option<Duration> {
    let outgoing = writer::of(sdk).outgoing(sdk)?;
    // A notice was shown in this page: that holds for whoever asks as well.
    if let Some(at) = outgoing.send_after.filter(|at| *at > clock::instant()) {
        return Some(at.saturating_duration_since(clock::instant()));
    }
    if page::is_offline() {
        return None; // An attempt would fail, and everybody would wait for it. The worker looks again when the network is back.
    }
    let (dir, agreed) = (&*outgoing.dir, &*outgoing.agreed);
    let begun = of(sdk).upload.is_some();
    if !begun && let Some(wait) = of(sdk).breaker(sdk).wait(dir, why, now()) {
        return Some(wait);
    }
    let batch = next_batch(sdk, agreed)?;
    let request = request(sdk, &batch)?;
    if !outgoing.permit.holds() {
        return None;
    }
    if !begun {
        if let Some(wait) = of(sdk).breaker(sdk).begin(dir, why, now()) {
            return Some(wait); // Another page was quicker.
        }
        of(sdk).upload = Some(Upload::default());
    }
    if let Some(upload) = &mut of(sdk).upload {
        upload.requests += 1;
    }
    // Before the answer can come: a page that goes away now leaves a batch that was tried.
    let noted = writer::of(sdk).spool(|spool, dir| spool.begin_attempt(dir, &batch.key, sdk.info.wire));
    if noted != Some(true) {
        of(sdk).upload = None;
        return None;
    }
    IN_FLIGHT.store(true, Ordering::SeqCst);
    effects::note(Effect::Requests);
    let fetch = Fetch {
        method: request.method().as_str(),
        url: request.url(),
        headers: request.headers(),
        // All of it was rendered here, and is text.
        body: str::from_utf8(request.body()).ok().filter(|body| !body.is_empty()),
        longest: PAGE_REQUEST_TIMEOUT,
    };
    let (key, events) = (batch.key, batch.bodies.len() as u64);
    let done: Rc<dyn Fn(Fetched)> = Rc::new(move |fetched| {
        let _inside = Inside::enter();
        settle(sdk, &key, events, fetched);
    });
    if page::send(&fetch, Rc::clone(&done)).is_err() {
        done(Fetched::Failed);
    }
    None
}

/// What the next request carries; nothing is left to send ends the upload.
fn next_batch(sdk: Sdk, agreed: &Agreed) -> Option<Outgoing> {
    let batch = writer::of(sdk).next_batch(sdk, agreed);
    if batch.is_none() {
        of(sdk).upload = None;
    }
    batch
}

/// What a page sends. The format of our own goes as text with its key in the body, so that no browser asks the server first; where each
/// byte is the one that a server knows, key and day stay headers.
fn request(sdk: Sdk, batch: &Outgoing) -> Option<Request> {
    let wire = sdk.info.wire;
    let endpoint = loopback::endpoint(sdk.info, &settings::of(sdk).options);
    if wire == (Wire::EventBatch { strict: false }) {
        let headers = vec![("content-type".to_owned(), "text/plain;charset=UTF-8".to_owned())];
        let mut body = cut::joined(&["{\"key\":\"", &batch.key, "\",\"events\":["]);
        for (place, event) in batch.bodies.iter().enumerate() {
            body.push_str(if place == 0 { "" } else { "," });
            body.push_str(event);
        }
        body.push_str("]}");
        return Some(Request::new(Method::Post, endpoint + wire.format().path, headers, body.into_bytes()));
    }
    // Without it no SDK of this page has another format.
    with_headers::needed()?(wire, &endpoint, batch)
}

/// The requests that the next upload would make, with the bytes that the server would receive; the browser adds its own headers.
pub(crate) fn preview(sdk: Sdk) -> Vec<Request> {
    let planned = writer::of(sdk).planned(sdk, REQUESTS as usize);
    planned.iter().filter_map(|batch| request(sdk, batch)).collect()
}

/// The request has come to its end.
fn settle(sdk: Sdk, key: &str, events: u64, fetched: Fetched) {
    IN_FLIGHT.store(false, Ordering::SeqCst);
    let wait = answered(sdk, key, events, fetched);
    match wait {
        Some(wait) => look_again(sdk, wait),
        None => {
            let mut sender = of(sdk);
            sender.wanted = sender.upload.is_some().then_some(Why::Asked).or(sender.wanted);
        }
    }
    next();
}

/// What the answer means; answers how long to wait, where the next request may not follow.
fn answered(sdk: Sdk, key: &str, events: u64, fetched: Fetched) -> Option<Duration> {
    // After a no that another page has stored meanwhile nothing is written, neither of the batch nor of the pauses.
    if !writer::of(sdk).is_still_open(sdk) {
        of(sdk).upload = None;
        return None;
    }
    let ledger = &sdk.state.ledger;
    let finish = |outcome, rejected| {
        writer::of(sdk).spool(|spool, dir| spool.finish(dir, key, outcome, rejected, ledger));
    };
    let dir = SdkDir::of(sdk.info.name).ok()?;
    let once = page_spool::is_sent_once(sdk.info.wire);
    let failure = match fetched {
        Fetched::Failed if once => {
            finish(Outcome::Unknown, 0);
            Failure::Network
        }
        Fetched::Failed => Failure::Network,
        Fetched::Answered(status, retry_after, body) => {
            let response = Response::new(status).with_rejected(rejected(&body));
            let response = match retry_after {
                Some(value) => response.with_retry_after(value),
                None => response,
            };
            match verdict(&response, Duration::from_secs(clock::now_seconds())) {
                Verdict::Later { .. } if once => {
                    finish(Outcome::Rejected, 0);
                    Failure::Server
                }
                Verdict::Later { retry_after } => retry_after.map_or(Failure::Server, Failure::Asked),
                Verdict::Gone => {
                    finish(Outcome::Rejected, 0);
                    writer::of(sdk).mark_gone(sdk);
                    of(sdk).upload = None;
                    return None;
                }
                Verdict::Delivered => {
                    finish(Outcome::Sent, response.rejected());
                    return taken(sdk, &dir);
                }
                Verdict::Halve if events > 1 => {
                    writer::of(sdk).spool(|spool, dir| spool.halve(dir, key, ledger));
                    return refused(sdk, &dir, 0);
                }
                Verdict::Refused | Verdict::Halve => {
                    finish(Outcome::Rejected, 0);
                    return refused(sdk, &dir, events);
                }
            }
        }
    };
    Some(of(sdk).breaker(sdk).failed(&dir, failure, now()))
}

/// The server is well.
fn taken(sdk: Sdk, dir: &SdkDir) -> Option<Duration> {
    let mut sender = of(sdk);
    let first = sender.upload.as_mut().is_none_or(|upload| !std::mem::replace(&mut upload.taken, true));
    if first {
        sender.breaker(sdk).succeeded(dir);
    }
    None
}

/// The server has refused so many events for good, or a request as too large.
fn refused(sdk: Sdk, dir: &SdkDir, events: u64) -> Option<Duration> {
    let mut sender = of(sdk);
    let upload = sender.upload.get_or_insert_default();
    upload.refused_events += events;
    if upload.requests < REQUESTS && upload.refused_events < REFUSED_EVENTS {
        return None;
    }
    if upload.taken {
        return Some(UPLOADS_WINDOW);
    }
    Some(sender.breaker(sdk).failed(dir, Failure::Refused, now()))
}

/// The clocks and the dice of this page. Without random numbers every pause is the longest: slower, never a rush.
fn now() -> Now {
    Now { unix: clock::now_seconds(), at: clock::instant(), random: || getrandom::u32().unwrap_or(u32::MAX) }
}

/// Why nothing is sent at this moment although it might be, and for how long, if that is so.
pub(crate) fn why_paused(sdk: Sdk, dir: Option<&SdkDir>) -> Option<StatusPause> {
    delivery::describe(dir?, &writer::breaker_entry(sdk), clock::now_seconds())
}
