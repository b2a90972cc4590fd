use std::fmt;

use telemetry_schema::{EventDescriptor, Manifest, SdkDescriptor};

/// All events and SDKs that are linked into this program.
#[derive(Debug, Clone)]
pub struct Registry {
    pub(crate) manifest: Manifest,
    pub(crate) conflicts: Vec<String>,
}

impl Registry {
    /// The SDKs, by name.
    pub fn sdks(&self) -> &[SdkDescriptor] {
        &self.manifest.sdks
    }

    /// The events, by key.
    pub fn events(&self) -> &[EventDescriptor] {
        &self.manifest.events
    }

    /// Keys that two events with different schemas claim, or several events of an SDK whose wire format has room for one.
    /// Such events are never recorded.
    pub fn conflicts(&self) -> &[String] {
        &self.conflicts
    }

    /// The registry as a document.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }
}

/// Why there is no registry.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RegistryError {
    /// Telemetry is compiled out of this build: there is nothing to list.
    CompiledOut,
    /// Nothing is registered. Either the program declares no SDK and no event, or registration before `main` does not
    /// work on this target; an empty list would look like a program without events, so it is an error.
    Empty,
    /// An SDK is declared, but none of its events is registered.
    NoEvents {
        /// The SDK.
        sdk: String,
    },
    /// A record in this program cannot be read.
    Damaged {
        /// What is wrong with it.
        cause: String,
    },
}

impl fmt::Display for RegistryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CompiledOut => f.write_str("telemetry is compiled out of this build"),
            Self::Empty => f.write_str(
                "no SDK and no event is registered in this program; where registration before `main` does not work, \
                 call `telemetry_runtime::register` for every event",
            ),
            Self::NoEvents { sdk } => write!(
                f,
                "the SDK `{sdk}` is declared, but none of its events is registered; annotate one, or call \
                 `telemetry_runtime::register` where registration before `main` does not work"
            ),
            Self::Damaged { cause } => write!(f, "a record in this program cannot be read: {cause}"),
        }
    }
}

impl std::error::Error for RegistryError {}
