//! What a page has lost is counted in its status. It writes no ledger down, so there is nothing to tell the next day.

use crate::{
    declare::{configuration::Configuration, sdk::Sdk},
    write::writer::folder::StateFolder,
};

/// There is no report.
pub(crate) fn append_if_due(_: Sdk, _: &Configuration, _: &mut StateFolder) {}
