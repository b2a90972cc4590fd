//! The right to send: sending needs a [`SendPermit`], and only [`issue`] makes one.

use crate::{
    decide::layer::Verdict,
    declare::sdk::{Mode, Sdk},
    write::writer::table,
};

/// The right to send what one SDK recorded. Without one no sender can be built.
///
/// It is asked again before every request: an opt-out takes effect on the very next one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SendPermit {
    sdk: Sdk,
}

impl SendPermit {
    /// Whether the gate still says yes.
    pub(crate) fn holds(&self) -> bool {
        let state = self.sdk.state;
        let said_yes = || {
            state.resting_mode() == Mode::On
                && state.may_send.load(std::sync::atomic::Ordering::SeqCst)
                && !telemetry_veto::is_vetoed()
        };
        if said_yes() {
            // Another process may have stored a decision; whoever holds the writer at this moment looks for itself.
            table::look_for_decisions(self.sdk);
        }
        said_yes()
    }
}

/// Makes the right to send, if the gate says yes and consent is not `Local`.
pub(crate) fn issue(sdk: Sdk, stored: Verdict) -> Option<SendPermit> {
    let on = stored == Verdict::Allows;
    sdk.state.may_send.store(on, std::sync::atomic::Ordering::SeqCst);
    let permit = SendPermit { sdk };
    (on && permit.holds()).then_some(permit)
}
