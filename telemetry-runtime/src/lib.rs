//! Usage telemetry that people can trust: typed events, one gate, a spool, and an exit that never waits.
//!
//! An SDK declares itself once and annotates what it wants to know of:
//!
//! ```
//! use telemetry_runtime::{Sdk, TelemetryValue, record, sdk, telemetry_event, track_call, track_mount};
//!
//! /// Usage of the Acme components in development projects.
//! pub static TELEMETRY: Sdk = sdk! {
//!     name: "acme-ui",
//!     role: Library,
//!     default: On,
//!     env: "ACME",
//!     endpoint: "https://telemetry.acme.example",
//!     wire: EventBatch { strict: false },
//!     docs: "https://acme.example/telemetry",
//!     operator: "Acme Inc.",
//!     contact: "privacy@acme.example",
//!     region: "EU",
//!     retention: "90 days",
//!     shared_with: "nobody",
//!     event_case: "SCREAMING_SNAKE_CASE",
//! };
//!
//! /// Which dialog.
//! #[derive(TelemetryValue)]
//! pub enum Dialog {
//!     Settings,
//!     Profile,
//! }
//!
//! /// A dialog was opened.
//! #[telemetry_event(rename_all = "camelCase")]
//! pub struct DialogOpened {
//!     /// Which one.
//!     dialog: Dialog,
//!     /// How many entries it lists.
//!     #[telemetry(range = 0..=255)]
//!     entry_count: u16,
//! }
//!
//! /// Renders the sign-in form.
//! #[track_mount(component = "SignIn", props(appearance))]
//! pub fn sign_in(appearance: Option<&str>) {}
//!
//! /// Reads the session of a request.
//! #[track_call]
//! pub fn get_auth() {}
//!
//! fn main() -> Result<(), telemetry_runtime::RegistryError> {
//!     sign_in(Some("dark"));
//!     get_auth();
//!     record!(DialogOpened { dialog: Dialog::Settings, entry_count: 3 });
//!     for event in telemetry_runtime::registry()?.events() {
//!         println!("{}: {}", event.key(), event.doc);
//!     }
//!     Ok(())
//! }
//! ```
//!
//! Nobody has to call anything else: no init, no flush, no handle to keep.
//!
//! # Declare
//!
//! [`sdk!`](sdk) makes the [`Sdk`]: its name, where its events go, who answers for them, and what holds for users who have
//! decided nothing. The static is called `TELEMETRY` and stands at the root of the crate.
//!
//! # Annotate
//!
//! [`#[telemetry_event]`](macro@telemetry_event) makes a struct an event. [`#[track_mount]`](macro@track_mount) and
//! [`#[track_call]`](macro@track_call) record that a function was called, and which of its arguments were present.
//! [`#[derive(TrackCommand)]`](derive@TrackCommand) reports commands and flags of a command line with clap.
//! [`#[derive(TelemetryValue)]`](derive@TelemetryValue) makes an enum or a struct the type of a field. Ready-made types are
//! [`CountBucket`], [`DurationBucket`], [`Version`], [`Os`], [`OsVersion`], [`OneOf`], [`List`], [`Packages`] and [`Pseudonym`]. Text and
//! numbers without bounds do not compile unless the author writes down why they must be sent.
//!
//! # Record
//!
//! [`record!`] records an event. It never waits for a network, never fails and never panics; where the gate says no, it evaluates
//! nothing. The first accepted event starts one worker thread, which writes events to disk; a thread of its own sends them.
//! `main` returns without waiting for either. A short program says in [`sdk!`](sdk) what happens at its end, and calls
//! [`exit_guard`] in the first line of `main`.
//!
//! # See it
//!
//! `ACME_TELEMETRY_DEBUG=1` prints events to standard error as they would be sent, and sends and stores nothing.
//! [`Sdk::status`] shows every [`Layer`] of the gate, which one decided, and what became of the events of this process.
//!
//! # What users are told, and what they may say
//!
//! Before anything is recorded, a [`Notice`] says what is recorded, where it goes and how to stop it. Users say no by a variable
//! (`ACME_TELEMETRY_DISABLED`, `DO_NOT_TRACK`), by a file in the state folder, or by a setting of the program, which calls
//! [`Sdk::set_consent`]. A host says no by [`veto_all`] or [`Options::enabled`].
//!
//! # Test it
//!
//! The feature `testing` has `testing::capture`, which returns what some code has recorded, and a server to send to. What cargo
//! runs as a test is never recorded.
//!
//! # Audit it
//!
//! [`registry`] lists every event that the running program can record; [`manifest`] is the same as JSON. The same records lie in the
//! binary, where the command `cargo telemetry` reads them without running the program, and compares releases.
//!
//! # Ship it
//!
//! A library reports from programs under development, an application from its release builds; CI, package builds and tests are off.
//! [`Options`] has what a host may set, among it the [`wrapper!`] of a framework. [`flush`] and [`shutdown`] are for programs that
//! must wait, [`reinit_after_fork`] is for servers that fork.
//!
//! # Turn it off
//!
//! The cargo feature `no-telemetry`, set by any crate of the graph, compiles all of it out; so does
//! `RUSTFLAGS="--cfg no_telemetry"`, and so does every wasm target. The API stays the same.
//!
//! # Limits
//!
//! This is no defence against an author who lies or opens a socket of their own: lists, locks and proofs cover only what is
//! made with this framework. A listed event is one that the program *can* record, not one that it does record.
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)
)]
#![cfg_attr(docsrs, feature(doc_cfg))]
// Compiled out, the plain data types keep constructors that nothing calls. A page has no use for what threads, processes and files need.
#![cfg_attr(not(native), allow(dead_code))]

