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

/// What a declaration needs.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Needs(fn(), fn(), fn());

/// The types of fields that every page knows, as records have them behind `"type":`.
const PLAIN: [&[u8]; 3] = [b"\"bool\"", b"{\"int\"", b"{\"enum\""];

impl Needs {
    /// What an event needs, by its record.
    pub(crate) const fn of_event(kind: Kind, record: &[u8]) -> Self {
        let (mut text, mut pseudonym, mut rarer, mut remarkable, mut level) = (false, false, false, false, false);
        let mut cleaning = false;
        let mut rest = record;
        while let [first, others @ ..] = rest {
            // Within the texts of an author each quote has a backslash before it.
            if *first == b'"' {
                cleaning |= begins(others, b"event\":") && needs_cleaning(value(others));
                text |= matches!(others, [b't', b'e', b'x', b't', b'"', b':', b'{', ..]);
                pseudonym |= matches!(others, [b'p', b's', b'e', b'u', b'd', b'o', b'n', b'y', b'm', b'"', ..]);
                level |= begins(others, b"level\":");
                remarkable |=
                    begins(others, b"sensitivity\":") || begins(others, b"unbounded\":") || is_long_end(others);
                if let [b't', b'y', b'p', b'e', b'"', b':', of @ ..] = others {
                    rarer |= !is_plain(of);
                }
            }
            rest = others;
        }
        Self(
            match (kind, level) {
                // No page has commands.
                (Kind::Command, _) => || {
                    need_at_once();
                    need_levels();
                },
                (Kind::Counter, false) => need_counters,
                (Kind::Counter, true) => || {
                    need_counters();
                    need_levels();
                },
                (_, false) => nothing,
                (_, true) => need_levels,
            },
            match (text, pseudonym) {
                (false, false) => nothing,
                (true, false) => need_free_text,
                (false, true) => need_pseudonyms,
                (true, true) => || {
                    need_free_text();
                    need_pseudonyms();
                },
            },
            of_notice(rarer, remarkable || text || pseudonym, cleaning),
        )
    }

    /// What an SDK needs.
    pub const fn of_sdk(wire: Wire, is_active: bool, has_health: bool, is_remarkable: bool, record: &[u8]) -> Self {
        let wire: fn() = match wire {
            // Rare in a page, where nobody waits for a disk.
            _ if is_written_at_once(record) => || {
                need_at_once();
                need_headers();
                need_otlp();
                need_addresses();
            },
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
            of_notice(is_active || has_health, is_remarkable, needs_cleaning(record)),
        )
    }

    /// From now on this is needed.
    pub(crate) fn note(self) {
        (self.0)();
        (self.1)();
        (self.2)();
    }
}

const fn of_notice(rarer: bool, remarkable: bool, cleaning: bool) -> fn() {
    match (rarer, remarkable, cleaning) {
        (false, false, false) => nothing,
        (true, false, false) => need_rarer_types,
        (false, true, false) => need_remarkable,
        (true, true, false) => || {
            need_rarer_types();
            need_remarkable();
        },
        (false, _, true) => || {
            need_remarkable();
            need_cleaning();
        },
        (true, _, true) => || {
            need_rarer_types();
            need_remarkable();
            need_cleaning();
        },
    }
}

/// Whether the record of an SDK says so.
const fn is_written_at_once(mut record: &[u8]) -> bool {
    while let [_, rest @ ..] = record {
        if begins(record, b"\"write_on\":\"caller\"") {
            return true;
        }
        record = rest;
    }
    false
}

/// The text behind a name and a colon.
const fn value(mut member: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = member {
        member = rest;
        if *first == b':' {
            break;
        }
    }
    let [b'"', text @ ..] = member else { return &[] };
    let mut end = 0;
    let mut rest = text;
    while let [byte, others @ ..] = rest {
        if *byte == b'"' {
            return text.split_at(end).0;
        }
        end += 1;
        rest = others;
    }
    text
}

