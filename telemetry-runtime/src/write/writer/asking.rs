//! A notice that could not be shown is asked for again: while a full-screen program has the terminal nothing is printed, and
//! what nobody saw does not count as told.
//!
//! The worker looks at the terminal, after pauses that double, and soon after each further event. The state folder is read
//! again only when somebody watches.

use std::time::{Duration, Instant};

use crate::{
    base::{
        clock,
        limits::{NOTICE_AFTER_EVENT, NOTICE_FIRST, NOTICE_LONGEST},
        process::is_forked,
    },
    decide::settings,
    declare::{
        registry::all_sdks,
        sdk::{Mode, Sdk},
    },
    write::writer::{self, SdkWriter, show},
};

/// When to look at the terminal again.
#[derive(Debug)]
pub(crate) struct Asking {
    asked: Instant,
    pause: Duration,
}

impl Asking {
    /// After a notice that was not shown; `None` where it never will be in this run.
    pub(crate) fn after(before: Option<Self>, sdk: Sdk) -> Option<Self> {
        if !show::may_be_watched(&settings::surroundings(sdk)) {
            return None;
        }
        sdk.state.wants_notice.store(true, std::sync::atomic::Ordering::SeqCst);
        let pause = before.map_or(NOTICE_FIRST, |before| (before.pause * 2).min(NOTICE_LONGEST));
        Some(Self { asked: clock::instant(), pause })
    }

    /// When to look; soon after an event.
    fn due(&self, sdk: Sdk) -> Instant {
        let event = !sdk.state.wants_notice.load(std::sync::atomic::Ordering::SeqCst);
        self.asked + if event { self.pause.min(NOTICE_AFTER_EVENT) } else { self.pause }
    }
}

impl SdkWriter {
    /// Reads the state folder again while the SDK is in `mode`: somebody may be told now, or was told meanwhile.
    pub(crate) fn read_again(&mut self, sdk: Sdk, mode: Mode) {
        if let super::Files::Open(folder) = &mut self.files {
            folder.save_memory(); // The next look at the folder reads it from there.
        }
        self.forget_files(sdk);
        sdk.state.change_mode(mode, Mode::Pending);
        self.read_state_folder(sdk);
    }

    /// Shows the notice if it is time, or at once, and if somebody watches by now; answers when to look again.
    pub(crate) fn ask_again(&mut self, sdk: Sdk, at_once: bool) -> Option<Instant> {
        let due = self.asking.as_ref()?.due(sdk);
        let mode = sdk.state.resting_mode();
        if !matches!(mode, Mode::AwaitingNotice | Mode::On) || is_forked() {
            self.asking = None;
            return None;
        }
        if !at_once && clock::instant() < due {
            return Some(due);
        }
        if show::is_watched(&settings::surroundings(sdk)) {
            self.read_again(sdk, mode);
        } else {
            self.asking = Asking::after(self.asking.take(), sdk);
        }
        self.asking.as_ref().map(|asking| asking.due(sdk))
    }
}

/// Asks for all SDKs; answers when to look again.
pub(crate) fn ask_again(at_once: bool) -> Option<Instant> {
    all_sdks().into_iter().filter_map(|sdk| writer::of(sdk).ask_again(sdk, at_once)).min()
}
