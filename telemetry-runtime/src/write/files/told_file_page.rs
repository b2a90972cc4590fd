//! `told` of a page; the same names as in `told_file.rs`, and the same lines. A page tells each event and the SDK in one part, so it
//! looks at the first digest of a line, and at no other.

use std::{io, mem};

use telemetry_schema::{cut, digest};

use crate::{
    base::limits::PAGE_TOLD_BYTES,
    decide::notice::{Parts, Wanted},
    write::files::state_dir::SdkDir,
};

/// Its key.
pub(crate) const NAME: &str = "told";

const HEAD: &str = "telemetry-told 1";

/// What was said of the SDK, and of which events.
#[derive(Debug)]
struct Telling {
    sdk: u128,
    events: Vec<u128>,
}

/// What the user was told, the latest last.
#[derive(Debug, Default)]
pub(crate) struct Told {
    tellings: Vec<Telling>,
}

/// What was told of the SDK as it is.
#[derive(Debug)]
pub(crate) struct Fitting<'a> {
    telling: Option<&'a Telling>,
}

impl Fitting<'_> {
    pub(crate) fn is_empty(&self) -> bool {
        self.telling.is_none()
    }

    pub(crate) fn has(&self, digest: u128) -> bool {
        self.telling.is_some_and(|telling| telling.events.contains(&digest))
    }
}

impl Told {
    pub(crate) fn fitting(&self, sdk: &Parts) -> Fitting<'_> {
        Fitting { telling: self.tellings.iter().rfind(|telling| telling.sdk == sdk.digest) }
    }

    /// All events that were ever told.
    pub(crate) fn digests(&self) -> Vec<u128> {
        let mut digests = Vec::new();
        self.tellings.iter().for_each(|telling| digests.extend_from_slice(&telling.events));
        digests
    }

    /// The user was told this as well.
    pub(crate) fn add(&mut self, sdk: &Parts, events: &[Wanted]) {
        let mut telling = Telling { sdk: sdk.digest, events: Vec::new() };
        events.iter().for_each(|event| telling.events.push(event.digest()));
        for before in mem::take(&mut self.tellings) {
            if before.sdk != telling.sdk {
                self.tellings.push(before);
                continue;
            }
            for event in before.events {
                if !telling.events.contains(&event) {
                    telling.events.push(event);
                }
            }
        }
        self.tellings.push(telling);
    }

    fn render(&self) -> String {
        let mut text = String::new();
        for telling in self.tellings.iter().rev() {
            let mut lines = line("sdk", telling.sdk);
            telling.events.iter().for_each(|event| lines.push_str(&line("event", *event)));
            // The latest stays whatever its length, or it would be told at each load.
            if !text.is_empty() && text.len() + lines.len() > PAGE_TOLD_BYTES {
                break;
            }
            lines.push_str(&text);
            text = lines;
        }
        cut::joined(&[HEAD, "\n", &text])
    }
}

/// A digest, and as its one part the beginning of it.
fn line(word: &str, digest: u128) -> String {
    let digits = digest::hex(digest);
    cut::joined(&[word, " ", &digits, " ", digits.get(..16).unwrap_or_default(), "\n"])
}

/// What the key says; lines that cannot be read say nothing.
pub(crate) fn load(dir: &SdkDir) -> Told {
    let mut told = Told::default();
    let text = dir.read(NAME).ok().flatten().unwrap_or_default();
    let mut lines = cut::lines(&text);
    if lines.next() != Some(HEAD) {
        return told;
    }
    for line in lines {
        let Some((word, rest)) = cut::once(line, b' ') else { continue };
        let digest = rest.get(..32).and_then(digest::of_hex);
        match (word, digest) {
            // What follows a telling that cannot be read belongs to no other; no SDK has this digest.
            ("sdk", digest) => told.tellings.push(Telling { sdk: digest.unwrap_or_default(), events: Vec::new() }),
            ("event", Some(digest)) => {
                if let Some(telling) = told.tellings.last_mut() {
                    telling.events.push(digest);
                }
            }
            _ => {}
        }
    }
    told
}

/// Replaces the key.
///
/// # Errors
///
/// If it could not be written; it is as it was.
pub(crate) fn store(dir: &SdkDir, told: &Told) -> io::Result<()> {
    dir.put(NAME, &told.render())
}
