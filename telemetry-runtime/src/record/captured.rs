use std::{
    cell::RefCell,
    sync::{Mutex, MutexGuard, PoisonError, atomic::Ordering},
};

use crate::{
    base::process::Inside,
    declare::{
        registry::{self, all_sdks},
        sdk::CAPTURES,
        sdk::meta::EventMeta,
        sink::Payload,
    },
    record::events,
    wire::render,
};

/// Held by [`capture_process`]: only one test at a time may see the events of all threads.
static PROCESS: Mutex<()> = Mutex::new(());

static FROM_ALL_THREADS: Mutex<Option<Vec<RecordedEvent>>> = Mutex::new(None);

thread_local! {
    /// The captures of this thread, the innermost last.
    static FROM_THIS_THREAD: RefCell<Vec<Vec<RecordedEvent>>> = const { RefCell::new(Vec::new()) };
}

/// One event as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedEvent {
    key: String,
    sdk: String,
    event: String,
    discriminant: Option<String>,
    payload: String,
}

impl RecordedEvent {
    /// The SDK it belongs to.
    pub fn sdk(&self) -> &str {
        &self.sdk
    }

    /// The name that is sent.
    pub fn event(&self) -> &str {
        &self.event
    }

    /// Which component or method.
    pub fn discriminant(&self) -> Option<&str> {
        self.discriminant.as_deref()
    }

    /// The payload as JSON, in the order of the record.
    pub fn payload(&self) -> &str {
        &self.payload
    }
}

/// The events that were recorded during a capture, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded(Vec<RecordedEvent>);

impl Recorded {
    /// All events.
    pub fn events(&self) -> &[RecordedEvent] {
        &self.0
    }

    /// The one event that was recorded.
    ///
    /// # Panics
    ///
    /// If there was none or more than one; the message lists them.
    #[track_caller]
    #[expect(clippy::panic, reason = "an assertion for tests")]
    pub fn only(&self) -> &RecordedEvent {
        match self.0.as_slice() {
            [event] => event,
            events => panic!("expected exactly one event, recorded {}: {events:#?}", events.len()),
        }
    }

    /// Asserts that no event was recorded.
    ///
    /// # Panics
    ///
    /// If there was one; the message lists them.
    #[track_caller]
    #[expect(clippy::panic, reason = "an assertion for tests")]
    pub fn assert_none(&self) {
        if !self.0.is_empty() {
            panic!("expected no event, recorded {}: {:#?}", self.0.len(), self.0);
        }
    }
}

/// Runs `code` and returns the events that this thread recorded meanwhile, past gate, sampling and throttle.
///
/// They go nowhere else. Other threads are not disturbed, so tests may run side by side. Captures nest; the innermost
/// one gets the events.
///
/// # Panics
///
/// If an event would never be recorded outside of a test, because another event of this program has its key and says
/// something else (`Registry::conflicts`); the message says where both are.
#[track_caller]
pub fn capture(code: impl FnOnce()) -> Recorded {
    let open = OpenCapture::begin();
    let pop = PopOnDrop::push();
    code();
    let _inside = Inside::enter();
    let events = FROM_THIS_THREAD.with_borrow_mut(|captures| captures.last_mut().map(std::mem::take));
    drop(pop);
    drop(open);
    without_conflicts(events.unwrap_or_default())
}

/// As [`capture`], for the events of all threads of the process that are in no capture of their own. One at a time:
/// others wait.
///
/// # Panics
///
/// As [`capture`].
#[track_caller]
pub fn capture_process(code: impl FnOnce()) -> Recorded {
    let one_at_a_time = PROCESS.lock().unwrap_or_else(PoisonError::into_inner);
    let open = OpenCapture::begin();
    *from_all_threads() = Some(Vec::new());
    let close = CloseOnDrop;
    code();
    let _inside = Inside::enter();
    let events = from_all_threads().take();
    drop(close);
    drop(open);
    drop(one_at_a_time);
    without_conflicts(events.unwrap_or_default())
}

/// The events of a capture, unless the dispatcher would drop one of them as `conflict`: a test must not see what no user's
/// program records.
#[track_caller]
#[expect(clippy::panic, reason = "an assertion for tests")]
fn without_conflicts(events: Vec<RecordedEvent>) -> Recorded {
    let conflicts = registry::conflicting_keys();
    if let Some(event) = events.iter().find(|event| conflicts.contains(&event.key)) {
        let places = registry::places_of(&event.key).join(" and ");
        panic!(
            "`{}` would never be recorded outside of this test: this program has several events under this key, at {places}, \
             that say different things, or its wire format has room for one event; give one of them another name",
            event.key
        );
    }
    Recorded(events)
}

fn from_all_threads() -> MutexGuard<'static, Option<Vec<RecordedEvent>>> {
    FROM_ALL_THREADS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Shows every SDK's callers that they are to ask, for as long as it lives; also when the test panics.
struct OpenCapture;

impl OpenCapture {
    fn begin() -> Self {
        let _inside = Inside::enter();
        CAPTURES.fetch_add(1, Ordering::SeqCst);
        all_sdks().into_iter().for_each(|sdk| sdk.state.show_mode());
        Self
    }
}

impl Drop for OpenCapture {
    fn drop(&mut self) {
        let _inside = Inside::enter();
        CAPTURES.fetch_sub(1, Ordering::SeqCst);
        all_sdks().into_iter().for_each(|sdk| sdk.state.show_mode());
    }
}

struct PopOnDrop;

impl PopOnDrop {
    fn push() -> Self {
        let _inside = Inside::enter();
        FROM_THIS_THREAD.with_borrow_mut(|captures| captures.push(Vec::new()));
        Self
    }
}

impl Drop for PopOnDrop {
    fn drop(&mut self) {
        let _inside = Inside::enter();
        FROM_THIS_THREAD.with_borrow_mut(Vec::pop);
    }
}

struct CloseOnDrop;

impl Drop for CloseOnDrop {
    fn drop(&mut self) {
        let _inside = Inside::enter();
        *from_all_threads() = None;
    }
}

/// Whether an event of this thread belongs to a capture.
pub(crate) fn captures_this_thread() -> bool {
    FROM_THIS_THREAD.try_with(|captures| !captures.borrow().is_empty()).unwrap_or(false) || from_all_threads().is_some()
}

/// Gives an event to the capture it belongs to; `false` if there is none.
pub(crate) fn capture_event(meta: &'static EventMeta, payload: Payload<'_>) -> bool {
    let _inside = Inside::enter();
    let slot = match meta.slot.load(Ordering::Acquire) {
        0 => events::register(meta),
        slot => slot,
    };
    let Some((_, descriptor)) = events::at(slot) else { return false };
    let mut pseudonyms = |_: &str, _: &[u8; 32]| "(pseudonym)".to_owned();
    let Some(payload) = render::payload(&descriptor.fields, payload.bytes(), &mut pseudonyms) else { return false };
    let event = RecordedEvent {
        key: descriptor.key(),
        sdk: descriptor.sdk.clone(),
        event: descriptor.event.clone(),
        discriminant: descriptor.discriminant.clone(),
        payload,
    };
    let rest = FROM_THIS_THREAD.try_with(|captures| match captures.borrow_mut().last_mut() {
        Some(events) => {
            events.push(event.clone());
            true
        }
        None => false,
    });
    if rest == Ok(true) {
        return true;
    }
    match from_all_threads().as_mut() {
        Some(events) => {
            events.push(event);
            true
        }
        None => false,
    }
}
