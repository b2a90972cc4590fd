//! What only some declarations need; the same names as in `needs.rs`. A page counts every byte, so it has what its declarations and its
//! host need, and nothing else: a declaration holds the address of a function that says what it needs. Where none is linked that needs
//! something, nothing ever says so, and the compiler finds out that the question is always answered with no.

use std::sync::atomic::{AtomicBool, Ordering};

use telemetry_schema::{Kind, Wire};

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

/// What the records say of two SDKs that have one name and send to different places. Where no record is read, each event belongs to the SDK
/// that its static names.
#[inline]
pub(crate) const fn same_names() -> bool {
    false
}

/// What a declaration needs.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Needs(fn(), fn(), fn());

/// The types of fields that every page knows, as records have them behind `"type":`.
const PLAIN: [&[u8]; 3] = [b"\"bool\"", b"{\"int\"", b"{\"enum\""];

impl Needs {
    /// What an event needs, by its record.
    pub(crate) const fn of_event(kind: Kind, record: &[u8]) -> Self {
        let (mut text, mut pseudonym, mut rarer) = (false, false, false);
        let mut rest = record;
        while let [first, others @ ..] = rest {
            // Within the texts of an author each quote has a backslash before it.
            if *first == b'"' {
                text |= matches!(others, [b't', b'e', b'x', b't', b'"', b':', b'{', ..]);
                pseudonym |= matches!(others, [b'p', b's', b'e', b'u', b'd', b'o', b'n', b'y', b'm', b'"', ..]);
                if let [b't', b'y', b'p', b'e', b'"', b':', of @ ..] = others {
                    rarer |= !is_plain(of);
                }
            }
            rest = others;
        }
        let counter: fn() = if matches!(kind, Kind::Counter) { need_counters } else { nothing };
        Self(
            counter,
            match (text, pseudonym) {
                (false, false) => nothing,
                (true, false) => need_free_text,
                (false, true) => need_pseudonyms,
                (true, true) => || {
                    need_free_text();
                    need_pseudonyms();
                },
            },
            if rarer { need_rarer_types } else { nothing },
        )
    }

    /// What an SDK needs.
    pub const fn of_sdk(wire: Wire, is_active: bool, has_health: bool) -> Self {
        let wire: fn() = match wire {
            Wire::EventBatch { strict: false } => nothing,
            Wire::EventBatch { strict: true } | Wire::Report => need_headers,
            Wire::Otlp => || {
                need_headers();
                need_otlp();
            },
            Wire::Beacon => || {
                need_headers();
                need_addresses();
            },
        };
        Self(
            wire,
            match (is_active, has_health) {
                (false, false) => nothing,
                (true, false) => need_active_days,
                (false, true) => need_health,
                (true, true) => || {
                    need_active_days();
                    need_health();
                },
            },
            // The events that it declares itself have whatever type there is.
            if is_active || has_health { need_rarer_types } else { nothing },
        )
    }

    /// From now on this is needed.
    pub(crate) fn note(self) {
        (self.0)();
        (self.1)();
        (self.2)();
    }
}

/// Whether a type is one of [`PLAIN`], or that or none.
const fn is_plain(of: &[u8]) -> bool {
    let of = match of {
        [b'{', b'"', b'o', b'p', b't', b'i', b'o', b'n', b'a', b'l', b'"', b':', inside @ ..] => inside,
        _ => of,
    };
    let [bool, int, names] = PLAIN;
    begins(of, bool) || begins(of, int) || begins(of, names)
}

const fn begins(mut text: &[u8], mut with: &[u8]) -> bool {
    while let [wanted, others @ ..] = with {
        match text {
            [found, rest @ ..] if *found == *wanted => text = rest,
            _ => return false,
        }
        with = others;
    }
    true
}

fn nothing() {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_of_another_type_needs_what_reads_it() {
        for plain in [
            r#"{"name":"a","type":"bool"},{"name":"b","type":{"int":{"min":0,"max":9}}}"#,
            r#"{"name":"c","type":{"enum":["type","struct"]}},{"name":"d","type":{"optional":{"enum":["x"]}}}"#,
            r#"{"name":"type","doc":"says \"type\":\"version\"","type":{"optional":"bool"}}"#,
        ] {
            Needs::of_event(Kind::Event, plain.as_bytes()).note();
            assert!(!rarer_types(), "{plain}");
        }
        for rarer in
            ["\"os\"", "\"pseudonym\"", "{\"unbounded\":\"u64\"}", "{\"optional\":{\"list\":{}}}", "{\"integer\":1}"]
        {
            RARER_TYPES.store(false, Ordering::Relaxed);
            Needs::of_event(Kind::Event, format!("{{\"name\":\"a\",\"type\":{rarer}}}").as_bytes()).note();
            assert!(rarer_types(), "{rarer}");
        }
    }
}
