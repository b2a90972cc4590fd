//! What became of every event.

mod counts;
#[cfg(not(compiled_out))]
pub(crate) mod ledger;

pub use counts::LedgerCounts;
