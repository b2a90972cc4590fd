//! What stands in a caller's function for an event: a question before its values are made, and a call with them.

use std::slice;

use crate::{
    declare::{
        sdk::meta::{EventMeta, Handle},
        sink::{Admitted, Sink},
    },
    pipeline::{self, Caller, admit},
    record::throttle,
};

/// Says whether an event is recorded: the first question is one load.
#[doc(hidden)]
#[inline]
pub fn admits(handle: &Handle) -> Option<Admitted> {
    let mode = handle.state.look();
    if mode.is_off() {
        return None;
    }
    admit(mode, handle.state, handle.meta).map(|thread| Admitted::new(handle.meta, thread))
}

/// Takes an admitted event with its values.
#[doc(hidden)]
#[inline]
pub fn submit(meta: &'static EventMeta, sink: Sink<'_>) {
    pipeline::submit(meta, sink);
}

/// A function for all events of a program.
pub(super) fn submit_words(meta: &'static EventMeta, words: &[[u8; 8]], len: usize, caller: Caller) {
    match words {
        // Most events are a few booleans and variants. Where it is known to be one word, it is hashed without a loop, which would
        // take registers from every repeat.
        [word] => pipeline::submit_new(meta, slice::from_ref(word), len, caller),
        // No register is kept free for a hash that nobody makes.
        words if !throttle::holds_back(meta) => pipeline::submit_unthrottled(meta, words, len, caller),
        words => submit_longer(meta, words, len, caller),
    }
}

#[inline(never)]
fn submit_longer(meta: &'static EventMeta, words: &[[u8; 8]], len: usize, caller: Caller) {
    pipeline::submit_new(meta, words, len, caller);
}
