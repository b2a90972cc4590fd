//! `breaker` of a page: a line for each endpoint; the same names as in `entries.rs`. What only threads and programs need is not in it.
//!
//! ```text
//! telemetry-breaker 1
//! <endpoint>⇥<failures> <not before> <reason> <upload at> <upload after> <unfinished>
//! ```

use telemetry_schema::cut;

use super::{BreakerFile, Reason};
use crate::base::limits::ENDPOINTS;

/// Its key.
pub(crate) const NAME: &str = "breaker";

const HEAD: &str = "telemetry-breaker 1\n";

/// Each by its place, from one on.
const REASONS: [Reason; 5] = [Reason::Network, Reason::Blocked, Reason::Server, Reason::Asked, Reason::Refused];

/// The lines; the one that was written last comes last.
#[derive(Debug, Default)]
pub(super) struct Entries(String);

impl Entries {
    /// Reads the text of a key; `None` if it is none of ours, or of another version.
    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        Some(Self(str::from_utf8(text).ok()?.strip_prefix(HEAD)?.to_owned()))
    }

    pub(super) fn of(&self, endpoint: &str) -> BreakerFile {
        cut::lines(&self.0).find_map(|line| read(of_endpoint(line, endpoint)?)).unwrap_or_default()
    }

    /// The text with this line as its last one.
    pub(super) fn with(self, endpoint: &str, file: BreakerFile) -> Vec<u8> {
        let others = || cut::lines(&self.0).filter(|line| of_endpoint(line, endpoint).is_none());
        let mut text = HEAD.to_owned();
        for other in others().skip((others().count() + 1).saturating_sub(ENDPOINTS)) {
            text.push_str(other);
            text.push('\n');
        }
        let BreakerFile { failures, not_before, reason, upload_at, upload_after, unfinished, .. } = file;
        let reason =
            reason.and_then(|reason| REASONS.iter().position(|known| *known == reason)).map_or(0, |place| place + 1);
        text.push_str(endpoint);
        let mut before = "\t";
        for number in [failures.into(), not_before, reason as u64, upload_at, upload_after, unfinished.into()] {
            text.push_str(before);
            cut::push_number(&mut text, number);
            before = " ";
        }
        text.push('\n');
        text.into_bytes()
    }
}

/// The numbers of a line, if it is that of this endpoint.
fn of_endpoint<'a>(line: &'a str, endpoint: &str) -> Option<&'a str> {
    line.strip_prefix(endpoint)?.strip_prefix('\t')
}

fn read(numbers: &str) -> Option<BreakerFile> {
    let mut rest = numbers;
    let mut number = || {
        let (number, behind) = cut::once(rest, b' ').unwrap_or((rest, ""));
        rest = behind;
        cut::number_of(number.as_bytes())
    };
    Some(BreakerFile {
        failures: number()?.try_into().ok()?,
        not_before: number()?,
        reason: REASONS.get((number()? as usize).wrapping_sub(1)).copied(),
        upload_at: number()?,
        upload_after: number()?,
        unfinished: number()?.try_into().ok()?,
        ..BreakerFile::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: &str = "https://t.example 00ff";

    fn open() -> BreakerFile {
        BreakerFile {
            failures: 3,
            not_before: 1_800_000_000,
            reason: Some(Reason::Server),
            upload_at: 1,
            upload_after: 2,
            unfinished: 4,
            ..BreakerFile::default()
        }
    }

    fn with(there: &[u8], endpoint: &str, file: BreakerFile) -> Vec<u8> {
        Entries::parse(there).unwrap_or_default().with(endpoint, file)
    }

    #[test]
    fn a_line_reads_back_as_documented() {
        let text = with(b"", HERE, open());
        assert_eq!(text, b"telemetry-breaker 1\nhttps://t.example 00ff\t3 1800000000 3 1 2 4\n");
        for reason in REASONS.map(Some).into_iter().chain([None]) {
            let file = BreakerFile { reason, ..open() };
            assert_eq!(Entries::parse(&with(&text, HERE, file)).unwrap().of(HERE), file);
        }
        assert_eq!(Entries::parse(&text).unwrap().of("https://t.example 00f"), BreakerFile::default());
    }

    #[test]
    fn endpoints_are_kept_apart_and_the_oldest_goes_first() {
        let mut text = Vec::new();
        for number in 0..=ENDPOINTS {
            text = with(&text, &format!("e{number}"), BreakerFile { failures: 1, ..open() });
        }
        text = with(&text, "e1", BreakerFile { failures: 2, ..open() });
        let there = Entries::parse(&text).unwrap();
        assert_eq!([0, 1, 2, ENDPOINTS].map(|number| there.of(&format!("e{number}")).failures), [0, 2, 1, 1]);
        assert_eq!(there.0.lines().count(), ENDPOINTS);
    }

    #[test]
    fn what_cannot_be_read_is_no_pause() {
        for text in ["", "{}", "telemetry-breaker 2\nx\t1 2 3 4 5 6\n"] {
            assert!(Entries::parse(text.as_bytes()).is_none(), "{text}");
        }
        for line in ["x", "x\t", "x\t1 2 3 4 5", "x\t1 2 3 4 5 y", "x\t4294967296 2 3 4 5 6"] {
            assert_eq!(
                Entries::parse(format!("{HEAD}{line}\n").as_bytes()).unwrap().of("x"),
                BreakerFile::default(),
                "{line}"
            );
        }
    }
}