mod base;
#[cfg(all(feature = "clap", not(in_page)))]
#[cfg_attr(docsrs, doc(cfg(feature = "clap")))]
pub mod cli;
mod count;
mod decide;
mod declare;
#[cfg(all(any(test, fuzzing), native))]
#[cfg_attr(not(fuzzing), expect(unreachable_pub, reason = "`fuzz/` reaches them"))]
mod fuzz;
mod host;
#[cfg(not(compiled_out))]
mod pipeline;
#[cfg(not(compiled_out))]
mod record;
#[cfg(not(compiled_out))]
mod send;
#[cfg(all(not(in_page), feature = "testing"))]
mod server;
#[cfg(not(compiled_out))]
mod wire;
#[cfg(not(compiled_out))]
mod write;

#[cfg(not(compiled_out))]
#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
/// What the fuzz targets of `fuzz/` call; not part of the API.
#[cfg(all(fuzzing, native))]
#[doc(hidden)]
pub mod fuzzing {
    pub use crate::fuzz::small_file;
}
#[cfg(all(native, feature = "testing"))]
pub mod testing;

#[cfg(compiled_out)]
mod off;

pub use count::LedgerCounts;
pub use decide::answer::Verdict;
pub use decide::consent::{Consent, ConsentError};
pub use decide::exit_text::StatusExit;
pub use decide::finding::Finding;
pub use decide::layer::{Layer, LayerDecision};
pub use decide::notice_text::Notice;
pub use decide::options::Options;
pub use decide::pause_text::{PauseReason, StatusPause};
pub use declare::command::CommandOutcome;
pub use declare::instance;
pub use declare::registry_types::{Registry, RegistryError};
pub use declare::transport::{self, Transport};
pub use declare::wrapper::Wrapper;
pub use host::at_vendor::{AtVendorError, ErasedAtVendor, InstallationId};
pub use host::consent_answer::{ConsentAnswer, NotAsked};
pub use host::consent_watch::ConsentWatch;
pub use host::erased::Erased;
pub use host::flushed::{FlushError, Flushed};
pub use host::status::{LedgerTotal, Status, StatusMode};
pub use host::stored_decision::StoredDecision;
pub use telemetry_macros::{TelemetryValue, TrackCommand, prop_set, sdk, telemetry_event, track_call, track_mount};
pub use telemetry_schema as schema;
pub use telemetry_schema::Level;

#[cfg(not(compiled_out))]
pub use declare::registry::{manifest, registry};
#[cfg(not(compiled_out))]
pub use declare::sdk::Sdk;
#[cfg(not(compiled_out))]
pub use declare::value::{
    CountBucket, DurationBucket, IsPresent, List, OneOf, Os, OsVersion, Packages, Pseudonym, TelemetryValue, Version,
    VersionTag,
};
#[cfg(in_page)]
pub use host::exit::reinit_after_fork;
#[cfg(not(compiled_out))]
pub use host::exit::{ExitGuard, exit_guard};
#[cfg(not(compiled_out))]
pub use host::folders::{SdkFolder, sdk_folders, sent_request};
#[cfg(native)]
pub use host::fork::reinit_after_fork;
#[cfg(not(compiled_out))]
pub use host::veto::{allow_release, reload_environment, veto_all};
#[cfg(not(compiled_out))]
pub use host::{
    asked::status,
    lifecycle::{flush, shutdown},
};
#[cfg(not(compiled_out))]
pub use pipeline::command::{TrackCommand, Tracked};
#[cfg(not(compiled_out))]
pub use pipeline::event::{Event, record_with, register};

#[cfg(all(compiled_out, feature = "testing"))]
pub use off::testing;
#[cfg(compiled_out)]
pub use off::{
    CountBucket, DurationBucket, Event, ExitGuard, IsPresent, List, OneOf, Os, OsVersion, Packages, Pseudonym, Sdk,
    SdkFolder, TelemetryValue, TrackCommand, Tracked, Version, VersionTag, allow_release, exit_guard, flush, manifest,
    record_with, register, registry, reinit_after_fork, reload_environment, sdk_folders, sent_request, shutdown,
    status, veto_all,
};

#[doc(hidden)]
#[cfg(compiled_out)]
pub use off::private as __private;

#[doc = include_str!("../docs/record.md")]
#[macro_export]
macro_rules! record {
    ($($event:tt)*) => {
        $crate::__private::record_event! { ($crate) $($event)* }
    };
}
