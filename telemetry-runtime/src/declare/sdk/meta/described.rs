//! What a program knows of an event by its record: all that it says.

use telemetry_schema::{EventDescriptor, record};

/// What the record of an event says.
pub(crate) type Described = EventDescriptor;

pub(super) fn of(record: &[u8]) -> Option<Described> {
    record::read_event(record)
}

/// As [`of`].
pub(super) fn whole(record: &[u8]) -> Option<EventDescriptor> {
    record::read_event(record)
}
