//! Tells the user, after it is certain that the telling can be remembered.

use std::{collections::BTreeMap, io, path::Path};

use telemetry_schema::Notice;

use crate::{
    decide::{
        consent::Consent,
        notice::{self, AgreedSet},
        notice_text::Notice as NoticeText,
        settings,
    },
    declare::sdk::Sdk,
    write::files::state_dir,
    write::{
        files::{
            consent_file::{self, ConsentState},
            told_file,
        },
        writer::{
            folder::{
                beside::{self, Other},
                readme::create,
            },
            show,
        },
    },
};

/// How the user was told in this run.
pub(crate) enum Telling {
    /// Nobody watches, or the host shows the notice and has not done so.
    NotShown,
    /// The host has shown the notice.
    ByHost,
    /// It was printed here.
    Printed,
    /// It was printed here, and while it was being read somebody decided; their word is read next.
    DecidedMeanwhile,
}

/// Shows the notice if somebody watches, and remembers it or that the host has shown it. `news` says what is new to a user
/// who was told before.
///
/// # Errors
///
/// Why it cannot be remembered. Then nothing was printed: what cannot be kept would be told at every run, and nothing could
/// ever be recorded truthfully.
pub(crate) fn tell(
    sdk: Sdk,
    base: &Path,
    decided: Option<Consent>,
    wanted: &AgreedSet,
    news: &[String],
) -> Result<Telling, String> {
    let shown_by_host = settings::of(sdk).options.notice_shown.clone();
    let surroundings = settings::surroundings(sdk);
    let text = notice::with_news(sdk, news);
    let by_host = shown_by_host.as_deref() == Some(text.hash());
    let prints =
        !by_host && matches!(sdk.info.notice, Notice::NextRun | Notice::SameRun) && show::is_watched(&surroundings);
    if !by_host && !prints {
        return Ok(Telling::NotShown);
    }
    state_dir::may_write(base, sdk.info.name).map_err(|reason| reason.to_string())?;
    let dir = create(base, sdk)?;
    let said = |error: io::Error| state_dir::why(&error);
    let mut told = told_file::load(&dir);
    // The file as it is, once more: so it can be replaced. What comes next lies beside it in full: so there is room for it.
    told_file::store(&dir, &told).map_err(said)?;
    told.add(&wanted.sdk, &wanted.told(&BTreeMap::new()));
    let staged = told_file::stage(&dir, &told).map_err(said)?;
    if prints && !show_with_others(sdk, base, &text) {
        return Ok(Telling::NotShown);
    }
    staged.take_place().map_err(said)?;
    let now = match consent_file::load(&dir) {
        ConsentState::Absent => None,
        ConsentState::Unreadable(_) => return Ok(Telling::DecidedMeanwhile),
        ConsentState::Loaded(file) => file.consent,
    };
    Ok(match now == decided {
        false => Telling::DecidedMeanwhile,
        true if by_host => Telling::ByHost,
        true => Telling::Printed,
    })
}

/// Prints the notice, in one with those of other SDKs that wait for theirs at this moment, if the terminal takes that.
fn show_with_others(sdk: Sdk, base: &Path, text: &NoticeText) -> bool {
    let others = beside::due(sdk, base);
    let texts: Vec<_> = std::iter::once(text).chain(others.iter().map(Other::text)).collect();
    if others.is_empty() || !show::print_together(&texts) {
        return show::print(text);
    }
    others.into_iter().for_each(Other::was_told);
    true
}
