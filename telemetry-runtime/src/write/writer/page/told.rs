//! Tells the developer of a page, or remembers that the host has told its user.

use std::io;

use telemetry_schema::Notice;

use crate::{
    base::print,
    decide::{
        notice::{self, AgreedSet},
        settings,
    },
    declare::sdk::Sdk,
    write::files::{
        state_dir::{self, SdkDir},
        told_file,
    },
};

/// How the user was told in this page.
pub(crate) enum Telling {
    /// The host shows the notice and has not done so.
    NotShown,
    /// The host has shown it.
    ByHost,
    /// It stands on the console, for the developer.
    Printed,
}

/// Remembers that the host has shown the notice; in development writes it to the console, once. `news` says what is new.
///
/// # Errors
///
/// Why it cannot be remembered.
pub(crate) fn tell(
    sdk: Sdk,
    dir: &SdkDir,
    wanted: &AgreedSet,
    news: &[String],
    development: bool,
) -> Result<Telling, String> {
    let text = notice::with_news(sdk, news);
    let by_host = settings::of(sdk).options.notice_shown.as_deref() == Some(text.hash());
    let prints = !by_host && development && matches!(sdk.info.notice, Notice::NextRun | Notice::SameRun);
    if !by_host && !prints {
        return Ok(Telling::NotShown);
    }
    // First, so that nobody is told at every load.
    remember(dir, wanted)?;
    if by_host {
        return Ok(Telling::ByHost);
    }
    print::show(text.text());
    Ok(Telling::Printed)
}

/// Remembers that the user was told of all this.
///
/// # Errors
///
/// Why it cannot be.
pub(crate) fn remember(dir: &SdkDir, wanted: &AgreedSet) -> Result<(), String> {
    let mut told = told_file::load(dir);
    told.add(&wanted.sdk, &wanted.events);
    told_file::store(dir, &told).map_err(|error: io::Error| state_dir::why(&error))
}
