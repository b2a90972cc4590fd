//! How the payloads of an event look, by what is known of the event.

use crate::declare::sdk::meta::Described;
pub(crate) use crate::wire::render::Layout;

/// That of an event.
pub(crate) fn of(event: &Described) -> Layout {
    Layout::of(&event.fields)
}
