use crate::{meta::EventMeta, pipeline, sdk::SdkState, sink::Sink};

/// The constant addresses that belong to one event.
#[doc(hidden)]
#[derive(Debug)]
pub struct Handle {
    /// The state of the SDK: the first question of every call is one load.
    pub state: &'static SdkState,
    /// What the dispatcher needs to know of the event.
    pub meta: &'static EventMeta,
}

/// One typed event; implemented by `#[telemetry_event]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a telemetry event",
    note = "put `#[telemetry_event]` on the struct"
)]
pub trait Event: Sized {
    /// Where the dispatcher finds what it needs to know.
    #[doc(hidden)]
    const HANDLE: Handle;

    /// Writes the fields in the order of the record.
    #[doc(hidden)]
    fn write(&self, sink: &mut Sink);

    /// Records the event, if the gate, sampling and throttle let it pass.
    ///
    /// Never waits, never fails, never panics: whatever becomes of the event is counted in the ledger. Use
    /// [`record!`](crate::record) where making the value costs something.
    #[inline]
    fn record(self) {
        if Self::HANDLE.state.is_off() || !pipeline::admit(Self::HANDLE.meta) {
            return;
        }
        let mut sink = Sink::new();
        self.write(&mut sink);
        pipeline::submit(Self::HANDLE.meta, &sink);
    }
}

/// Records the event that `make` returns; `make` is called only if the gate and sampling let the event pass.
///
/// [`record!`](crate::record) is the same with an expression in place of the closure.
#[inline]
pub fn record_with<E: Event>(make: impl FnOnce() -> E) {
    if E::HANDLE.state.is_off() || !pipeline::admit(E::HANDLE.meta) {
        return;
    }
    let event = make();
    let mut sink = Sink::new();
    event.write(&mut sink);
    pipeline::submit(E::HANDLE.meta, &sink);
}
