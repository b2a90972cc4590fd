//! The digest of an event in a page: the same names as in `digests.rs`. A digest cannot be packed, and each event has its own. So a page loads
//! none, and makes it from the record when it is first asked for. It is compared with those alone that pages have kept.

use std::sync::atomic::{AtomicU64, Ordering};

use telemetry_schema::{
    json::scan::{member, parts},
    record,
};

/// What tells an event from others: the name of its SDK, and what its record says of its own.
pub(crate) type Key = (&'static str, &'static [u8]);

/// The digest of one event.
#[derive(Debug)]
pub(super) struct EventDigests {
    /// What the user must have agreed to, or [`UNKNOWN`].
    whole: AtomicU64,
}

/// Nobody has asked yet. Not zero: see [`EventMeta`](super::EventMeta).
const UNKNOWN: u64 = 1;

impl EventDigests {
    /// The digests of the parts, which the compiler makes, are a program's.
    pub(super) const fn new(key: u128, _parts: &[u128]) -> Self {
        Self::of(key, 0)
    }

    /// As [`EventDigests::new`].
    pub(super) const fn of(_key: u128, _whole: u128) -> Self {
        Self { whole: AtomicU64::new(UNKNOWN) }
    }

    /// What the event of an SDK with this record is known by.
    pub(super) fn key(&self, sdk: &'static str, record: &'static [u8]) -> Key {
        (sdk, record::event_names(record))
    }

    /// What the user must have agreed to: 64 bits, and zeros.
    pub(super) fn whole(&self, record: &'static [u8]) -> u128 {
        let mut whole = self.whole.load(Ordering::Relaxed);
        if whole == UNKNOWN {
            whole = told(record);
            self.whole.store(whole, Ordering::Relaxed);
        }
        u128::from(whole) << 64
    }
}

/// What a record says that a user is told of, as `telemetry_schema::digest` has it; of levels the lower one, below.
const TOLD: &[&[u8]] = &[b"\"sdk\"", b"\"event\"", b"\"discriminant\"", b"\"fields\"", b"\"sample\"", b"\"throttle\""];

/// What a field says besides.
const PROSE: &[&[u8]] = &[b"\"doc\"", b"\"sensitivity\"", b"\"reason\""];

/// Begins a list or an object, and ends each value: no bytes.
const BEGIN: u64 = 256;
const END: u64 = 257;

/// The digest of what a record says that a user is told of.
fn told(record: &[u8]) -> u64 {
    let json = record::json(record).unwrap_or_default();
    let digest = value(HASH_OF_NOTHING, json, TOLD, true);
    if member(json, "level") == Some(b"\"basic\"") { mix(digest, BEGIN) } else { digest }
}

/// Takes a value of JSON into a digest: of an object the members that are `listed`, or all others.
fn value(digest: u64, json: &[u8], listed: &[&[u8]], with_listed: bool) -> u64 {
    let is_object = json.first() == Some(&b'{');
    let mut parts = parts(json);
    let Some(mut part) = parts.next() else {
        return mix(json.iter().fold(digest, |digest, byte| mix(digest, (*byte).into())), END);
    };
    let mut digest = mix(digest, BEGIN);
    loop {
        let mut is_told = true;
        if is_object {
            is_told = listed.contains(&part) == with_listed;
            if is_told {
                digest = value(digest, part, PROSE, false);
            }
            part = parts.next().unwrap_or_default();
        }
        if is_told {
            digest = value(digest, part, PROSE, false);
        }
        match parts.next() {
            Some(next) => part = next,
            None => return mix(digest, END),
        }
    }
}

/// FNV-1a of 64 bits, by Fowler, Noll and Vo: quick and short, and what it is asked for is to be another one for another text.
const HASH_OF_NOTHING: u64 = 0xCBF2_9CE4_8422_2325;

fn mix(digest: u64, word: u64) -> u64 {
    (digest ^ word).wrapping_mul(0x0000_0100_0000_01B3)
}

#[cfg(test)]
mod tests {
    use telemetry_schema::digest;

    use super::*;

