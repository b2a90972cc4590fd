//! What the examples share: a server, a state folder and a child process for each demonstration.
//!
//! An example is one program that plays two parts. Started by you it is the *presenter*: it starts an HTTP server on a
//! loopback port, makes a temporary folder, starts itself once more with a changed environment, and shows what arrived.
//! Started by the presenter it is the *demo program*: the part of the file that looks like a product of yours.
//!
//! The presenter prints every change it makes to the environment, so you can do the same by hand. It removes the
//! variables with which you may have opted out: what the demo program records goes to the presenter and nowhere else.
//! When something is not as the text says, the example ends with exit code 1.

mod claim;
mod pretty;
mod run;
mod show;
mod stage;
mod state_folder;

use std::{env, process::ExitCode};

pub use claim::{NotAsSaid, ensure};
pub use run::{Ended, Run};
pub use show::{print_status, section, show_inventory, show_notice, show_received};
pub use stage::{Stage, distinct};
pub use telemetry_runtime::testing::Received;

use telemetry_runtime::Options;

/// The variable that tells the demo program where its server listens; without it the program is the presenter.
pub const PORT: &str = "ACME_DEMO_PORT";

/// One example.
#[derive(Debug, Clone, Copy)]
pub struct Example {
    /// The variables with which a user may have opted out of the example's SDKs, or turned on their debug mode. The
    /// presenter removes them from the environment of the demo program.
    pub variables: &'static [&'static str],
    /// The demo program. Its telemetry goes to the options that it is given.
    pub program: fn(Options) -> ExitCode,
    /// The presenter.
    pub present: fn(&Example) -> Result<(), NotAsSaid>,
}

impl Example {
    /// Plays the part that the environment asks for.
    pub fn main(&self) -> ExitCode {
        if let Some(port) = env::var(PORT).ok().and_then(|port| port.parse().ok()) {
            // For demos and tests only: an SDK whose endpoint is no loopback address ignores both options.
            return (self.program)(Options::new().loopback().loopback_port(port));
        }
        match (self.present)(self) {
            Ok(()) => {
                println!("\nEverything was as said.");
                ExitCode::SUCCESS
            }
            Err(error) => {
                eprintln!("\nNOT AS SAID: {error}");
                ExitCode::FAILURE
            }
        }
    }
}
