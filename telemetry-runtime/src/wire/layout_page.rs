//! How the payloads of an event of a page look: the same names as in `layout.rs`. Of booleans, whole numbers and enums, which most pages have
//! alone, names and words are copied from the record as they stand there.

use telemetry_schema::record;

use crate::{
    base::needs,
    declare::sdk::meta::Described,
    wire::{
        plain,
        redact::Redaction,
        render::{self, Pseudonyms},
    },
};

/// How the payloads of one event look.
#[derive(Debug)]
pub(crate) enum Layout {
    /// By its fields, as they stand in the record.
    Plain(&'static [u8]),
    /// By all that the record says: of any kind, so that nothing is linked for it where none is made.
    Any(Box<dyn Push>),
}

/// What adds a payload.
pub(crate) trait Push: std::fmt::Debug + Send {
    fn push(&self, out: &mut Vec<u8>, bytes: &[u8], pseudonyms: Pseudonyms<'_>) -> Option<Vec<Redaction>>;
}

impl Push for render::Layout {
    fn push(&self, out: &mut Vec<u8>, bytes: &[u8], pseudonyms: Pseudonyms<'_>) -> Option<Vec<Redaction>> {
        self.push(out, bytes, pseudonyms)
    }
}

needs::part!(fn(&[u8]) -> Option<Box<dyn Push>> = any);

fn any(record: &[u8]) -> Option<Box<dyn Push>> {
    Some(Box::new(render::Layout::of(&record::read_briefly(record)?.fields)))
}

/// That of an event.
pub(crate) fn of(event: &Described) -> Layout {
    needed().and_then(|any| any(event.record)).map_or(Layout::Plain(event.fields), Layout::Any)
}

impl Layout {
    /// Adds the payload of an event behind what is in `out`. After `None` something may have been added. Answers with the texts
    /// that were replaced.
    pub(crate) fn push(&self, out: &mut Vec<u8>, bytes: &[u8], pseudonyms: Pseudonyms<'_>) -> Option<Vec<Redaction>> {
        match self {
            Self::Any(layout) => layout.push(out, bytes, pseudonyms),
            Self::Plain(fields) => plain::push(out, fields, bytes).map(|()| Vec::new()),
        }
    }
}
