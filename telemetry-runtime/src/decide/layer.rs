//! The layers of the gate: one table, one file each.
//!
//! A layer is a pure function from facts to an answer; what it is asked about is read elsewhere and handed in
//! (`decide/facts.rs`). A new layer is a file in `layer/` and a row of the table.

#[cfg(not(compiled_out))]
mod build;
#[cfg(not(compiled_out))]
mod default;
#[cfg(not(compiled_out))]
mod development;
#[cfg(not(compiled_out))]
mod do_not_track;
#[cfg(not(compiled_out))]
pub(crate) mod environment;
#[cfg(not(compiled_out))]
mod host_veto;
#[cfg(not(compiled_out))]
mod machine_policy;
#[cfg(not(compiled_out))]
mod project_file;
#[cfg(not(compiled_out))]
mod server;
#[cfg(not(compiled_out))]
pub(crate) mod stored_consent;
#[cfg(not(compiled_out))]
mod variables;

use serde::Serialize;

pub(crate) use crate::decide::answer::Verdict;
#[cfg(not(compiled_out))]
pub(crate) use crate::decide::answer::{Answer, AskedFor};
#[cfg(not(compiled_out))]
use crate::decide::facts::{FileFacts, MemoryFacts};
use crate::decide::finding::{self, Finding};

/// Makes the enum and everything that is known of its variants from one row each, so that none can be forgotten.
macro_rules! layers {
    ($($(#[$doc:meta])* $number:literal $layer:ident $name:literal $when:ident($ask:path);)*) => {
        /// One layer of the gate, in the order in which they are asked.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Layer {
            $($(#[$doc])* $layer,)*
        }

        impl Layer {
            /// All layers, in the order in which they are asked.
            pub const ALL: &[Self] = &[$(Self::$layer),*];

            /// Its number, as the documentation and [`Status`](crate::Status) have it.
            pub const fn number(self) -> u8 {
                match self { $(Self::$layer => $number,)* }
            }

            /// Its name, as [`Status`](crate::Status) shows it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$layer => $name,)* }
            }

            #[cfg(not(compiled_out))]
            pub(crate) const fn ask<A: AskedFor>(self) -> Ask<A> {
                match self { $(Self::$layer => Ask::$when($ask),)* }
            }
        }
    };
}

layers! {
    /// How the program was built.
    1 Build "build" Memory(build::ask);
    /// What the host has said.
    2 HostVeto "host veto" Memory(host_veto::ask);
    /// The variable `DO_NOT_TRACK`.
    3 DoNotTrack "DO_NOT_TRACK" Memory(do_not_track::ask);
    /// The variables of the SDK that turn it off.
    4 Variables "variables" Memory(variables::ask);
    /// The policy of the machine's administrator.
    5 MachinePolicy "machine policy" Files(machine_policy::ask);
    /// The policy of the project in which the program runs.
    6 ProjectFile "project file" Files(project_file::ask);
    /// Where the program runs: CI, package build, test run, raised rights.
    7 Environment "environment" Memory(environment::ask);
    /// Whether this build is one under development, or one for users.
    8 Development "development" Memory(development::ask);
    /// Whether the server asked this version to stop.
    9 Server "server" Files(server::ask);
    /// What the user decided.
    10 StoredConsent "stored consent" Files(stored_consent::ask);
    /// What the author chose for users who decided nothing.
    11 Default "default" Files(default::ask);
}

/// How a layer is asked: on the thread that records the first event, from memory and environment; or by whoever appends, from
/// files.
#[cfg(not(compiled_out))]
pub(crate) enum Ask<A> {
    Memory(fn(&MemoryFacts<'_>) -> A),
    Files(fn(&FileFacts<'_>) -> A),
}

/// What one layer of the gate said, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LayerDecision {
    /// The number of the [`Layer`]; lower numbers are asked first. 0 stands before them in a forked child, and says what to
    /// do.
    pub number: u8,
    /// Its name.
    pub name: &'static str,
    /// What it says.
    pub verdict: Verdict,
    /// What was found. In JSON its text, with the stable word beside it as `found`.
    #[serde(flatten, serialize_with = "finding::keys")]
    pub value: Finding,
    /// Where it was found.
    pub source: String,
}

impl LayerDecision {
    /// What the only layer of a build without telemetry says. It asks for no name, so that such a build holds none of the
    /// others.
    #[cfg(compiled_out)]
    pub(crate) fn compiled_out(source: &str) -> Self {
        Self { number: 1, name: "build", verdict: Verdict::Off, value: Finding::CompiledOut, source: source.to_owned() }
    }

    #[cfg(not(compiled_out))]
    pub(crate) fn new(layer: Layer, answer: Answer) -> Self {
        let Answer { verdict, value, source } = answer;
        Self { number: layer.number(), name: layer.name(), verdict, value, source }
    }

    /// What stands before all layers in the child of a fork.
    #[cfg(not(compiled_out))]
    pub(crate) fn forked() -> Self {
        Self {
            number: 0,
            name: "process",
            verdict: Verdict::Off,
            value: Finding::ForkedChild,
            source: "call telemetry_runtime::reinit_after_fork() in the child".to_owned(),
        }
    }

    /// The layer that said it; `None` for what stands before all layers.
    #[cfg(not(compiled_out))]
    pub(crate) fn layer(&self) -> Option<Layer> {
        Layer::ALL.iter().copied().find(|layer| layer.number() == self.number)
    }
}
