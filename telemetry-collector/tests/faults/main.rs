//! Faults S1 to S16 of `docs/collector-faults.md`: what must not be lost, doubled or leaked when something goes wrong. A collector
//! is a process of its own where it is killed.
//!
//! `TELEMETRY_COLLECTOR_LONG=1`, which `scripts/collector-faults` sets, makes the long ones as long as the page says. The number is that of the minutes for which
//! ClickHouse is away.

#[path = "../collector/harness.rs"]
#[expect(dead_code, reason = "shared with the other tests")]
mod harness;

mod abuse;
mod clickhouse;
mod disk;
mod kills;
mod load;
mod privacy;
mod process;
mod slow;
