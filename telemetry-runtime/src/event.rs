use crate::{meta::EventMeta, pipeline, sdk::SdkState, sink::Sink};

/// One typed event; implemented by `#[telemetry_event]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a telemetry event",
    note = "put `#[telemetry_event]` on the struct"
)]
pub trait Event: Sized {
    /// The state of the SDK, as a constant address: the first question of every call is one load.
    #[doc(hidden)]
    const STATE: &'static SdkState;

    /// What the dispatcher needs to know of the event.
    #[doc(hidden)]
    const META: &'static EventMeta;

    /// Writes the fields in the order of the record.
    #[doc(hidden)]
    fn write(&self, sink: &mut Sink);

    /// Records the event, if the gate, sampling and throttle let it pass.
    ///
    /// Never waits, never fails, never panics: whatever becomes of the event is counted in the ledger. Use
    /// [`record!`](crate::record) where making the value costs something.
    #[inline]
    fn record(self) {
        if Self::STATE.is_off() || !pipeline::admit(Self::META) {
            return;
        }
        let mut sink = Sink::new();
        self.write(&mut sink);
        pipeline::submit(Self::META, &sink);
    }
}

/// Records the event that `make` returns; `make` is called only if the gate and sampling let the event pass.
///
/// [`record!`](crate::record) is the same with an expression in place of the closure.
#[inline]
pub fn record_with<E: Event>(make: impl FnOnce() -> E) {
    if E::STATE.is_off() || !pipeline::admit(E::META) {
        return;
    }
    let event = make();
    let mut sink = Sink::new();
    event.write(&mut sink);
    pipeline::submit(E::META, &sink);
}
