//! What a declaration says in its record that a page needs for it.

use telemetry_schema::{Kind, Wire};

/// The types of fields that every page knows, as records have them behind `"type":`.
const PLAIN: [&[u8]; 3] = [b"\"bool\"", b"{\"int\"", b"{\"enum\""];

/// What an event needs.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OfEvent {
    /// It is written by its caller.
    pub(crate) at_once: bool,
    pub(crate) counter: bool,
    pub(crate) level: bool,
    pub(crate) text: bool,
    pub(crate) pseudonym: bool,
    pub(crate) notice: OfNotice,
}

/// What an SDK needs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OfSdk {
    /// All of its events are written by their callers.
    pub(crate) at_once: bool,
    pub(crate) wire: Wire,
    pub(crate) active: bool,
    pub(crate) health: bool,
    pub(crate) notice: OfNotice,
}

/// What the notice needs, and what reads a record for it.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OfNotice {
    pub(crate) rarer_types: bool,
    pub(crate) remarkable: bool,
    pub(crate) cleaning: bool,
}

impl OfEvent {
    /// By its record.
    pub(crate) const fn of(kind: Kind, record: &[u8]) -> Self {
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
        // No page has commands.
        let at_once = matches!(kind, Kind::Command);
        Self {
            at_once,
            counter: matches!(kind, Kind::Counter),
            level: level || at_once,
            text,
            pseudonym,
            notice: OfNotice { rarer_types: rarer, remarkable: remarkable || text || pseudonym, cleaning },
        }
    }
}

impl OfSdk {
    /// By its record, and what its declaration says.
    pub(crate) const fn of(wire: Wire, active: bool, health: bool, remarkable: bool, record: &[u8]) -> Self {
        // The events that it declares itself have whatever type there is.
        let notice = OfNotice { rarer_types: active || health, remarkable, cleaning: needs_cleaning(record) };
        Self { at_once: is_written_at_once(record), wire, active, health, notice }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What the words of the notice ask is asked of the record by `telemetry_schema::notice::Nature`.
    #[test]
    fn whatever_the_notice_has_words_for_is_noted() {
        let note = |json: &str| {
            let said = OfEvent::of(Kind::Event, json.as_bytes());
            (said.notice.remarkable, said.level)
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
        let is_of_event = |kind| OfEvent::of(kind, b"").at_once;
        assert!(is_of_event(Kind::Command) && !is_of_event(Kind::Mount));
        let is_of_sdk = |record: &[u8]| OfSdk::of(Wire::Report, false, false, false, record).at_once;
        assert!(is_of_sdk(br#"{"notice":"host","write_on":"caller"}"#));
        assert!(!is_of_sdk(br#"{"operator":"\"write_on\":\"caller\"","write_on":"worker"}"#));
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
        let is_noted = |json: &str| OfEvent::of(Kind::Event, json.as_bytes()).notice.cleaning;
        assert!(!is_noted(r#"{"event":"a:b","doc":"é a::b \"event\":\"x::y\"","fields":[]}"#));
        assert!(is_noted(r#"{"event":"a::b","fields":[]}"#));
    }

    #[test]
    fn a_field_of_another_type_needs_what_reads_it() {
        let is_rarer = |json: &str| OfEvent::of(Kind::Event, json.as_bytes()).notice.rarer_types;
        for plain in [
            r#"{"name":"a","type":"bool"},{"name":"b","type":{"int":{"min":0,"max":9}}}"#,
            r#"{"name":"c","type":{"enum":["type","struct"]}},{"name":"d","type":{"optional":{"enum":["x"]}}}"#,
            r#"{"name":"type","doc":"says \"type\":\"version\"","type":{"optional":"bool"}}"#,
        ] {
            assert!(!is_rarer(plain), "{plain}");
        }
        for rarer in
            ["\"os\"", "\"pseudonym\"", "{\"unbounded\":\"u64\"}", "{\"optional\":{\"list\":{}}}", "{\"integer\":1}"]
        {
            assert!(is_rarer(&format!("{{\"name\":\"a\",\"type\":{rarer}}}")), "{rarer}");
        }
    }

    #[test]
    fn what_else_an_event_is_told_apart_by_is_noted() {
        let of = |kind, json: &str| OfEvent::of(kind, json.as_bytes());
        assert_eq!(of(Kind::Event, r#"{"name":"text","type":"bool"}"#), OfEvent::default());
        assert!(of(Kind::Counter, "").counter);
        assert!(of(Kind::Event, r#"{"type":{"text":{"max_len":9}}}"#).text);
        assert!(of(Kind::Event, r#"{"type":"pseudonym"}"#).pseudonym);
        let daily = OfSdk::of(Wire::Otlp, true, false, false, b"{}");
        assert!(daily.active && !daily.health && daily.notice.rarer_types && !daily.notice.remarkable);
    }
}
