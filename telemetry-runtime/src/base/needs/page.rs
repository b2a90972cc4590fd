//! What only some declarations need; the same names as in `needs.rs`. A page counts every byte, so it has what its declarations and its
//! host need, and nothing else: a declaration holds the address of a function that says what it needs. Where none is linked that needs
//! something, nothing ever says so, and the compiler finds out that the question is always answered with no.

use std::sync::atomic::{AtomicBool, Ordering};

/// A question, and what makes the answer to it a yes.
macro_rules! needs {
    ($($(#[$doc:meta])* $what:ident $need:ident $FLAG:ident;)*) => {
        $(
            static $FLAG: AtomicBool = AtomicBool::new(false);

            $(#[$doc])*
            #[inline]
            pub(crate) fn $what() -> bool {
                $FLAG.load(Ordering::Relaxed)
            }

            #[inline]
            pub(crate) fn $need() {
                $FLAG.store(true, Ordering::Relaxed);
            }
        )*
    };
}

needs! {
    /// Text that is looked through before it is sent.
    free_text need_free_text FREE_TEXT;
    pseudonyms need_pseudonyms PSEUDONYMS;
    /// Types of fields that are neither booleans, whole numbers with a range nor enums.
    rarer_types need_rarer_types RARER_TYPES;
    /// What the notice has words for beside the names of events: what may be personal or tell one installation from another.
    remarkable need_remarkable REMARKABLE;
    /// Words of the notice in which something may have to be spelled out: see `telemetry_schema::shown`.
    cleaning need_cleaning CLEANING;
    /// Events with a level.
    levels need_levels LEVELS;
    /// What its caller writes: commands, and events of an SDK with `write_on: Caller`.
    at_once need_at_once AT_ONCE;
    /// Events of `kind = Counter`.
    counters need_counters COUNTERS;
    /// `active: Daily`.
    active_days need_active_days ACTIVE_DAYS;
    /// `health: Daily`, and what it tells of: the ledger over all pages.
    health need_health HEALTH;
    /// Requests whose address carries the payload.
    addresses need_addresses ADDRESSES;
    otlp need_otlp OTLP;
    /// Requests whose key is a header: all but those of our own format.
    headers need_headers HEADERS;
    /// `Options::debug`.
    debug need_debug DEBUG;
    /// `Options::loopback` and `Options::loopback_port`.
    loopback need_loopback LOOPBACK;
}

/// What a declaration needs: functions that say so. `pipeline/needs_page.rs` finds them.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Needs(pub(crate) fn(), pub(crate) fn(), pub(crate) fn());

impl Needs {
    /// Nothing.
    pub(crate) const NOTHING: Self = Self(nothing, nothing, nothing);

    /// From now on this is needed.
    pub(crate) fn note(self) {
        (self.0)();
        (self.1)();
        (self.2)();
    }
}

pub(crate) const fn nothing() {}
