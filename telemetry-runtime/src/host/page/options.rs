//! Settings that bring code with them, in a page; the same names as in `decide/options.rs`, which stands below that code.

use crate::{
    decide::{loopback, options::Options},
    host::sdk::lifted,
    record::{debug, mode},
};

impl Options {
    /// `true` prints events to stderr instead of sending them, as `<ENV>_TELEMETRY_DEBUG=1` does.
    pub fn debug(mut self, debug: bool) -> Self {
        debug::need();
        mode::need();
        self.debug = Some(debug);
        self
    }

    /// Lifts the environment and development layers and the notice, if the SDK's endpoint is a loopback address, and
    /// prints that it does. For demos and tests.
    pub fn loopback(mut self) -> Self {
        loopback::need();
        lifted::need();
        self.loopback = Some(true);
        self
    }

    /// Replaces the port of a loopback endpoint, for servers that take any free port. Other endpoints stay as they are:
    /// nothing moves them.
    pub fn loopback_port(mut self, port: u16) -> Self {
        loopback::need();
        self.loopback_port = Some(port);
        self
    }
}
