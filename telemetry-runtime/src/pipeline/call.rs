//! What stands in a caller's function for an event: a question before its values are made, and a call with them.

use crate::{
    declare::{
        sdk::meta::{EventMeta, Handle},
        sink::{Admitted, Sink},
    },
    pipeline::{self, admit},
};

/// Says whether an event is recorded: the first question is one load.
#[doc(hidden)]
#[inline]
pub fn admits(handle: &Handle) -> Option<Admitted> {
    (!handle.state.is_off() && admit(handle.meta)).then(|| Admitted::new(handle.meta))
}

/// Takes an admitted event with its values.
#[doc(hidden)]
#[inline]
pub fn submit(meta: &'static EventMeta, sink: Sink<'_>) {
    pipeline::submit(meta, sink);
}
