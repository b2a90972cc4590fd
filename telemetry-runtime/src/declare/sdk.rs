//! The SDK as its author declares it, and its state in this process.

use telemetry_schema::{
    Active, Compress, DefaultConsent, Environment, EventCase, Exit, Identity, Instance, Notice, Record, Role,
    SdkDescriptor, Wire, WriteOn, record,
};

pub(crate) mod meta;
mod state;

#[cfg(all(native, feature = "testing"))]
pub(crate) use state::CAPTURES;
pub use state::SdkState;
pub(crate) use state::{Look, Mode};

use crate::base::needs::Needs;
use crate::declare::{configuration::Configuration, sampling, transport::Transport};

/// An SDK that declared itself with [`sdk!`](crate::sdk); it stands as a static at the crate's root.
///
/// It holds two addresses and no state of its own, so that macros can read the declaration at compile time.
#[derive(Debug, Clone, Copy)]
pub struct Sdk {
    #[doc(hidden)]
    pub info: &'static SdkInfo,
    #[doc(hidden)]
    pub state: &'static SdkState,
}

/// What [`sdk!`](crate::sdk) was told; the record inside the binary says the same.
#[doc(hidden)]
#[derive(Debug)]
pub struct SdkInfo {
    /// The record of this SDK.
    pub record: &'static [u8],
    /// `name`.
    pub name: &'static str,
    /// The digest of `name`.
    pub name_digest: u128,
    /// The digest of what a user is told of the SDK itself.
    pub digest: u128,
    /// The digest of where its events go: endpoint, operator, transport.
    pub destination: u128,
    /// The version of the declaring crate.
    pub version: &'static str,
    /// `role`.
    pub role: Role,
    /// `default`.
    pub default: DefaultConsent,
    /// `env`.
    pub env: &'static str,
    /// `env_aliases`.
    pub env_aliases: &'static [&'static str],
    /// `command`.
    pub command: Option<&'static str>,
    /// `endpoint`, without a trailing slash.
    pub endpoint: &'static str,
    /// `wire`.
    pub wire: Wire,
    /// `compress`.
    pub compress: Option<Compress>,
    /// `docs`.
    pub docs: &'static str,
    /// `event_case`.
    pub event_case: EventCase,
    /// `active`.
    pub active: Option<Active>,
    /// `identity`.
    pub identity: Option<Identity>,
    /// `notice`.
    pub notice: Notice,
    /// `builds: Official("VARIABLE")`: the variable, and whether it was set when this was compiled.
    pub official_build: Option<(&'static str, bool)>,
    /// `environments`.
    pub environments: &'static [Environment],
    /// `write_on`.
    pub write_on: WriteOn,
    /// `exit`.
    pub exit: Exit,
    /// `browser`.
    pub browser: bool,
    /// `instance`.
    pub instance: Option<Instance>,
    /// `sample`.
    pub sample: f64,
    /// `transport`.
    pub transport: Option<fn() -> Box<dyn Transport>>,
    /// Whether the declaring crate was compiled with debug assertions, as development builds are.
    pub debug_build: bool,
    /// The event of `active`.
    pub active_event: Option<&'static crate::declare::sdk::meta::EventMeta>,
    /// The event of `health`.
    pub health_event: Option<&'static crate::declare::sdk::meta::EventMeta>,
    /// What it needs that others do not.
    pub needs: Needs,
}

impl SdkInfo {
    /// What the record says; `None` if it was removed from the binary.
    pub(crate) fn described(&self) -> Option<SdkDescriptor> {
        match record::read(self.record) {
            Ok(Record::Sdk(sdk)) => Some(sdk),
            _ => None,
        }
    }

    /// Whether both are one SDK: of one name, and with one destination. Two major versions in one program may have one name
    /// and send to different places; then the user was told of each alone.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.name == other.name && self.destination == other.destination
    }

    /// Whether the key of an instance means anything here, as the record says: only where `sdk!` declares `instance`.
    pub(crate) fn has_instances(&self) -> bool {
        self.instance.is_some()
    }
}

#[cfg(test)]
impl SdkInfo {
    /// A library that is on by default; tests change what they are about.
    pub(crate) const FOR_TESTS: Self = Self {
        record: &[],
        name: "acme-ui",
        name_digest: 0,
        digest: 0,
        destination: 0,
        version: "1.0.0",
        role: Role::Library,
        default: DefaultConsent::On,
        env: "ACME",
        env_aliases: &[],
        command: None,
        endpoint: "https://telemetry.acme.example",
        wire: Wire::EventBatch { strict: false },
        compress: None,
        docs: "",
        event_case: EventCase::Snake,
        active: None,
        identity: None,
        notice: Notice::NextRun,
        official_build: None,
        environments: &[],
        write_on: WriteOn::Worker,
        exit: Exit::Later,
        browser: false,
        instance: None,
        sample: 1.0,
        transport: None,
        debug_build: true,
        active_event: None,
        health_event: None,
        needs: Needs::NOTHING,
    };
}

impl Sdk {
    /// Itself: what is no SDK has a method of the same name, by a trait.
    #[doc(hidden)]
    pub const fn declared_by_sdk_macro(self) -> Self {
        self
    }

    /// The share of sample rolls at which this SDK records at all.
    pub(crate) fn threshold(&self, configuration: &Configuration) -> u64 {
        sampling::threshold(self.info.sample.min(configuration.rate.unwrap_or(1.0)))
    }

    /// The SDK's name.
    pub fn name(&self) -> &'static str {
        self.info.name
    }
}
