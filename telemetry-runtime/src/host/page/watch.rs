//! Tells the host of a page that the user's decision has changed, wherever that happened; the same names as in `consent_watch.rs`.

use std::{
    mem,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering},
    },
};

use crate::{
    base::{
        limits::CONSENT_WATCH,
        page,
        process::{self, Inside, PerProcess},
    },
    decide::consent::Consent,
    declare::sdk::Sdk,
    host::{consent_watch::ConsentWatch, veto},
    write::files::{
        consent_file::{self, ConsentState},
        state_dir::SdkDir,
    },
};

struct Watch {
    sdk: Sdk,
    known: Option<Consent>,
    ended: Arc<AtomicBool>,
    changed: Box<dyn FnMut(Option<Consent>) + Send>,
}

static WATCHES: PerProcess<Mutex<Vec<Watch>>> = PerProcess::new(Mutex::new(Vec::new()), |_| Mutex::new(Vec::new()));

/// A timer runs, at whose end somebody looks.
static LOOKS: AtomicBool = AtomicBool::new(false);

fn watches() -> MutexGuard<'static, Vec<Watch>> {
    process::lock(&WATCHES)
}

impl Sdk {
    /// Calls `changed` within a second whenever the user's stored decision is another one, in this page or in another one of its origin. `None`
    /// means that the user is undecided again. The decision holds in this page by then, also a yes. A decision that cannot be read is
    /// [`Consent::Off`].
    ///
    /// It is called in a task of its own: a timer looks twice a second until the watch is dropped. Nothing is called for what the decision is at
    /// the beginning.
    pub fn on_consent_change(&self, changed: impl FnMut(Option<Consent>) + Send + 'static) -> ConsentWatch {
        let _inside = Inside::enter();
        let (watch, ended) = ConsentWatch::begin();
        watches().push(Watch { sdk: *self, known: decision(*self), ended, changed: Box::new(changed) });
        look_later();
        watch
    }
}

fn look_later() {
    if !LOOKS.swap(true, Ordering::SeqCst) {
        page::after(CONSENT_WATCH, look);
    }
}

fn look() {
    LOOKS.store(false, Ordering::SeqCst);
    // Whoever is called may begin another watch, or end one.
    let mut all = mem::take(&mut *watches());
    for watch in &mut all {
        let now = decision(watch.sdk);
        if now == watch.known || watch.ended.load(Ordering::SeqCst) {
            continue;
        }
        watch.known = now;
        // A no is seen by whoever writes; nobody else looks for a yes.
        if matches!(now, Some(Consent::On | Consent::Local)) {
            let _inside = Inside::enter();
            veto::begin_again(watch.sdk);
        }
        (watch.changed)(now);
    }
    all.retain(|watch| !watch.ended.load(Ordering::SeqCst));
    let mut begun = watches();
    all.append(&mut begun);
    *begun = all;
    if !begun.is_empty() {
        look_later();
    }
}

/// The stored decision, as it counts.
fn decision(sdk: Sdk) -> Option<Consent> {
    match consent_file::load(&SdkDir::of(sdk.info.name).ok()?) {
        ConsentState::Absent => None,
        ConsentState::Unreadable(_) => Some(Consent::Off),
        ConsentState::Loaded(file) => file.consent,
    }
}
