use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering};

use crate::{
    base::{interned::Interned, limits::QUEUE_SHARDS, process},
    count::ledger::Ledger,
    declare::{configuration::Configuration, sampling::ALWAYS},
};

/// How many captures of `testing` are in progress in this process.
#[cfg(all(native, feature = "testing"))]
pub(crate) static CAPTURES: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);

/// What the gate decided, as the caller's thread needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Mode {
    /// Nobody asked yet.
    Undecided = 0,
    /// Some layer says no.
    Off = 1,
    /// The layers in memory say yes; those in files have not been read.
    Pending = 2,
    /// All layers say yes.
    On = 3,
    /// The user has not been told yet: events are counted, not recorded.
    AwaitingNotice = 4,
    /// Events are printed instead of sent.
    Debug = 5,
    /// A test captures events.
    #[cfg(all(native, feature = "testing"))]
    Captured = 6,
    /// This process is a forked child, which records nothing; see `base/process/fork.rs`.
    Forked = 7,
}

impl Mode {
    fn from_u8(value: u8) -> Self {
        match value {
            1 => Self::Off,
            2 => Self::Pending,
            3 => Self::On,
            4 => Self::AwaitingNotice,
            5 => Self::Debug,
            #[cfg(all(native, feature = "testing"))]
            6 => Self::Captured,
            7 => Self::Forked,
            _ => Self::Undecided,
        }
    }
}

/// What was seen of a mode, for more than one question about it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look(u8);

impl Look {
    #[inline]
    pub(crate) fn is_off(self) -> bool {
        self.0 == Mode::Off as u8
    }

    #[inline]
    pub(crate) fn is_on(self) -> bool {
        self.0 == Mode::On as u8
    }
}

/// The state of one SDK in this process: a static beside its declaration.
///
/// In this order in memory: what every event asks and counts stands together, at small offsets.
#[doc(hidden)]
#[derive(Debug)]
#[repr(C)]
pub struct SdkState {
    mode: AtomicU8,
    /// The mode behind [`Mode::Captured`].
    resting: AtomicU8,
    /// Today's sample roll: 32 random bits that decide for every event of the day whether it is in the sample.
    pub(crate) sample_roll: AtomicU32,
    /// What events carry that are recorded now.
    pub(crate) configuration: Interned<Configuration>,
    /// The share of sample rolls that this SDK records at all.
    pub(crate) threshold: AtomicU64,
    pub(crate) ledger: Ledger,
    /// What was read from the state folder lets events be sent; collecting without sending does not.
    pub(crate) may_send: AtomicBool,
    /// A notice could not be shown, and no event has come since; see `write/writer/asking.rs`.
    pub(crate) wants_notice: AtomicBool,
    /// The notice was shown in this run together with that of another SDK; the writer has not come to it yet.
    pub(crate) told_beside: AtomicBool,
    /// Events before these positions of the queue were discarded by the host.
    pub(crate) discarded_to: [AtomicU64; QUEUE_SHARDS],
}

impl SdkState {
    #[doc(hidden)]
    pub const fn new() -> Self {
        Self {
            mode: AtomicU8::new(Mode::Undecided as u8),
            resting: AtomicU8::new(Mode::Undecided as u8),
            sample_roll: AtomicU32::new(0),
            configuration: Interned::new(),
            threshold: AtomicU64::new(ALWAYS),
            ledger: Ledger::new(),
            may_send: AtomicBool::new(false),
            wants_notice: AtomicBool::new(false),
            told_beside: AtomicBool::new(false),
            discarded_to: [const { AtomicU64::new(0) }; QUEUE_SHARDS],
        }
    }

    /// The first question of every call: one load and a compare.
    #[inline]
    pub fn is_off(&self) -> bool {
        self.mode.load(Ordering::Relaxed) == Mode::Off as u8
    }

    /// The mode of this moment, in one load.
    #[inline]
    pub(crate) fn look(&self) -> Look {
        Look(self.mode.load(Ordering::Acquire))
    }

    /// Whether all layers say yes, in one load.
    #[inline]
    pub(crate) fn is_on(&self) -> bool {
        self.look().is_on()
    }

    #[inline]
    pub(crate) fn mode(&self) -> Mode {
        Mode::from_u8(self.mode.load(Ordering::Acquire))
    }

    /// The mode without regard to a test's capture.
    pub(crate) fn resting_mode(&self) -> Mode {
        Mode::from_u8(self.resting.load(Ordering::Acquire))
    }

    /// Replaces the mode; a capture in progress stays on top.
    pub(crate) fn set_mode(&self, mode: Mode) {
        self.resting.store(mode as u8, Ordering::SeqCst);
        self.show_mode();
    }

    /// As [`SdkState::set_mode`], unless the mode is no longer `from`: another thread has decided since.
    pub(crate) fn change_mode(&self, from: Mode, to: Mode) -> bool {
        let changed = self.resting.compare_exchange(from as u8, to as u8, Ordering::SeqCst, Ordering::SeqCst).is_ok();
        self.show_mode();
        changed
    }

    /// Makes the mode that callers see follow the resting mode and captures.
    pub(crate) fn show_mode(&self) {
        // Whoever stores an answer asks once more: two threads that do so cannot leave the older one behind.
        loop {
            let shown = self.mode_to_show();
            self.mode.store(shown, Ordering::SeqCst);
            if self.mode_to_show() == shown {
                return;
            }
        }
    }

    fn mode_to_show(&self) -> u8 {
        if process::is_forked() {
            return Mode::Forked as u8;
        }
        #[cfg(all(native, feature = "testing"))]
        if CAPTURES.load(Ordering::SeqCst) > 0 {
            return Mode::Captured as u8;
        }
        self.resting.load(Ordering::SeqCst)
    }

    /// Silences the SDK in a forked child. Signal-safe.
    pub(crate) fn fall_silent(&self) {
        self.mode.store(Mode::Forked as u8, Ordering::Release);
    }

    /// Forgets what the parent of a forked child has decided and counted; the first event asks the gate again.
    pub(crate) fn begin_again(&self) {
        self.ledger.reset();
        self.may_send.store(false, Ordering::SeqCst);
        self.configuration.begin_again();
        self.resting.store(Mode::Undecided as u8, Ordering::SeqCst);
    }
}
