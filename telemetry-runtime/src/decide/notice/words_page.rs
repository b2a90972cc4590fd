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
    if let Some(nature) = remarkable::needed() {
        (kind, more) = nature(&subject, info);
    }
    if let Some(levels) = levels::needed() {
        more.extend(levels(&subject, info));
    }
    Some(notice::text_by_parts(&subject, names, kind, more, news, notice::IN_A_PAGE, cleaning::needed()))
}

/// What the notice has words for beside the names of events: what may be personal or tell one installation from another.
pub(crate) mod remarkable {
    use super::{Nature, SdkInfo, Subject, events_of, needs};

    needs::part!(fn(&Subject<'_>, &SdkInfo) -> (&'static str, Vec<String>) = |subject, info| {
        let nature = Nature::of(subject, &events_of(info));
        (nature.kind(), nature.sentences())
    });
}

/// What it says of levels.
pub(crate) mod levels {
    use super::{SdkInfo, Subject, events_of, needs, notice};

    needs::part!(fn(&Subject<'_>, &SdkInfo) -> Option<String> = |subject, info| {
        notice::levels(subject, &events_of(info))
    });
}

/// Words in which something may have to be spelled out.
pub(crate) mod cleaning {
    use super::{Cow, needs, shown};

    needs::part!(fn(&str) -> Cow<'_, str> = shown::clean);
}
