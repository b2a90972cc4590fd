use telemetry_schema::Kind;

use crate::{
    base::process::Inside,
    declare::{
        sdk::meta::Handle,
        sink::{Sink, with_room_for},
    },
    pipeline::call::{admits, submit},
    record::events,
};

/// One typed event; implemented by `#[telemetry_event]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a telemetry event; put `#[telemetry_event]` on the struct",
    label = "this is no struct with `#[telemetry_event]`",
    note = "the attribute is imported by `use telemetry_runtime::telemetry_event;`"
)]
pub trait Event: Sized {
    /// Where the dispatcher finds what it needs to know.
    #[doc(hidden)]
    const HANDLE: Handle;

    /// Writes the fields in the order of the record.
    #[doc(hidden)]
    fn write(&self, sink: &mut Sink<'_>);

    /// Records the event, if the gate, sampling and throttle let it pass.
    ///
    /// Never waits, never fails, never panics: whatever becomes of the event is counted in the ledger. Use
    /// [`record!`](crate::record) where making the value costs something.
    #[inline]
    fn record(self) {
        let Some(admitted) = admits(&Self::HANDLE) else { return };
        with_room_for::<Self>(admitted, |mut sink| {
            self.write(&mut sink);
            submit(Self::HANDLE.meta, sink);
        });
    }
}

/// Says whether the SDK of a mount is off: its props are not looked at then. One load.
#[doc(hidden)]
#[inline]
pub fn is_off(handle: &Handle) -> bool {
    handle.state.is_off()
}

/// Records a mount whose props were looked at before it; `None`: the SDK was off when the body ran.
///
/// The gate is asked here, when the framework says that it is a mount, so a body that runs again is no event, not even one that
/// was not recorded.
#[doc(hidden)]
pub fn mounted<const PROPS: usize>(handle: Handle, passed: Option<[bool; PROPS]>) {
    let Some(passed) = passed else { return };
    if let Some(admitted) = admits(&handle) {
        // What does not fit goes to the heap.
        let mut room = [[0; 8]; 4];
        let mut sink = Sink::over(admitted, &mut room);
        sink.variant(0);
        for passed in passed {
            sink.bool(passed);
        }
        if handle.meta.kind == Kind::Counter {
            sink.variant(1); // Each is one; whoever keeps the sum replaces it.
        }
        submit(handle.meta, sink);
    }
}

/// Records the event that `make` returns; `make` is called only if the gate and sampling let the event pass.
///
/// [`record!`](crate::record) is the same with an expression in place of the closure.
#[inline]
pub fn record_with<E: Event>(make: impl FnOnce() -> E) {
    let Some(admitted) = admits(&E::HANDLE) else { return };
    let event = make();
    with_room_for::<E>(admitted, |mut sink| {
        event.write(&mut sink);
        submit(E::HANDLE.meta, sink);
    });
}

/// Registers an event type by hand, for targets on which registration before `main` does not work.
///
/// Elsewhere it does nothing that has not happened already. Functions with `#[track_mount]` or `#[track_call]` register
/// themselves with their first call.
pub fn register<E: Event>() {
    let _inside = Inside::enter();
    events::register(E::HANDLE.meta);
}
