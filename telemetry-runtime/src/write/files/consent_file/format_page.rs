//! `consent` of a page: one line; the same names as in `format.rs`. What a version before it kept there of what was told is in no page.
//!
//! ```text
//! telemetry-consent 1 <on|local|off|-> <basic|usage|->
//! ```

use telemetry_schema::{Level, cut};

use super::{ConsentFile, ConsentState};
use crate::decide::consent::Consent;

/// Its key.
pub(crate) const NAME: &str = "consent";

const HEAD: &str = "telemetry-consent 1 ";

/// Stands for what was not said.
const NOTHING: &str = "-";

const CONSENTS: [(&str, Option<Consent>); 4] =
    [(NOTHING, None), ("on", Some(Consent::On)), ("local", Some(Consent::Local)), ("off", Some(Consent::Off))];
const LEVELS: [(&str, Option<Level>); 3] =
    [(NOTHING, None), ("basic", Some(Level::Basic)), ("usage", Some(Level::Usage))];

/// What the text of the key says.
pub(crate) fn parse(text: &[u8]) -> ConsentState {
    match read(text) {
        Some(file) => ConsentState::Loaded(file),
        None => ConsentState::Unreadable("no line of ours".to_owned()),
    }
}

fn read(text: &[u8]) -> Option<ConsentFile> {
    let line = str::from_utf8(text).ok()?.strip_prefix(HEAD)?.strip_suffix('\n')?;
    let (consent, level) = cut::once(line, b' ')?;
    let (_, consent) = CONSENTS.into_iter().find(|(word, _)| *word == consent)?;
    let (_, level) = LEVELS.into_iter().find(|(word, _)| *word == level)?;
    Some(ConsentFile { consent, level, ..ConsentFile::default() })
}

/// The text of the key.
pub(super) fn render(file: &ConsentFile) -> Vec<u8> {
    let consent = CONSENTS.into_iter().find(|(_, consent)| *consent == file.consent);
    let level = LEVELS.into_iter().find(|(_, level)| *level == file.level);
    let (consent, level) = (consent.map_or(NOTHING, |(word, _)| word), level.map_or(NOTHING, |(word, _)| word));
    cut::joined(&[HEAD, consent, " ", level, "\n"]).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_reads_back_as_documented() {
        for (_, consent) in CONSENTS {
            for (_, level) in LEVELS {
                let file = ConsentFile { consent, level, ..ConsentFile::default() };
                assert_eq!(parse(&render(&file)), ConsentState::Loaded(file));
            }
        }
        let off = ConsentFile { consent: Some(Consent::Off), ..ConsentFile::default() };
        assert_eq!(render(&off), b"telemetry-consent 1 off -\n");
    }

    #[test]
    fn what_cannot_be_read_is_unreadable_and_never_absent() {
        let whole = b"telemetry-consent 1 off usage\n";
        let cut = (0..whole.len()).map(|end| &whole[..end]);
        let others: [&[u8]; 6] = [
            b"telemetry-consent 2 on -\n",
            b"telemetry-consent 1 yes -\n",
            b"telemetry-consent 1 on all\n",
            b"telemetry-consent 1 on - on\n",
            b"telemetry-consent 1 off -\ntelemetry-consent 1 on -\n",
            br#"{"version":1,"consent":"on","agreed":{},"sdk":null}"#,
        ];
        for text in cut.chain(others) {
            assert!(matches!(parse(text), ConsentState::Unreadable(_)), "{text:?}");
        }
    }
}
