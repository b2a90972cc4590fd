//! What a decision of the user changes on disk.

use std::{collections::BTreeMap, env, sync::Arc};

use telemetry_schema::{Level, Notice};

use crate::{
    base::{
        clock,
        effects::{self, Effect},
    },
    decide::{
        consent::{Consent, ConsentError},
        notice::AgreedSet,
    },
    declare::sdk::Sdk,
    write::files::state_dir::{self, SdkDir},
    write::{
        files::{consent_file, ledger_file, memory_file, told_file},
        removal, spooled,
        writer::folder::{destination, host, reading::read, readme::create},
    },
};

/// Stores a decision of the user; `Off` deletes what is spooled, and so does a level below the one that held, and one to less that
/// cannot be stored.
pub(crate) fn store_consent(sdk: Sdk, consent: Consent, level: Option<Level>) -> Result<(), ConsentError> {
    let no_folder = |reason: String| ConsentError::NoFolder { reason };
    let base = state_dir::locate(|name| env::var_os(name)).map_err(|reason| no_folder(reason.to_string()))?;
    let reading = read(sdk);
    let dir = match reading.dir {
        Some(dir) => dir,
        None => create(&base, sdk).map_err(no_folder)?,
    };
    // A decision tells nobody anything. Where there is no notice at all the host has asked in its own words, and nobody else
    // will: the answer is to what it asked for.
    if consent != Consent::Off && sdk.info.notice == Notice::None {
        let wanted = AgreedSet::of(sdk);
        let mut told = told_file::load(&dir);
        told.add(&wanted.sdk, &wanted.told(&BTreeMap::new()));
        told_file::store(&dir, &told).map_err(|error| no_folder(error.to_string()))?;
    }
    let file = consent_file::decided(&dir, consent, level);
    // Of what waits nobody can tell how much of it the user still lets go.
    let ends_what_waits = consent == Consent::Off || file.level.is_some_and(|level| level < reading.level);
    let stored = if ends_what_waits || consent == Consent::Local {
        let dir = Arc::new(dir);
        removal::store_less(&dir, &file, ends_what_waits, || erase(sdk, &dir))
    } else {
        consent_file::store(&dir, &file, true)
    };
    stored.map_err(|error| no_folder(error.to_string()))
}

/// Deletes what is spooled and counted for an SDK, by whatever program.
pub(crate) fn erase(sdk: Sdk, dir: &Arc<SdkDir>) {
    effects::note(Effect::Files);
    let (mut spool, _) = spooled::open(Arc::clone(dir), &host(), destination(sdk), sdk.info.identity);
    spool.erase(&sdk.state.ledger);
    memory_file::forget_counts(dir);
    ledger_file::close(dir, clock::today());
}
