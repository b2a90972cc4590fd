//! The API of a build without telemetry: the same names, and nothing behind them.
//!
//! There is no state, no thread, no file, no endpoint and no client here. Values are taken and dropped, so that user
//! code compiles unchanged; [`registry`] answers [`RegistryError::CompiledOut`] and [`Sdk::status`] says why.

mod folders;
mod value;

pub use self::{folders::*, value::*};

use std::{fmt, marker::PhantomData, process::Command, time::Duration};

use crate::{
    AtVendorError, CommandOutcome, Consent, ConsentAnswer, ConsentError, ConsentWatch, Erased, ErasedAtVendor,
    FlushError, Flushed, InstallationId, LedgerCounts, Level, NotAsked, Notice, Options, Registry, RegistryError,
    Status, StatusExit, StatusMode,
    decide::layer::{Layer, LayerDecision},
};

/// What left telemetry out of this build.
const WHY: &str = if cfg!(target_family = "wasm") { "no client for wasm targets" } else { "no-telemetry" };

/// An SDK that declared itself with [`sdk!`](crate::sdk); compiled out, it is empty.
#[derive(Debug, Clone, Copy)]
pub struct Sdk {
    _private: (),
}

impl Sdk {
    /// For the expansion of [`sdk!`](crate::sdk).
    #[doc(hidden)]
    pub const fn compiled_out() -> Self {
        Self { _private: () }
    }

    /// Itself: what is no SDK has a method of the same name, by a trait.
    #[doc(hidden)]
    pub const fn declared_by_sdk_macro(self) -> Self {
        self
    }

    /// The SDK's name; compiled out, the name is not in the program.
    pub fn name(&self) -> &'static str {
        ""
    }

    /// Does nothing: there is nothing to configure.
    pub fn configure(&self, _options: Options) {}

    /// Says that telemetry is compiled out.
    pub fn status(&self) -> Status {
        Status {
            sdk: String::new(),
            mode: StatusMode::CompiledOut,
            decided_by: Some(Layer::Build),
            layers: vec![LayerDecision::compiled_out(WHY)],
            command: None,
            endpoint: String::new(),
            state_dir: None,
            conflicts: Vec::new(),
            exit: StatusExit::CompiledOut,
            paused: None,
            ledger: LedgerCounts::default(),
            total: None,
            level: None,
            installation_ids: Vec::new(),
            awaiting_consent: Vec::new(),
            same_name: Vec::new(),
            ignored: Vec::new(),
        }
    }

    /// An empty notice: nothing is collected.
    pub fn notice(&self) -> Notice {
        Notice::empty()
    }

    /// Does nothing: the SDK's variable is not in the program.
    pub fn silence<'command>(&self, command: &'command mut Command) -> &'command mut Command {
        command
    }

    /// Asks nobody: there is nothing to decide.
    ///
    /// # Errors
    ///
    /// None in this build.
    pub fn ask(&self, _timeout: Duration) -> Result<ConsentAnswer, ConsentError> {
        Ok(ConsentAnswer::NotAsked(NotAsked::KeptOff(Layer::Build)))
    }

    /// Watches nothing: there is nothing to decide.
    pub fn on_consent_change(&self, _changed: impl FnMut(Option<Consent>) + Send + 'static) -> ConsentWatch {
        ConsentWatch::of_nothing()
    }

    /// None: there is no folder.
    pub fn folder(&self) -> Option<SdkFolder> {
        None
    }

    /// Keeps nothing: there is no notice.
    pub fn notice_was_shown(&self, _hash: &str) {}

    /// Nothing: nothing is ever sent.
    pub fn preview(&self) -> Vec<crate::transport::Request> {
        Vec::new()
    }

    /// Nothing: nothing is ever counted.
    pub fn counted(&self) -> Vec<String> {
        Vec::new()
    }

    /// Removes nothing: this build has put nothing anywhere.
    ///
    /// # Errors
    ///
    /// None in this build.
    pub fn erase(&self, _forget: bool) -> Result<Erased, ConsentError> {
        Ok(Erased::default())
    }

    /// None: no event carries anything.
    pub fn installation_ids(&self) -> Vec<InstallationId> {
        Vec::new()
    }

    /// Asks nobody: nothing was ever sent.
    ///
    /// # Errors
    ///
    /// Always [`AtVendorError::NoId`].
    pub fn erase_at_vendor(&self, _forget: bool, _retry: bool) -> Result<ErasedAtVendor, AtVendorError> {
        Err(AtVendorError::NoId)
    }

    /// Keeps nothing, because there is nothing to decide.
    ///
    /// # Errors
    ///
    /// None in this build.
    pub fn set_consent(&self, _consent: Consent) -> Result<(), ConsentError> {
        Ok(())
    }

    /// As [`Sdk::set_consent`].
    ///
    /// # Errors
    ///
    /// None in this build.
    pub fn set_consent_at(&self, _consent: Consent, _level: Level) -> Result<(), ConsentError> {
        Ok(())
    }
}

