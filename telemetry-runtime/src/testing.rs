//! For the tests of SDK authors: what was recorded, and that nothing was.
//!
//! [`capture`] sees the events of one thread past gate, sampling and throttle, so a test needs no consent, no notice and
//! no network. [`assert_inert`] runs code and panics if the runtime recorded, wrote, sent, printed or started anything.
//! [`LoopbackServer`] is a real HTTP server on a loopback port that keeps what it received. [`Reply::hostile`] is a list of
//! what networks do to requests; a test that runs a program against each of them is a few lines, see there. [`Clock`] moves
//! the time of the runtime.
//!
//! ```
//! use telemetry_runtime::{Sdk, record, sdk, telemetry_event, testing};
//!
//! /// Usage of the Acme components.
//! pub static TELEMETRY: Sdk = sdk! {
//!     name: "acme-ui", role: Library, default: On, env: "ACME",
//!     endpoint: "https://telemetry.acme.example", wire: EventBatch { strict: false },
//!     docs: "https://acme.example/telemetry", operator: "Acme Inc.", contact: "privacy@acme.example",
//!     region: "EU", retention: "90 days", shared_with: "nobody",
//! };
//!
//! /// A panel was opened.
//! #[telemetry_event]
//! pub struct PanelOpened {
//!     /// Whether it was the first one.
//!     first: bool,
//! }
//!
//! fn main() {
//!     let recorded = testing::capture(|| record!(PanelOpened { first: true }));
//!     assert_eq!(recorded.only().event(), "panel_opened");
//!     assert_eq!(recorded.only().payload(), r#"{"first":true}"#);
//! }
//! ```
//!
//! With the feature `no-telemetry` nothing can be recorded, and every function here panics and says so: a test that
//! passes because telemetry is compiled out would test nothing. The server works there too: it receives nothing.

mod clock;
mod inert;

pub use crate::record::captured::{Recorded, RecordedEvent, capture, capture_process};
pub use crate::server::{LoopbackServer, Received, Reply};
pub use clock::Clock;
pub use inert::assert_inert;

/// Puts the policy of the machine elsewhere in this process, for tests of what a policy does; `false` if that was done before. No
/// variable does that, so that nobody undoes what an administrator has decided. Call it before anything is recorded.
pub fn move_machine_policy(path: impl Into<std::path::PathBuf>) -> bool {
    crate::write::files::policy_file::move_machine_policy(path.into())
}

/// How many accepted events of an SDK are in memory: recorded, and not yet appended to the spool. Everything else has
/// ended or survives the end of the process.
pub fn events_in_memory(sdk: &crate::Sdk) -> u64 {
    sdk.state.ledger.in_memory()
}
