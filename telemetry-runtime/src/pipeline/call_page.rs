//! What stands in a caller's function for an event in a page: the same names as in `call.rs`, and one call for each. A page loads each place that
//! records an event, and with it whatever is written out there.

use crate::{
    declare::{
        sdk::meta::{EventMeta, Handle},
        sink::{Admitted, Sink},
    },
    pipeline::{self, Caller, admit},
};

/// Says whether an event is recorded.
#[doc(hidden)]
#[inline(always)]
pub fn admits(handle: &Handle) -> Option<Admitted> {
    admitted(handle.meta)
}

#[inline(never)]
fn admitted(meta: &'static EventMeta) -> Option<Admitted> {
    let state = meta.sdk.state;
    admit(state.look(), state, meta).map(|thread| Admitted::new(meta, thread))
}

/// Takes an admitted event with its values, which know what event it is.
#[doc(hidden)]
#[inline(always)]
pub fn submit(_: &'static EventMeta, sink: Sink<'_>) {
    submitted(sink);
}

#[inline(never)]
fn submitted(sink: Sink<'_>) {
    pipeline::submit(sink.meta(), sink);
}

/// The same for events of any length.
#[inline(always)]
pub(super) fn submit_words(meta: &'static EventMeta, words: &[[u8; 8]], len: usize, caller: Caller) {
    pipeline::submit_new(meta, words, len, caller);
}