    /// Two records of one event of which a user is told the same, and then others.
    const SAME: [&str; 3] = [
        r#"{"record":"event","sdk":"a","crate":"a","version":"1","event":"opened","kind":"event","doc":"One.","fields":[{"name":"doc","type":"bool","doc":"Whether."},{"name":"size","type":{"optional":{"int":{"min":0,"max":9}}}},{"name":"kind","type":{"enum":["doc","reason"]}}],"sample":1,"throttle":"daily","at":"a.rs:1"}"#,
        r#"{"record":"event","sdk":"a","crate":"b","version":"2","event":"opened","kind":"event","fields":[{"name":"doc","type":"bool"},{"name":"size","type":{"optional":{"int":{"min":0,"max":9}}},"sensitivity":"technical","reason":"none"},{"name":"kind","type":{"enum":["doc","reason"]},"doc":"\"type\":\"bool\""}],"sample":1,"throttle":"daily","at":"a.rs:2"}"#,
        r#"{"record":"event","sdk":"a","crate":"a","version":"1","event":"opened","kind":"event","fields":[{"name":"doc","type":"bool"},{"name":"size","type":{"optional":{"int":{"min":0,"max":9}}}},{"name":"kind","type":{"enum":["doc","reason"]}}],"sample":1,"throttle":"daily","level":"usage","owner":"us","at":"a.rs:1"}"#,
    ];

    fn record(json: &str) -> Vec<u8> {
        format!("\u{7f}TLM2{json}\n").into_bytes()
    }

    #[test]
    fn what_a_user_is_told_is_what_programs_make_a_digest_of() {
        let [plain, ..] = SAME;
        let changes = [
            ("\"sdk\":\"a\"", "\"sdk\":\"b\""),
            ("opened", "closed"),
            ("\"kind\":\"event\"", "\"discriminant\":\"x\",\"kind\":\"event\""),
            ("\"type\":\"bool\"", "\"type\":{\"optional\":\"bool\"}"),
            ("\"name\":\"doc\"", "\"name\":\"docs\""),
            ("\"max\":9", "\"max\":19"),
            ("[\"doc\",", "["),
            ("[\"doc\",\"reason\"]", "[\"doc\",\"reasons\"]"),
            ("\"sample\":1", "\"sample\":0.5"),
            ("\"daily\"", "\"none\""),
            ("\"daily\"", "{\"rolling_hours\":24}"),
            ("\"daily\",", "\"daily\",\"level\":\"basic\","),
            ("\"at\":", "\"expires\":\"2052-01-01\",\"at\":"),
            ("\"doc\":\"One.\"", "\"doc\":\"Two.\""),
        ];
        let changed = changes.map(|(from, to)| plain.replacen(from, to, 1));
        let all: Vec<_> = SAME.iter().copied().chain(changed.iter().map(String::as_str)).map(record).collect();
        let pairs: Vec<_> = all
            .iter()
            .map(|record| {
                (told(record), digest::event(&telemetry_schema::record::read_event(record).expect("a record")))
            })
            .collect();
        for (ours, theirs) in &pairs {
            for (other, of_other) in &pairs {
                assert_eq!(ours == other, theirs == of_other, "{theirs} {of_other}");
            }
        }
        assert_eq!(
            pairs.iter().filter(|pair| pair.0 == pairs[0].0).count(),
            5,
            "the first three, and two changes of prose"
        );
    }

    #[test]
    fn a_digest_is_made_once() {
        let digests = EventDigests::new(0, &[]);
        let record: &'static [u8] = record(SAME[0]).leak();
        let whole = digests.whole(record);
        assert_eq!((digests.whole(b""), whole as u64), (whole, 0));
    }

    #[test]
    fn a_page_tells_events_apart_by_their_names() {
        let key = |sdk, record: &'static str| EventDigests::new(0, &[]).key(sdk, record.as_bytes());
        let opened = r#"{"event":"opened","kind":"event","doc":"one"}"#;
        assert_eq!(key("a", opened), key("a", r#"{"event":"opened","kind":"event","doc":"two"}"#));
        assert_ne!(key("a", opened), key("b", opened));
        assert_ne!(key("a", opened), key("a", r#"{"event":"opened","discriminant":"x","kind":"event"}"#));
    }
}
