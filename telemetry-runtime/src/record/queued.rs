//! What goes into the queue and comes out of it.

/// One event on its way from the caller to the worker.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Queued<'a> {
    /// The shard of the thread that recorded it.
    pub(crate) shard: usize,
    /// Where it stood in its shard.
    pub(crate) position: u64,
    /// The event's slot in the table of events.
    pub(crate) slot: u32,
    /// Its cell in the throttle, to be remembered or released.
    pub(crate) mark: u64,
    /// The number of the configuration under which it was recorded.
    pub(crate) configuration: u32,
    /// It was taken before the state folder was read: file layers, sampling and remembered throttle are still to ask.
    pub(crate) pending: bool,
    /// The encoded fields.
    pub(crate) payload: &'a [u8],
}

/// What became of an event that was to be queued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(crate) enum Pushed {
    /// It is in the queue.
    Yes,
    /// It is in the queue, a quarter of which is full: whoever empties it should not wait any longer.
    Filling,
    /// There is no room.
    Full,
    /// It is longer than a block: there is never room.
    TooLong,
}
