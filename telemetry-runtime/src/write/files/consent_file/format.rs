//! `consent.json`: one object.

use telemetry_schema::{Level, json::Json};

use super::{ConsentFile, ConsentState};
use crate::decide::consent::Consent;

/// The file's name in the SDK's folder.
pub(crate) const NAME: &str = "consent.json";

/// The one version that is read and written.
const VERSION: u32 = 1;

const CONSENTS: [(&str, Consent); 3] = [("on", Consent::On), ("local", Consent::Local), ("off", Consent::Off)];

impl ConsentFile {
    fn read(document: &Json) -> Option<Self> {
        let level = |json: &Json| Level::ALL.into_iter().find(|level| json.text() == Some(level.word()));
        let agreed = document.get("agreed").filter(|agreed| matches!(agreed, Json::Object(_)))?;
        Some(Self {
            consent: document.if_any("consent", |consent| consent.word(&CONSENTS))?,
            agreed: agreed
                .members()
                .iter()
                .map(|(key, digest)| Some((key.clone(), digest.owned()?)))
                .collect::<Option<_>>()?,
            sdk: document.if_any("sdk", Json::owned)?,
            level: document.if_any("level", level)?,
        })
    }

    fn json(self) -> Json {
        let Self { consent, agreed, sdk, level } = self;
        let word = consent.and_then(|consent| CONSENTS.iter().find(|(_, known)| *known == consent));
        let agreed = agreed.into_iter().map(|(key, digest)| (key, Json::of(digest))).collect();
        let mut members = vec![
            ("version".to_owned(), Json::number(VERSION)),
            ("consent".to_owned(), Json::or_null(word.map(|(word, _)| Json::of(*word)))),
            ("agreed".to_owned(), Json::Object(agreed)),
            ("sdk".to_owned(), Json::or_null(sdk.map(Json::of))),
        ];
        members.extend(level.map(|level| ("level".to_owned(), Json::of(level.word()))));
        Json::Object(members)
    }
}

/// What the bytes of the file say.
pub(crate) fn parse(bytes: &[u8]) -> ConsentState {
    if bytes.is_empty() {
        return ConsentState::Unreadable("the file is empty".to_owned());
    }
    // Nothing of the file's text: it does not belong in a status that people paste elsewhere.
    let unreadable = || ConsentState::Unreadable("no valid JSON of ours".to_owned());
    let Some(document) = Json::parse(bytes) else { return unreadable() };
    if document.has_twice() {
        return unreadable(); // Nobody can say which of two decisions holds.
    }
    match document.get("version").and_then(Json::unsigned_32) {
        Some(VERSION) => ConsentFile::read(&document).map_or_else(unreadable, ConsentState::Loaded),
        Some(version) => ConsentState::Unreadable(format!("version {version} is not known here")),
        None => unreadable(),
    }
}

/// The bytes of the file.
pub(super) fn render(file: &ConsentFile) -> Vec<u8> {
    let mut json = file.clone().json().render(true);
    json.push(b'\n');
    json
}