/// One typed event; compiled out, every type passes for one, and recording it drops it.
pub trait Event: Sized {
    /// Drops the event.
    #[inline]
    fn record(self) {}
}

impl<T> Event for T {}

/// A command line whose use is reported; compiled out, every type passes for one, and nothing is reported.
pub trait TrackCommand: Sized {
    /// Reports nothing.
    #[inline]
    fn track(&self) {}

    /// Notes nothing.
    #[inline]
    fn tracked(&self) -> Tracked<Self> {
        Tracked { of: PhantomData }
    }
}

impl<T> TrackCommand for T {}

/// How a command may fail, where its author asks for it: `CommandOutcome::Ok` alone does not say of which type it is.
#[doc(hidden)]
pub trait Ends {
    /// The author's enum of failures.
    type Failure;
}

/// A command that runs; compiled out, nothing is noted of it.
#[must_use = "nothing is reported before `succeeded` or `ended`"]
pub struct Tracked<C> {
    of: PhantomData<fn(C)>,
}

impl<C> fmt::Debug for Tracked<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tracked").finish_non_exhaustive()
    }
}

impl<C> Tracked<C> {
    /// Reports nothing.
    #[inline]
    pub fn succeeded(self) {}

    /// Reports nothing.
    #[inline]
    pub fn ended(self, _outcome: CommandOutcome<C::Failure>)
    where
        C: Ends,
    {
    }
}

/// Does not call `make`.
#[inline]
pub fn record_with<E: Event>(_make: impl FnOnce() -> E) {}

/// Does nothing: there is nothing to veto.
pub fn veto_all() {
    telemetry_veto::veto_all();
}

/// Does nothing: no build of this program reports.
pub fn allow_release(_sdk: &Sdk) {}

/// Does nothing: the environment cannot turn on what is not there.
pub fn reload_environment() {}

/// Returns at once: nothing is waiting.
///
/// # Errors
///
/// Always [`FlushError::Refused`]: nothing may be sent.
pub fn flush(_timeout: Duration) -> Result<Flushed, FlushError> {
    Err(FlushError::Refused)
}

/// Returns at once: nothing is running.
///
/// # Errors
///
/// Always [`FlushError::Refused`]: nothing may be sent.
pub fn shutdown(_timeout: Duration) -> Result<Flushed, FlushError> {
    Err(FlushError::Refused)
}

/// What [`exit_guard`] returns; compiled out, it is empty and its end does nothing.
#[derive(Debug)]
#[must_use = "the guard does its work when it is dropped: `let _telemetry = telemetry_runtime::exit_guard();`"]
pub struct ExitGuard {
    _private: (),
}

/// Does nothing: there is nothing to deliver at the end of the program.
#[inline]
pub fn exit_guard() -> ExitGuard {
    ExitGuard { _private: () }
}
/// Does nothing: there is nothing that a fork could copy.
pub fn reinit_after_fork() {}

/// Registers nothing.
pub fn register<E: Event>() {}

/// Says that telemetry is compiled out.
///
/// # Errors
///
/// Always [`RegistryError::CompiledOut`].
pub fn registry() -> Result<Registry, RegistryError> {
    Err(RegistryError::CompiledOut)
}

/// Says that telemetry is compiled out.
///
/// # Errors
///
/// Always [`RegistryError::CompiledOut`].
pub fn manifest() -> Result<String, RegistryError> {
    Err(RegistryError::CompiledOut)
}

/// The status of every SDK: none.
pub fn status() -> Vec<Status> {
    Vec::new()
}

/// What generated code uses.
#[doc(hidden)]
pub mod private {
    pub use super::{Ends, Sdk};
    pub use crate::__telemetry_left_out as choose;
    pub use crate::declare::{
        no_sdk::{NO_SDK, NoSdk, NotAnSdk},
        presence::{Presence, handed, nothing},
    };
    pub use telemetry_macros::{DeriveEvent, record_event, track_call, track_mount};
}

/// The `choose!` of a build in which this version is compiled out: the second block, whatever other versions do. On a wasm
/// target `telemetry_veto::choose!` may have been lifted for one that has a client there.
#[doc(hidden)]
#[macro_export]
macro_rules! __telemetry_left_out {
    ({ $($with:tt)* } { $($without:tt)* }) => { $($without)* };
}

/// The test helpers of a build without telemetry: each of them panics.
#[cfg(feature = "testing")]
pub mod testing;
