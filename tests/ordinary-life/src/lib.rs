//! What the programs of these tests share. The environment tells them all that a test wants: `LIFE_PORT` is the port of
//! its server, `LIFE_NOW` the time at which the program starts, in seconds since 1970.

mod page;

use std::time::{Duration, UNIX_EPOCH};

use telemetry_runtime::{Options, Sdk, testing::Clock};

pub use page::page;

/// The first line of each program: its clock and its server. The gate and the notice stay in force.
pub fn begin(sdk: &Sdk) {
    Clock::set(UNIX_EPOCH + Duration::from_secs(number("LIFE_NOW")));
    let port = u16::try_from(number("LIFE_PORT")).unwrap_or_default();
    sdk.configure(Options::new().loopback_port(port));
}

fn number(variable: &str) -> u64 {
    let value = std::env::var(variable).unwrap_or_default();
    value.parse().unwrap_or_else(|_| panic!("{variable} is no number: {value:?}"))
}

/// The argument at this place, as a number.
pub fn argument(index: usize) -> u32 {
    std::env::args().nth(index).and_then(|text| text.parse().ok()).unwrap_or_default()
}
