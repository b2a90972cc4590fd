//! What a page knows of an event by its record: the same names as in `described.rs`, and what stands on the way of every event. It is read where
//! it stands; a tree of all that a record says is linked where a declaration needs it.

use std::ops::Deref;

use telemetry_schema::{
    EventDescriptor, Level, cut,
    json::scan::{self, member},
    record,
};

use crate::base::needs;

/// What the record of an event says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Described {
    /// All of it.
    pub(crate) record: &'static [u8],
    pub(crate) sdk: &'static str,
    pub(crate) event: Name,
    discriminant: Option<&'static str>,
    /// Its fields, as they stand in the record.
    pub(crate) fields: &'static [u8],
    /// From which level on it is recorded.
    level: Level,
}

/// A text of a record, which lies there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Name(&'static str);

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        self.0
    }
}

impl Name {
    /// It, for as long as the program runs.
    pub(crate) const fn text(self) -> &'static str {
        self.0
    }
}

impl Described {
    pub(crate) fn key(&self) -> String {
        let slash = if self.discriminant.is_some() { "/" } else { "" };
        cut::joined(&[self.sdk, "/", &self.event, slash, self.discriminant.unwrap_or_default()])
    }

    pub(crate) fn level(&self) -> Level {
        if needs::levels() { self.level } else { Level::Usage }
    }
}

pub(super) fn of(record: &'static [u8]) -> Option<Described> {
    let json = record::json(record)?;
    // Names have no escapes.
    let text = |name: &str| str::from_utf8(scan::unquoted(member(json, name)?)?).ok();
    Some(Described {
        record,
        sdk: text("sdk")?,
        event: Name(text("event")?),
        discriminant: text("discriminant"),
        fields: member(json, "fields")?,
        level: if needs::levels() && text("level") == Some(Level::Basic.word()) { Level::Basic } else { Level::Usage },
    })
}

/// All of it that has a use in a page.
pub(super) fn whole(record: &[u8]) -> Option<EventDescriptor> {
    record::read_briefly(record)
}
