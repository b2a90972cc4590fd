//! The words of a notice in a page: the same names as in `words.rs`. Names alone are read of an event, unless one of this page has something that
//! the notice has further words for.

use std::borrow::Cow;

use telemetry_schema::{
    notice::{self, Nature, Subject},
    record, shown,
};

use crate::{
    base::needs,
    declare::{
        registry::{events_of, metas_of},
        sdk::SdkInfo,
    },
};

/// The text; `None` if the record of the SDK was removed.
pub(super) fn text(info: &SdkInfo, news: &[String]) -> Option<String> {
    let subject = Subject::of(record::json(info.record)?)?;
    info.needs.note();
    let mut names = Vec::new();
    for meta in metas_of(info) {
        if let Some(event) = meta.described() {
            names.push(event.event.text());
        }
    }
    let (mut kind, mut more) = (Nature::WITHOUT_ID, Vec::new());
    if needs::remarkable() {
        let nature = Nature::of(&subject, &events_of(info));
        (kind, more) = (nature.kind(), nature.sentences());
    }
    if needs::levels() {
        more.extend(notice::levels(&subject, &events_of(info)));
    }
    let clean: Option<fn(&str) -> Cow<'_, str>> = if needs::cleaning() { Some(shown::clean) } else { None };
    Some(notice::text_by_parts(&subject, names, kind, more, news, clean))
}
