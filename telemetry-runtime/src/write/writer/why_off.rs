//! Why an SDK that was on is off.

use crate::{
    base::ended,
    count::ledger::Outcome,
    decide::settings,
    declare::sdk::Sdk,
    write::writer::{Files, SdkWriter},
};

impl SdkWriter {
    /// Under which word an event ends that was accepted before this SDK went off.
    pub(crate) fn why_off(&self, sdk: Sdk) -> Outcome {
        let settings = settings::of(sdk);
        if telemetry_veto::is_vetoed() || ended::is_shut_down() || settings.options.enabled == Some(false) {
            return Outcome::Vetoed;
        }
        match self.files {
            _ if settings.refused => Outcome::OptedOut,
            Files::Closed(outcome) => outcome,
            _ => Outcome::GateClosed,
        }
    }
}
