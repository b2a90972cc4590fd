//! Tells the user, after it is certain that the telling can be remembered.

use std::path::Path;

use telemetry_schema::Notice;

use super::create;
use crate::{
    notice::{self, AgreedSet},
    pipeline::storage::{
        SdkDir,
        consent_file::{self, ConsentFile, ConsentState},
    },
    sdk::Sdk,
};

/// How the user was told in this run.
pub(super) enum Telling {
    /// Nobody watches, or the host shows the notice and has not done so.
    NotShown,
    /// The host has shown the notice.
    ByHost,
    /// It was printed here.
    Printed,
    /// It was printed here, and while it was being read somebody decided. Their word is not overwritten; it is read next.
    DecidedMeanwhile,
}

/// Shows the notice if somebody watches, and remembers it or that the host has shown it.
///
/// # Errors
///
/// Why it cannot be remembered. Then nothing was printed: what cannot be kept would be told at every run, and nothing could
/// ever be recorded truthfully.
pub(super) fn tell(sdk: Sdk, base: &Path, before: &ConsentFile, wanted: &AgreedSet) -> Result<Telling, String> {
    let (shown_by_host, surroundings) = {
        let settings = sdk.state.settings();
        let surroundings = settings.env.as_ref().map(|env| env.surroundings.clone()).unwrap_or_default();
        (settings.options.notice_shown.clone(), surroundings)
    };
    let text = notice::notice(sdk);
    let by_host = shown_by_host.as_deref() == Some(text.hash());
    let prints =
        !by_host && matches!(sdk.info.notice, Notice::NextRun | Notice::SameRun) && notice::is_watched(&surroundings);
    if !by_host && !prints {
        return Ok(Telling::NotShown);
    }
    SdkDir::may_write(base, sdk.info.name).map_err(|reason| reason.to_string())?;
    let dir = create(base, sdk)?;
    let told = ConsentFile { consent: before.consent, agreed: wanted.events.clone(), sdk: Some(wanted.sdk.clone()) };
    let said = |error: std::io::Error| error.kind().to_string();
    if decided_since(&dir, before) {
        return Ok(Telling::DecidedMeanwhile);
    }
    // The file as it is, once more: so it can be replaced. What comes next lies beside it in full: so there is room for it.
    consent_file::store(&dir, before, false).map_err(said)?;
    let staged = consent_file::stage(&dir, &told, false).map_err(said)?;
    if prints && !notice::print(&text) {
        return Ok(Telling::NotShown);
    }
    if decided_since(&dir, before) {
        return Ok(Telling::DecidedMeanwhile);
    }
    staged.take_place().map_err(said)?;
    Ok(if by_host { Telling::ByHost } else { Telling::Printed })
}

/// Whether the file says something else than before.
fn decided_since(dir: &SdkDir, before: &ConsentFile) -> bool {
    match consent_file::load(dir) {
        ConsentState::Absent => before.consent.is_some(),
        ConsentState::Unreadable(_) => true,
        ConsentState::Loaded(now) => now.consent != before.consent,
    }
}
