//! What the folder says, before anything is decided by it.

use std::{env, path::PathBuf};

use telemetry_schema::Level;

use crate::{
    base::effects::{self, Effect},
    decide::{
        consent::Consent,
        facts::{FileFacts, StoredConsent},
        policy::Policies,
    },
    declare::sdk::Sdk,
    write::files::{
        consent_file::{self, ConsentState},
        memory_file::{self, Memory},
        policy_file,
        state_dir::{self, SdkDir},
        told_file::{self, Told},
    },
};

/// What was read, before anything was decided by it.
pub(super) struct Reading {
    pub(super) base: Option<PathBuf>,
    pub(super) dir: Option<SdkDir>,
    pub(super) consent: StoredConsent,
    /// How much the user lets be recorded.
    pub(super) level: Level,
    pub(super) policies: Policies,
    pub(super) told: Told,
    pub(super) memory: Memory,
}

/// Reads the folder without creating anything.
pub(super) fn read(sdk: Sdk) -> Reading {
    effects::note(Effect::Files);
    let policies = policy_file::read();
    let unusable = |consent, policies| {
        let (told, memory) = (Told::default(), Memory::default());
        Reading { base: None, dir: None, consent, level: Level::Usage, policies, told, memory }
    };
    let base = match state_dir::locate(|name| env::var_os(name)) {
        Ok(base) => base,
        Err(reason) => return unusable(StoredConsent::NoFolder(reason.to_string()), policies),
    };
    let dir = match state_dir::open(&base, sdk.info.name, false) {
        Ok(dir) => dir,
        Err(reason) => return unusable(StoredConsent::NoFolder(reason.to_string()), policies),
    };
    let mut level = Level::Usage;
    let consent = match dir.as_ref().map_or(ConsentState::Absent, consent_file::load) {
        ConsentState::Absent => StoredConsent::Undecided,
        ConsentState::Unreadable(reason) => StoredConsent::Unreadable(reason),
        ConsentState::Loaded(file) => {
            level = file.level.unwrap_or(level);
            file.consent.map_or(StoredConsent::Undecided, StoredConsent::Decided)
        }
    };
    let told = dir.as_ref().map(told_file::load).unwrap_or_default();
    let memory = dir.as_ref().map(memory_file::load).unwrap_or_default();
    Reading { base: Some(base), dir, consent, level, policies, told, memory }
}

/// Whether the server has stopped this version at this endpoint.
fn is_gone(sdk: Sdk, memory: &Memory) -> bool {
    memory.is_gone(sdk.info.endpoint, sdk.info.version)
}

/// Asks the layers that need files, in one of the two ways in which they are asked.
pub(super) fn decide<T>(sdk: Sdk, reading: &Reading, ask: fn(&FileFacts<'_>) -> T) -> T {
    let gone = is_gone(sdk, &reading.memory);
    let (policies, consent) = (&reading.policies, &reading.consent);
    ask(&FileFacts { sdk: sdk.info, policies, gone, consent, opt_in: false })
}

/// The user's decision, if there is one.
pub(super) fn decided(consent: &StoredConsent) -> Option<Consent> {
    match consent {
        StoredConsent::Decided(consent) => Some(*consent),
        _ => None,
    }
}
