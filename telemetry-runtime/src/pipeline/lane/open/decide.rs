//! What a decision of the user changes on disk.

use std::{env, sync::Arc};

use super::{create, host, read};
use crate::{
    activity::{self, Effect},
    consent::{Consent, ConsentError},
    notice::AgreedSet,
    pipeline::{
        clock,
        storage::{
            self, SdkDir, StateDir,
            consent_file::{self, ConsentFile},
            ledger_file,
        },
    },
    sdk::Sdk,
};

/// Stores a decision of the user; `Off` deletes what is spooled.
pub(in crate::pipeline::lane) fn store_consent(sdk: Sdk, consent: Consent) -> Result<(), ConsentError> {
    let no_place = |reason: String| ConsentError::NoPlace { reason };
    let base = StateDir::locate(|name| env::var_os(name)).map_err(|reason| no_place(reason.to_string()))?;
    let reading = read(sdk);
    let dir = match reading.dir {
        Some(dir) => dir,
        None => create(&base, sdk).map_err(no_place)?,
    };
    let wanted = AgreedSet::of(sdk);
    let file = match consent {
        Consent::Off => ConsentFile { consent: Some(consent), ..reading.agreed },
        Consent::On | Consent::Local => {
            ConsentFile { consent: Some(consent), agreed: wanted.events, sdk: Some(wanted.sdk) }
        }
    };
    let mut stored = consent_file::store(&dir, &file, true);
    if consent == Consent::Off {
        // First the decision, so that nobody spools meanwhile. Where it cannot be stored, what waits goes all the same; a full
        // disk may have room for it then.
        let dir = Arc::new(dir);
        erase(sdk, &dir);
        if stored.is_err() {
            stored = consent_file::store(&dir, &file, true);
            erase(sdk, &dir); // Until now others may have read "on" and spooled.
        }
    }
    stored.map_err(|error| no_place(error.to_string()))
}

/// Deletes what is spooled for an SDK, by whatever program.
pub(super) fn erase(sdk: Sdk, dir: &Arc<SdkDir>) {
    activity::note(Effect::Files);
    let (mut spool, _) = storage::open(Arc::clone(dir), &host());
    spool.erase(&sdk.state.ledger);
    ledger_file::close(dir, clock::today());
}
