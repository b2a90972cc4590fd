//! What became of every event.

mod counts;
#[cfg(in_page)]
mod kept_page;
#[cfg(not(compiled_out))]
pub(crate) mod ledger;

pub use counts::LedgerCounts;
