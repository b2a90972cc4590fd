//! What the user is told before anything is recorded, generated from the registry by `telemetry_schema::notice`.

#[cfg_attr(in_page, path = "notice/parts_page.rs")]
mod parts;
#[cfg_attr(in_page, path = "notice/words_page.rs")]
pub(crate) mod words;

use std::sync::Arc;

use telemetry_schema::{Level, digest};

pub(crate) use self::parts::Parts;
use crate::base::collections::BTreeMap;
use crate::{
    decide::notice_text::Notice,
    declare::{registry::metas_of, sdk::Sdk, sdk::meta::EventMeta},
};

/// What a program asks agreement for: the SDK itself, and each event of it that is linked in.
#[derive(Debug)]
pub(crate) struct AgreedSet {
    pub(crate) sdk: Parts,
    /// In a program by their digests, each of which is here once. They are constants of the program: a record is read only where somebody
    /// asks what it says.
    pub(crate) events: Arc<Vec<Wanted>>,
}

/// One event of an [`AgreedSet`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted(&'static EventMeta);

impl Wanted {
    pub(crate) fn digest(self) -> u128 {
        self.0.digest()
    }

    /// From which level on it is recorded. Those that `sdk!` declares hold for all.
    pub(crate) fn level(self) -> Level {
        let info = self.0.sdk.info;
        let by_sdk = [info.active_event, info.health_event].into_iter().flatten();
        match by_sdk.into_iter().any(|meta| std::ptr::eq(meta, self.0)) {
            true => Level::Basic,
            false => self.0.described().map_or(Level::Usage, |event| event.level()),
        }
    }

    pub(crate) fn key(self) -> String {
        self.0.described().map(|event| event.key()).unwrap_or_default()
    }

    /// Its parts.
    pub(crate) fn parts(self) -> Parts {
        parts::of_event(self.0)
    }
}

#[cfg(all(test, unix))]
impl AgreedSet {
    /// That of a release that tests make up.
    pub(crate) fn for_tests(sdk: Parts, metas: Vec<&'static EventMeta>) -> Self {
        let mut events: Vec<_> = metas.into_iter().map(Wanted).collect();
        telemetry_schema::order::sort_by_key(&mut events, |event| event.digest());
        Self { sdk, events: Arc::new(events) }
    }
}

impl AgreedSet {
    /// What this program asks agreement for.
    pub(crate) fn of(sdk: Sdk) -> Self {
        let events = parts::distinct(metas_of(sdk.info).into_iter().map(Wanted).collect());
        Self { sdk: parts::of_sdk(sdk.info), events: Arc::new(events) }
    }

    /// The digest of all events together.
    pub(crate) fn all(&self) -> u128 {
        digest::set(self.events.iter().map(|event| event.digest()))
    }

    /// The parts of all events but those with these keys.
    pub(crate) fn told(&self, untold: &BTreeMap<String, String>) -> Vec<Parts> {
        self.events
            .iter()
            .filter(|event| untold.is_empty() || !untold.contains_key(&event.key()))
            .map(|event| event.parts())
            .collect()
    }

    fn hash(&self) -> String {
        digest::hex(digest::combine(self.sdk.digest, self.all()))
    }
}

/// Writes the notice for one SDK.
pub(crate) fn notice(sdk: Sdk) -> Notice {
    with_news(sdk, &[])
}

/// The notice for a user who was told before, with what is new since then.
pub(crate) fn with_news(sdk: Sdk, news: &[String]) -> Notice {
    let hash = AgreedSet::of(sdk).hash();
    // Without its record nothing is recorded, and there is nothing to tell.
    Notice { text: words::text(sdk.info, news).unwrap_or_default(), hash }
}
