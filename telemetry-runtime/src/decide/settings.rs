//! What the host has set for one SDK.

use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use crate::{
    base::{
        environment::{Environment, Surroundings},
        process::{self, FORKS},
    },
    decide::options::Options,
    declare::{per_sdk::PerSdk, sdk::Sdk},
};

static SETTINGS: PerSdk<Shared> = PerSdk::new(Shared::new, Shared::inherit);

/// The settings of an SDK, under their lock.
pub(crate) fn of(sdk: Sdk) -> MutexGuard<'static, Settings> {
    SETTINGS.of(sdk).lock()
}

/// Where the program runs; nothing is known of it before the environment was read.
pub(crate) fn surroundings(sdk: Sdk) -> Surroundings {
    of(sdk).environment.as_ref().map(|environment| environment.surroundings.clone()).unwrap_or_default()
}

/// Changes what the host has set, for this process and its children.
pub(crate) fn change(sdk: Sdk, change: impl FnOnce(&mut Settings)) -> MutexGuard<'static, Settings> {
    SETTINGS.of(sdk).change(change)
}

/// What the host has set and the environment said, kept so that a later `configure` reads no variable again.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) options: Options,
    pub(crate) environment: Option<Environment>,
    pub(crate) allow_release: bool,
    /// This process delivers what another one has recorded, and records nothing; no code of the host has run in it.
    pub(crate) delivers: bool,
    /// The user decided, and the decision could not be stored: this process at least does nothing that they may have forbidden.
    pub(crate) refused: bool,
}

impl Settings {
    const fn new() -> Self {
        Self { options: Options::new(), environment: None, allow_release: false, delivers: false, refused: false }
    }

    /// What a child takes over. The environment is read again.
    fn for_child(&self) -> Self {
        let Self { options, environment: _, allow_release, delivers, refused } = self;
        Self {
            options: options.clone(),
            environment: None,
            allow_release: *allow_release,
            delivers: *delivers,
            refused: *refused,
        }
    }
}

/// The settings under their lock, and a copy for forked children.
///
/// Many read the settings, and one of them may hold the lock when another thread forks; the child cannot know then whether
/// what stands behind it is whole. The copy is locked while it is replaced and at no other time.
#[derive(Debug)]
struct Shared {
    current: Mutex<Settings>,
    for_children: Mutex<Settings>,
}

impl Shared {
    const fn new() -> Self {
        Self { current: Mutex::new(Settings::new()), for_children: Mutex::new(Settings::new()) }
    }

    /// The settings of a child of the process that these belong to.
    fn inherit(parents: &Self) -> Self {
        let inherited = match parents.for_children.try_lock() {
            Ok(settings) => settings.for_child(),
            Err(TryLockError::Poisoned(settings)) => settings.into_inner().for_child(),
            // A setting was changing at this very moment. It may have been a veto, so the SDK stays off until the host
            // says otherwise.
            Err(TryLockError::WouldBlock) => Settings { options: Options::new().enabled(false), ..Settings::new() },
        };
        Self { for_children: Mutex::new(inherited.for_child()), current: Mutex::new(inherited) }
    }

    fn lock(&self) -> MutexGuard<'_, Settings> {
        // A panic while the lock was held leaves settings that are still whole: every field is replaced at once.
        process::lock(&self.current)
    }

    /// Changes what the host has set.
    fn change(&self, change: impl FnOnce(&mut Settings)) -> MutexGuard<'_, Settings> {
        let mut settings = self.lock();
        change(&mut settings);
        if FORKS {
            let copy = settings.for_child();
            *self.for_children.lock().unwrap_or_else(PoisonError::into_inner) = copy;
        }
        settings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_inherits_what_the_host_has_set_whoever_reads_it_meanwhile() {
        let parents = Shared::new();
        drop(parents.change(|settings| settings.options.merge(Options::new().sampling_rate(0.5))));
        drop(parents.change(|settings| settings.refused = true));
        let _reader = parents.lock();
        let inherited = Shared::inherit(&parents);
        assert_eq!(inherited.lock().options.sampling_rate, Some(0.5));
        assert!(inherited.lock().refused);
        assert_eq!(inherited.lock().options.enabled, None);
        assert_eq!(Shared::inherit(&inherited).lock().options.sampling_rate, Some(0.5), "a grandchild as well");
    }

    #[test]
    fn a_setting_that_was_changing_at_the_fork_leaves_the_child_off() {
        let parents = Shared::new();
        let _writer = parents.for_children.lock();
        assert_eq!(Shared::inherit(&parents).lock().options.enabled, Some(false));
    }
}