/// Whether `telemetry_schema::shown` may find something in these texts of a record. What a record escapes is hidden, or may be.
const fn needs_cleaning(mut text: &[u8]) -> bool {
    // The magic of a record.
    if let [b'\x7f', rest @ ..] = text {
        text = rest;
    }
    while let [first, others @ ..] = text {
        match (*first, others) {
            (0x7f.. | b'\\', _) | (b':', [b':', ..]) | (b'#', [b'#', b'[', ..]) => return true,
            _ => text = others,
        }
    }
    false
}

/// Whether this is an end of a range with more than five digits: a range without such ends is not wide enough to tell installations apart.
const fn is_long_end(of: &[u8]) -> bool {
    let mut digits = match of {
        [b'm', b'i', b'n', b'"', b':', end @ ..] | [b'm', b'a', b'x', b'"', b':', end @ ..] => end,
        _ => return false,
    };
    if let [b'-', end @ ..] = digits {
        digits = end;
    }
    let mut count = 0;
    while let [b'0'..=b'9', rest @ ..] = digits {
        digits = rest;
        count += 1;
    }
    count > 5
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

    /// What the words of the notice ask is asked of the record by `telemetry_schema::notice::Nature`.
    #[test]
    fn whatever_the_notice_has_words_for_is_noted() {
        let note = |json: &str| {
            REMARKABLE.store(false, Ordering::Relaxed);
            LEVELS.store(false, Ordering::Relaxed);
            Needs::of_event(Kind::Event, json.as_bytes()).note();
            (remarkable(), levels())
        };
        for plain in [
            r#"{"name":"level","doc":"says \"level\":\"basic\"","type":{"int":{"min":-99999,"max":99999}}}"#,
            r#"{"name":"sensitivity","type":{"enum":["level","unbounded"]}}"#,
        ] {
            assert_eq!(note(plain), (false, false), "{plain}");
        }
        for remarkable in [
            r#"{"type":{"int":{"min":0,"max":1048576}}}"#,
            r#"{"type":{"int":{"min":-900000,"max":9}}}"#,
            r#"{"type":"bool","sensitivity":"personal"}"#,
            r#"{"type":{"unbounded":"u64"}}"#,
            r#"{"type":{"text":{"max_len":9}}}"#,
            r#"{"type":"pseudonym"}"#,
        ] {
            assert_eq!(note(remarkable), (true, false), "{remarkable}");
        }
        assert_eq!(note(r#"{"event":"a","level":"basic","fields":[]}"#), (false, true));
    }

    #[test]
    fn what_its_caller_writes_is_noted() {
        let note = |needs: Needs| {
            AT_ONCE.store(false, Ordering::Relaxed);
            needs.note();
            at_once()
        };
        assert!(note(Needs::of_event(Kind::Command, b"")) && !note(Needs::of_event(Kind::Mount, b"")));
        let of_sdk = |record: &[u8]| Needs::of_sdk(Wire::Report, false, false, false, record);
        assert!(note(of_sdk(br#"{"notice":"host","write_on":"caller"}"#)));
        assert!(!note(of_sdk(br#"{"operator":"\"write_on\":\"caller\"","write_on":"worker"}"#)));
    }

    #[test]
    fn words_that_may_have_to_be_spelled_out_are_noted() {
        for (plain, is_noted) in [
            ("\x7fTLM2{\"endpoint\":\"https://acme.example:80\",\"at\":\"src/lib.rs:1\"}", false),
            ("{\"operator\":\"Acmé\"}", true),
            ("{\"operator\":\"a\\u000db\"}", true),
            ("{\"endpoint\":\"http://[::1]:80\"}", true),
            ("{\"operator\":\"##[x\"}", true),
        ] {
            assert_eq!(needs_cleaning(plain.as_bytes()), is_noted, "{plain}");
        }
        let note = |json: &str| {
            CLEANING.store(false, Ordering::Relaxed);
            Needs::of_event(Kind::Event, json.as_bytes()).note();
            cleaning()
        };
        assert!(!note(r#"{"event":"a:b","doc":"é a::b \"event\":\"x::y\"","fields":[]}"#));
        assert!(note(r#"{"event":"a::b","fields":[]}"#));
    }

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
