//! The sender: one thread per process, started when there is something to send.
//!
//! It owns the transports, and with them the HTTP client and its runtime, from making them to dropping them; no other
//! thread ever waits for it. A request in flight ends with the process: the batch stays on disk under the same key.

use std::{
    collections::HashMap,
    collections::HashSet,
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use super::{
    clock,
    delivery::{Breaker, Delivery, Ended, Now, Permission, Target, Why, deliver},
    lane::{self, Outgoing},
    storage::{Backlog, Digest},
    worker,
};
use crate::{
    activity::{self, Effect},
    control,
    gate::{self, Grant},
    process::{self, PerProcess},
    sdk::Sdk,
    transport::{self, Cancel, Request, Response, Transport, TransportError},
    veto::all_sdks,
};

/// There may be something to send that the sender has not seen.
static READY: AtomicBool = AtomicBool::new(false);

static ORDERS: PerProcess<Orders> = PerProcess::new(Orders::new(), |_| Orders::new());

struct Orders {
    inner: Mutex<Order>,
    changed: Condvar,
}

struct Order {
    started: bool,
    /// It could not be started, or a transport panicked: everything waits on disk for a later run.
    failed: bool,
    /// Its thread is gone, and with it all that it held.
    ended: bool,
    wanted: bool,
    /// The ticket of a flush that waits for the next round.
    flush: Option<u64>,
    /// The ticket of the flush that this round is for.
    serving: Option<u64>,
}

impl Orders {
    const fn new() -> Self {
        let order = Order { started: false, failed: false, ended: false, wanted: false, flush: None, serving: None };
        Self { inner: Mutex::new(order), changed: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, Order> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A lane has something to send; the worker passes it on.
pub(super) fn ready() {
    READY.store(true, Ordering::Release);
}

/// Starts or wakes the sender if there is something to send, or for a flush.
pub(super) fn notify(flush: Option<u64>) {
    // A flush serves what is ready, too: a second round right after it would burn an attempt.
    let ready = READY.swap(false, Ordering::AcqRel);
    if flush.is_none() && !ready {
        return;
    }
    let mut order = ORDERS.lock();
    order.wanted = true;
    order.flush = flush.or(order.flush);
    if !order.started {
        activity::note(Effect::Threads);
        order.started = true;
        order.failed = process::spawn("telemetry-send", run).is_err();
        order.ended = order.failed;
    }
    if order.failed {
        // A flush must not wait for a thread that is not there.
        order.flush.take().into_iter().for_each(worker::flushed);
    }
    ORDERS.changed.notify_all();
}

/// Says, when the thread ends, that nobody sends any more. A transport that an SDK brought along may panic: that ends the
/// sending of this process, and no flush may wait for it.
struct EndOfSender;

impl Drop for EndOfSender {
    fn drop(&mut self) {
        let mut order = ORDERS.lock();
        order.failed = true;
        order.ended = true;
        let tickets = [order.serving.take(), order.flush.take()];
        drop(order);
        tickets.into_iter().flatten().for_each(worker::flushed);
        worker::look_again();
    }
}

/// The clocks were moved: a wait may be over.
#[cfg(feature = "testing")]
pub(super) fn clock_moved() {
    let _order = ORDERS.lock();
    ORDERS.changed.notify_all();
}

/// In a forked child: the sender is the parent's.
pub(super) fn leave_to_parent() {
    READY.store(false, Ordering::SeqCst);
}

/// After `shutdown`: lets the thread end, and with it the connections and files that it holds.
pub(super) fn end() {
    let mut order = ORDERS.lock();
    order.wanted = true;
    drop(order);
    ORDERS.changed.notify_all();
}

/// Whether there is no such thread, because it ended or was never needed.
pub(super) fn has_ended() -> bool {
    let order = ORDERS.lock();
    !order.started || order.ended
}

fn run() {
    // Dropped last, when everything else that this function holds is gone.
    let _end = EndOfSender;
    let mut destinations: HashMap<*const crate::sdk::SdkInfo, Destination> = HashMap::new();
    let mut again: Option<Instant> = None;
    loop {
        let flush = wait(again);
        if control::is_shut_down() {
            return; // `_end` answers whoever still waits.
        }
        again = None;
        for sdk in all_sdks() {
            if let Some(at) = serve(&mut destinations, sdk, flush.is_some()) {
                again = Some(again.map_or(at, |again| again.min(at)));
            }
        }
        // Whoever waited for the flush may end the program now.
        lane::save_ledgers(flush.is_some(), false);
        ORDERS.lock().serving = None;
        flush.into_iter().for_each(worker::flushed);
    }
}

/// Sends what one SDK has; answers when to look again, if there is a time.
fn serve(
    destinations: &mut HashMap<*const crate::sdk::SdkInfo, Destination>,
    sdk: Sdk,
    for_flush: bool,
) -> Option<Instant> {
    let outgoing = sdk.state.lane().outgoing(sdk)?;
    let send_after = outgoing.send_after;
    let destination = keep_backlog(destinations, sdk, outgoing)?;
    // A notice was shown in this run: that holds for a flush as well.
    if let Some(at) = send_after.filter(|at| *at > clock::instant()) {
        return Some(at);
    }
    let why = if for_flush { Why::Asked } else { Why::Waiting };
    match destination.deliver(why) {
        Ended::Gone => {
            sdk.state.lane().mark_gone(sdk);
            None
        }
        Ended::Later(wait) => clock::instant().checked_add(wait),
        Ended::Stopped | Ended::Empty => None,
    }
}

/// Waits for an order, or until `again`; answers with the ticket of a flush.
fn wait(again: Option<Instant>) -> Option<u64> {
    let mut order = ORDERS.lock();
    while !order.wanted {
        match again {
            None => order = ORDERS.changed.wait(order).unwrap_or_else(PoisonError::into_inner),
            Some(at) => {
                let left = at.saturating_duration_since(clock::instant());
                if left.is_zero() {
                    break;
                }
                order = ORDERS.changed.wait_timeout(order, left).unwrap_or_else(PoisonError::into_inner).0;
            }
        }
    }
    order.wanted = false;
    order.serving = order.flush.take();
    order.serving
}

/// Where the batches of one SDK go. It cannot be made without a [`Grant`], and it asks the grant before every request.
struct Destination {
    sdk: Sdk,
    consent: AgreedBy,
    backlog: Backlog,
    transport: Noted,
    cancel: Cancel,
    endpoint: String,
    user_agent: String,
    breaker: Breaker,
}

/// Hands what a lane gave out to the SDK's destination, and makes that on first use.
fn keep_backlog(
    destinations: &mut HashMap<*const crate::sdk::SdkInfo, Destination>,
    sdk: Sdk,
    outgoing: Outgoing,
) -> Option<&mut Destination> {
    let Outgoing { grant, backlog, agreed, .. } = outgoing;
    let key = std::ptr::from_ref(sdk.info);
    let consent = AgreedBy { grant, agreed };
    match backlog {
        // The state folder was opened, or opened again: the sender starts from what it says now.
        Some(backlog) => {
            let old = destinations.remove(&key);
            let made = Destination::new(sdk, consent, backlog, old)?;
            destinations.insert(key, made);
        }
        None => destinations.get_mut(&key)?.consent = consent,
    }
    destinations.get_mut(&key)
}

impl Destination {
    fn new(sdk: Sdk, consent: AgreedBy, mut backlog: Backlog, old: Option<Self>) -> Option<Self> {
        let endpoint = gate::endpoint(sdk, &sdk.state.settings().options);
        let (transport, breaker) = match old {
            Some(old) if old.endpoint == endpoint => (old.transport, old.breaker),
            Some(old) => (old.transport, Breaker::new(&endpoint, clock::instant())),
            // Without the feature `transport` and without one of the author's, events wait on disk.
            None => {
                let transport = sdk.info.transport.map(|make| make()).or_else(transport::built_in)?;
                (Noted(transport), Breaker::new(&endpoint, clock::instant()))
            }
        };
        backlog.start(clock::now_seconds().saturating_mul(1000), &sdk.state.ledger);
        let grant = consent.grant;
        Some(Self {
            sdk,
            consent,
            backlog,
            transport,
            cancel: Cancel::new(move || !grant.holds()),
            breaker,
            endpoint,
            user_agent: format!(
                "{}/{} telemetry-runtime/{}",
                sdk.info.name,
                sdk.info.version,
                env!("CARGO_PKG_VERSION")
            ),
        })
    }

    /// Sends until nothing is left or one attempt fails.
    fn deliver(&mut self, why: Why) -> Ended {
        deliver(
            &mut self.backlog,
            Delivery {
                target: Target { endpoint: &self.endpoint, user_agent: &self.user_agent },
                permission: &self.consent,
                breaker: &mut self.breaker,
                why,
                transport: &mut self.transport,
                cancel: &self.cancel,
                tally: &self.sdk.state.ledger,
                now: &now,
            },
        )
    }
}

/// The clocks and the dice of this machine. Without random numbers every pause is the longest: slower, never a rush.
pub(super) fn now() -> Now {
    Now { unix: clock::now_seconds(), at: clock::instant(), random: getrandom::u32().unwrap_or(u32::MAX) }
}

/// The gate's word and the user's, as the delivery asks for them.
struct AgreedBy {
    grant: Grant,
    agreed: HashSet<Digest>,
}

impl Permission for AgreedBy {
    fn holds(&self) -> bool {
        self.grant.holds()
    }

    fn agrees(&self, digest: &Digest) -> bool {
        self.agreed.contains(digest)
    }
}

/// A transport whose requests are noted, for tests that assert that there were none.
struct Noted(Box<dyn Transport>);

impl Transport for Noted {
    fn send(&mut self, request: &Request, cancel: &Cancel) -> Result<Response, TransportError> {
        activity::note(Effect::Requests);
        self.0.send(request, cancel)
    }

    fn end_upload(&mut self) {
        self.0.end_upload();
    }
}
