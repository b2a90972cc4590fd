//! `breaker.json`: an object for each endpoint.

use telemetry_schema::json::Json;

use super::{BreakerFile, Fits, Reason};
use crate::base::limits::ENDPOINTS;

/// The file's name in the SDK's folder.
pub(crate) const NAME: &str = "breaker.json";

/// The one version that is read and written.
const VERSION: u32 = 3;

/// The words of the file.
const REASONS: [(&str, Reason); 5] = [
    ("network", Reason::Network),
    ("blocked", Reason::Blocked),
    ("server", Reason::Server),
    ("asked", Reason::Asked),
    ("refused", Reason::Refused),
];

/// What the file says of each endpoint; the one that was written last comes last.
#[derive(Debug, Default)]
pub(super) struct Entries(Vec<(String, BreakerFile)>);

impl Entries {
    /// Reads the bytes of a file; `None` if it is none of ours, or of another version.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let document = Json::parse(bytes)?;
        if document.get("version")?.unsigned()? != u64::from(VERSION) {
            return None;
        }
        let endpoint = |json: &Json| Some((json.text_of("endpoint")?, BreakerFile::read(json)?));
        document.get("endpoints")?.each(endpoint).map(Self)
    }

    pub(super) fn of(&self, endpoint: &str) -> BreakerFile {
        self.0.iter().find(|(found, _)| found == endpoint).map(|(_, file)| *file).unwrap_or_default()
    }

    /// The file with this entry as its last one.
    pub(super) fn with(self, endpoint: &str, file: BreakerFile) -> Vec<u8> {
        let Self(mut there) = self;
        there.retain(|(other, _)| other != endpoint);
        there.drain(..(there.len() + 1).saturating_sub(ENDPOINTS));
        there.push((endpoint.to_owned(), file));
        let there = there.iter().map(|(endpoint, file)| file.json(endpoint)).collect();
        let document = Json::object([("version", Json::number(VERSION)), ("endpoints", Json::List(there))]);
        document.render(false)
    }
}

impl Fits {
    fn read(json: &Json) -> Option<Self> {
        Some(Self { bytes: json.get("bytes")?.unsigned()?, until: json.get("until")?.unsigned()? })
    }

    fn json(self) -> Json {
        Json::object([("bytes", Json::number(self.bytes)), ("until", Json::number(self.until))])
    }
}

impl Reason {
    fn read(json: &Json) -> Option<Self> {
        json.word(&REASONS)
    }

    fn json(self) -> Json {
        Json::or_null(REASONS.iter().find(|(_, reason)| *reason == self).map(|(word, _)| Json::of(*word)))
    }
}

impl BreakerFile {
    fn read(json: &Json) -> Option<Self> {
        let number = |name| json.get(name)?.unsigned();
        let small = |name| json.get(name)?.unsigned_32();
        Some(Self {
            failures: small("failures")?,
            not_before: number("not_before")?,
            reason: json.if_any("reason", Reason::read)?,
            upload_at: number("upload_at")?,
            upload_after: number("upload_after")?,
            unfinished: small("unfinished")?,
            fits: json.if_any("fits", Fits::read)?,
            exit_after: number("exit_after")?,
        })
    }

    fn json(self, endpoint: &str) -> Json {
        let Self { failures, not_before, reason, upload_at, upload_after, unfinished, fits, exit_after } = self;
        Json::object([
            ("endpoint", Json::of(endpoint)),
            ("failures", Json::number(failures)),
            ("not_before", Json::number(not_before)),
            ("reason", Json::or_null(reason.map(Reason::json))),
            ("upload_at", Json::number(upload_at)),
            ("upload_after", Json::number(upload_after)),
            ("unfinished", Json::number(unfinished)),
            ("fits", Json::or_null(fits.map(Fits::json))),
            ("exit_after", Json::number(exit_after)),
        ])
    }
}
