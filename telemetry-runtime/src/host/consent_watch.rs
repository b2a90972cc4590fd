//! Tells a host that the user's decision has changed, wherever that happened.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

#[cfg(native)]
use crate::{
    Consent,
    base::{
        effects::{self, Effect},
        limits::CONSENT_WATCH,
        process::{self, Inside},
    },
    declare::sdk::Sdk,
    host::veto,
};

/// What [`Sdk::on_consent_change`](crate::Sdk::on_consent_change) returns. Dropping it ends the watch: a call that has begun goes on,
/// and none begins afterwards.
#[derive(Debug)]
#[must_use = "dropping it ends the watch"]
pub struct ConsentWatch {
    ended: Arc<AtomicBool>,
}

impl ConsentWatch {
    #[cfg(compiled_out)]
    pub(crate) fn of_nothing() -> Self {
        Self { ended: Arc::new(AtomicBool::new(true)) }
    }

    /// A watch, and what says whether it has ended.
    #[cfg(not(compiled_out))]
    pub(crate) fn begin() -> (Self, Arc<AtomicBool>) {
        let ended = Arc::new(AtomicBool::new(false));
        (Self { ended: Arc::clone(&ended) }, ended)
    }
}

impl Drop for ConsentWatch {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
    }
}

#[cfg(native)]
impl Sdk {
    /// Calls `changed` within a second whenever the user's stored decision is another one, for hosts with a switch of their own: by
    /// `acme telemetry off`, by `telemetry-ctl`, by another program with this SDK, or by [`Sdk::set_consent`] in this one. `None` means
    /// that the user is undecided again. The decision holds in this program by then, also a yes. A decision that cannot be read is [`Consent::Off`].
    ///
    /// It is called on a thread of its own, which looks at the state folder twice a second until the watch is dropped. In the
    /// child of a fork there is no such thread. An `erase` stores a no while it lasts, so it may be told as [`Consent::Off`] and then as `None`.
    /// After it a yes holds here again, in a folder of its own. Nothing is called for what the decision is at the beginning.
    pub fn on_consent_change(&self, mut changed: impl FnMut(Option<Consent>) + Send + 'static) -> ConsentWatch {
        let _inside = Inside::enter();
        let (watch, ended) = ConsentWatch::begin();
        let Some(folder) = self.folder() else { return watch };
        let sdk = *self;
        let mut known = folder.decision().counts_as();
        effects::note(Effect::Threads);
        // Without a thread there is nobody to tell; the decision itself holds all the same.
        let _ = process::spawn("telemetry-watch", move || {
            while !ended.load(Ordering::SeqCst) {
                std::thread::sleep(CONSENT_WATCH);
                let now = folder.decision().counts_as();
                if now != known && !ended.load(Ordering::SeqCst) {
                    known = now;
                    // A no is seen by whoever writes; nobody else looks for a yes.
                    if matches!(now, Some(Consent::On | Consent::Local)) {
                        veto::begin_again(sdk);
                    }
                    process::outside(|| changed(now));
                }
            }
        });
        watch
    }
}
