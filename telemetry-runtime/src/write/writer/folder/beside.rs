//! Several SDKs of one program whose users are to be told at one moment share one notice: a person reads once, and what they have read is
//! remembered for each.
//!
//! An SDK that has recorded nothing yet is not asked: nothing of it happens before its first event.

use std::{
    collections::BTreeMap,
    io,
    path::Path,
    ptr,
    sync::{MutexGuard, atomic::Ordering},
    time::Duration,
};

use telemetry_schema::Notice;

use crate::{
    decide::{
        gate,
        layer::Verdict,
        loopback,
        notice::{self, AgreedSet},
        notice_text, settings,
    },
    declare::{
        registry::all_sdks,
        sdk::{Mode, Sdk},
    },
    write::{
        files::{
            state_dir::{self, SdkDir},
            told_file::{self, Told},
        },
        writer::{
            SdkWriter,
            folder::{
                agreement::Agreement,
                reading::{self, read},
                readme::create,
            },
            table,
        },
    },
};

/// An SDK that waits for its first notice.
pub(super) struct Other {
    sdk: Sdk,
    dir: SdkDir,
    told: Told,
    text: notice_text::Notice,
    /// Held until it was told: nobody reads its folder, or shows its notice, at this moment.
    writer: MutexGuard<'static, SdkWriter>,
}

/// Those of the same user, besides `sdk`, that have an event, may record it, and were told nothing yet; that they were told can be
/// remembered. One whose writer is busy shows its own.
pub(super) fn due(sdk: Sdk, base: &Path) -> Vec<Other> {
    let mut due: Vec<Other> = Vec::new();
    for other in all_sdks() {
        // Those of one name share a folder, and each is told by itself.
        let is_known = |known: &Sdk| ptr::eq(known.info, other.info) || known.info.name == other.info.name;
        let waits = other.state.resting_mode() == Mode::Pending;
        if !waits || is_known(&sdk) || due.iter().any(|known| is_known(&known.sdk)) {
            continue;
        }
        due.extend(Other::of(other, base));
    }
    due
}

impl Other {
    fn of(sdk: Sdk, base: &Path) -> Option<Self> {
        let writer = table::within(sdk, Duration::ZERO)?;
        let prints = matches!(sdk.info.notice, Notice::NextRun | Notice::SameRun);
        let options = settings::of(sdk).options.clone();
        if !prints || options.notice_shown.is_some() || loopback::lifts(sdk.info, &options) {
            return None;
        }
        let reading = read(sdk);
        let decision = reading::decide(sdk, &reading, gate::verdict_by_files);
        let wanted = AgreedSet::of(sdk);
        let agreement = Agreement::of(&wanted, &reading.told, reading.level);
        if decision == Verdict::Off || !agreement.untold || reading.base.as_deref() != Some(base) {
            return None;
        }
        let text = notice::notice(sdk);
        Self::remembering(sdk, base, &wanted, text, writer).ok()
    }

    /// As for a notice of its own: that the file can be replaced, and that there is room, is known before anything is shown.
    fn remembering(
        sdk: Sdk,
        base: &Path,
        wanted: &AgreedSet,
        text: notice_text::Notice,
        writer: MutexGuard<'static, SdkWriter>,
    ) -> io::Result<Self> {
        state_dir::may_write(base, sdk.info.name).map_err(|reason| io::Error::other(reason.to_string()))?;
        let dir = create(base, sdk).map_err(io::Error::other)?;
        let mut told = told_file::load(&dir);
        told_file::store(&dir, &told)?;
        told.add(&wanted.sdk, &wanted.told(&BTreeMap::new()));
        // Dropped again: what is left is the certainty.
        drop(told_file::stage(&dir, &told)?);
        Ok(Self { sdk, dir, told, text, writer })
    }

    pub(super) fn text(&self) -> &notice_text::Notice {
        &self.text
    }

    /// It was shown. Should the disk refuse now, it is shown once more in a later run.
    pub(super) fn was_told(self) {
        let told = &self.sdk.state.told_beside;
        // First: who reads the file sees it.
        told.store(true, Ordering::SeqCst);
        if told_file::store(&self.dir, &self.told).is_err() {
            told.store(false, Ordering::SeqCst);
        }
        drop(self.writer);
    }
}
