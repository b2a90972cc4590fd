//! When the next attempt may be made: one breaker for all processes of a user, and one for all uploads of this process.
//!
//! After a failed attempt no process tries for a minute, doubling up to a day, or to six hours where it was refused; an answer of any kind but "later" closes
//! the breaker. Processes that have just begun make one upload in ten minutes, all together. Whoever tries says so on
//! disk *before* the attempt, because it may not live to say how it ended; a process that has ended an upload says so once a minute.

use std::time::Duration;

use crate::base::collections::VecDeque;
use crate::{
    base::{
        clock::Instant,
        limits::{
            ATTEMPTS, BLOCKED_COUNTS, BLOCKED_LONGEST, BREAKER_FIRST, BREAKER_LONGEST, EXIT_INTERVAL, FITS_KEPT,
            OLD_ENOUGH, PAUSE_BELIEVED, RETRY_AFTER_SHORTEST, SPREAD, UPLOAD_INTERVAL, UPLOADS, UPLOADS_WINDOW,
        },
    },
    decide::pause_text::{PauseReason, StatusPause},
    write::files::breaker_file::{self, BreakerFile, Fits, Reason},
    write::files::state_dir::SdkDir,
};

/// The clocks and the dice, as the caller sees them at this moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Now {
    /// Seconds since 1970-01-01, which people and programs set.
    pub(crate) unix: u64,
    /// The clock that nobody sets.
    pub(crate) at: Instant,
    /// Uniform. Asked where a pause is made: each answer is a call of the system.
    pub(crate) random: fn() -> u32,
}

/// Why a delivery begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// There is something to send.
    Waiting,
    /// There is so much that older events would soon have to go. It waits for the breaker, and for nothing else.
    Filling,
    /// The program asked, by a flush or at its end. It waits for the breaker, and for nothing else.
    Asked,
}

/// Why an attempt failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// No connection, or no answer.
    Network,
    /// The connection was refused, or the name leads nowhere.
    Blocked,
    /// The server could not take it.
    Server,
    /// The server could not take it and asked for this pause.
    Asked(Duration),
    /// The server has taken nothing of an upload with as many requests as one may have.
    Refused,
}

impl Failure {
    /// How many failures it counts for.
    fn counts(self) -> u32 {
        if self == Self::Blocked { BLOCKED_COUNTS } else { 1 }
    }

    fn reason(self) -> Reason {
        match self {
            Self::Network => Reason::Network,
            Self::Blocked => Reason::Blocked,
            Self::Server => Reason::Server,
            Self::Asked(_) => Reason::Asked,
            Self::Refused => Reason::Refused,
        }
    }
}

/// The breaker of one SDK, as one process sees it.
#[derive(Debug)]
pub(crate) struct Breaker {
    endpoint: String,
    /// When this process first had something to send.
    begun: Instant,
    /// When its latest uploads began, at most [`UPLOADS`].
    uploads: VecDeque<Instant>,
    /// A pause that this process wrote, and its end by the clock that nobody sets.
    ours: Option<(u64, Instant)>,
    /// What could not be written.
    unsaved: Option<BreakerFile>,
}

impl Breaker {
    pub(crate) fn new(endpoint: &str, begun: Instant) -> Self {
        Self { endpoint: endpoint.to_owned(), begun, uploads: VecDeque::new(), ours: None, unsaved: None }
    }

    /// How long to wait before the next upload; `None` if it may begin. Writes nothing.
    pub(crate) fn wait(&self, dir: &SdkDir, why: Why, now: Now) -> Option<Duration> {
        let read;
        let file = match &self.unsaved {
            Some(file) => file,
            None => {
                read = breaker_file::load(dir, &self.endpoint);
                &read
            }
        };
        self.wait_by(file, why, now)
    }

    /// As [`Breaker::wait`], and if an upload may begin, it has.
    pub(crate) fn begin(&mut self, dir: &SdkDir, why: Why, now: Now) -> Option<Duration> {
        let mut unsaved = self.unsaved.take();
        let (wait, ours) = breaker_file::update(dir, &self.endpoint, &mut unsaved, |file| {
            if let Some(wait) = self.wait_by(file, why, now) {
                return (Some(wait), self.ours);
            }
            if self.is_said(file, now) {
                return (None, self.ours);
            }
            file.upload_at = now.unix;
            file.upload_after = now.unix.saturating_add(spread(UPLOAD_INTERVAL, (now.random)()).as_secs());
            file.unfinished = file.unfinished.saturating_add(1);
            // The others wait for what comes of this attempt. Should this process die of something else meanwhile, the
            // pause stands as it did.
            let ours = (file.failures > 0).then(|| pause_until(file, interval(file, (now.random)()), now));
            (None, ours)
        });
        self.unsaved = unsaved;
        self.ours = ours;
        if wait.is_none() {
            self.uploads.push_back(now.at);
            while self.uploads.len() > UPLOADS {
                self.uploads.pop_front();
            }
        }
        wait
    }

    /// Whether what stands in the file will do for another upload of a process that has lived to see the end of one: that
    /// somebody began one less than a minute ago, and that none has failed or was left since.
    fn is_said(&self, file: &BreakerFile, now: Now) -> bool {
        let age = now.unix.checked_sub(file.upload_at);
        let is_new = age.is_some_and(|seconds| seconds < UPLOADS_WINDOW.as_secs());
        !self.uploads.is_empty() && is_new && (file.failures, file.unfinished) == (0, 0)
    }

    /// The server answered something other than "later".
    pub(crate) fn succeeded(&mut self, dir: &SdkDir) {
        breaker_file::update(dir, &self.endpoint, &mut self.unsaved, |file| {
            file.failures = 0;
            file.not_before = 0;
            file.reason = None;
            file.unfinished = 0;
        });
        self.ours = None;
    }

    /// An attempt failed; answers how long to wait for the next one.
    pub(crate) fn failed(&mut self, dir: &SdkDir, failure: Failure, now: Now) -> Duration {
        let ours = breaker_file::update(dir, &self.endpoint, &mut self.unsaved, |file| {
            file.failures = file.failures.saturating_add(failure.counts());
            file.reason = Some(failure.reason());
            file.unfinished = 0;
            let own = interval(file, (now.random)());
            let pause = match failure {
                // Later by up to a half of the spread that others have, and never earlier.
                Failure::Asked(wait) => {
                    let wait = wait.max(RETRY_AFTER_SHORTEST);
                    let asked = wait.saturating_add(share(wait, SPREAD * unit((now.random)())));
                    if file.failures > u32::from(ATTEMPTS) { asked.max(own) } else { asked }
                }
                _ => own,
            };
            pause_until(file, pause, now)
        });
        self.ours = Some(ours);
        ours.1.saturating_duration_since(now.at)
    }

    /// The bytes of events that a request may hold, if it holds more than one.
    pub(crate) fn fits(&self, dir: &SdkDir, now: Now) -> Option<u64> {
        let fits = match &self.unsaved {
            Some(file) => file.fits,
            None => breaker_file::load(dir, &self.endpoint).fits,
        };
        fits.filter(|fits| is_kept(*fits, now.unix)).map(|fits| fits.bytes)
    }

    /// The server found a request of several events too large; the larger half of it has so many `bytes`.
    pub(crate) fn too_large(&mut self, dir: &SdkDir, bytes: u64, now: Now) {
        breaker_file::update(dir, &self.endpoint, &mut self.unsaved, |file| {
            let before = file.fits.filter(|fits| is_kept(*fits, now.unix));
            let bytes = before.map_or(bytes, |fits| fits.bytes.min(bytes));
            file.fits = Some(Fits { bytes, until: now.unix.saturating_add(FITS_KEPT.as_secs()) });
        });
    }

    /// Takes the right to wait at the end of the program, or to start a process there: once a day, and only while the
    /// breaker is closed.
    pub(crate) fn take_exit(&mut self, dir: &SdkDir, now: Now) -> bool {
        let mut unsaved = self.unsaved.take();
        let taken = breaker_file::update(dir, &self.endpoint, &mut unsaved, |file| {
            let free = left(file.exit_after, now.unix).is_none() && self.wait_by(file, Why::Asked, now).is_none();
            if free {
                file.exit_after = now.unix.saturating_add(spread(EXIT_INTERVAL, (now.random)()).as_secs());
            }
            free
        });
        self.unsaved = unsaved;
        taken
    }

    fn wait_by(&self, file: &BreakerFile, why: Why, now: Now) -> Option<Duration> {
        let open = match self.ours {
            // We wrote it, so no clock that was set since can lengthen it.
            Some((until, at)) if until == file.not_before => some(at.saturating_duration_since(now.at)),
            _ => left(file.not_before, now.unix),
        };
        if open.is_some() || matches!(why, Why::Asked | Why::Filling) {
            return open;
        }
        let age = now.at.saturating_duration_since(self.begun);
        if self.uploads.is_empty() && age < UPLOAD_INTERVAL {
            return self.turn(file, age, now.unix);
        }
        let oldest = self.uploads.front().filter(|_| self.uploads.len() >= UPLOADS)?;
        some(UPLOADS_WINDOW.saturating_sub(now.at.saturating_duration_since(*oldest)))
    }

    /// How long a process waits for its first upload, while others have just made theirs.
    fn turn(&self, file: &BreakerFile, age: Duration, unix: u64) -> Option<Duration> {
        if file.upload_at > unix {
            return None; // The clock was set back since.
        }
        let once = left(file.upload_after, unix);
        // Uploads that programs did not live to see the end of say nothing of the server, only that such programs are too
        // short for it. So they hold back programs that have just begun, and no others.
        let length =
            Duration::from_secs(file.upload_after.saturating_sub(file.upload_at)).min(doubled(UPLOAD_INTERVAL, 1));
        let held = doubled(length, file.unfinished.saturating_sub(1)).min(BREAKER_LONGEST);
        let young = left(file.upload_at.saturating_add(held.as_secs()), unix);
        let grown = once.unwrap_or_default().max(OLD_ENOUGH.saturating_sub(age));
        let wait = if age >= OLD_ENOUGH { once? } else { young?.min(grown) };
        some(wait.min(UPLOAD_INTERVAL.saturating_sub(age)))
    }
}

/// What the breaker says, for `status`; `None` while it is closed.
pub(crate) fn describe(dir: &SdkDir, endpoint: &str, unix: u64) -> Option<StatusPause> {
    let file = breaker_file::load(dir, endpoint);
    let seconds = left(file.not_before, unix)?.as_secs();
    let reason = match file.reason {
        Some(Reason::Network) => PauseReason::Network,
        Some(Reason::Blocked) => PauseReason::Blocked,
        Some(Reason::Server) => PauseReason::Server,
        Some(Reason::Refused) => PauseReason::Refused,
        Some(Reason::Asked) | None => PauseReason::Asked,
    };
    Some(StatusPause::Breaker { seconds, reason })
}

/// The time from `unix` to `until`; `None` if it has come, or if nobody of us can have written it.
fn left(until: u64, unix: u64) -> Option<Duration> {
    some(Duration::from_secs(until.saturating_sub(unix))).filter(|left| *left <= PAUSE_BELIEVED)
}

/// Whether what the server found too large still counts; not if the clock was set back since.
fn is_kept(fits: Fits, unix: u64) -> bool {
    fits.until.checked_sub(unix).is_some_and(|left| left > 0 && left <= FITS_KEPT.as_secs())
}

fn some(wait: Duration) -> Option<Duration> {
    (!wait.is_zero()).then_some(wait)
}

/// Writes a pause; answers with it by both clocks. Whole seconds on disk, rounded up.
fn pause_until(file: &mut BreakerFile, pause: Duration, now: Now) -> (u64, Instant) {
    file.not_before = now.unix.saturating_add(pause.as_secs()).saturating_add(u64::from(pause.subsec_nanos() > 0));
    (file.not_before, now.at.checked_add(pause).unwrap_or(now.at))
}

/// The pause after so many failures, the last of which was of this kind.
fn interval(file: &BreakerFile, random: u32) -> Duration {
    let pause = doubled(BREAKER_FIRST, file.failures.saturating_sub(1));
    let longest = if file.reason == Some(Reason::Blocked) { BLOCKED_LONGEST } else { BREAKER_LONGEST };
    spread(pause.min(longest), random)
}

/// Whole seconds, doubled so many times, 16 at most.
fn doubled(time: Duration, times: u32) -> Duration {
    Duration::from_secs(time.as_secs() << times.min(16))
}

/// `mean`, spread by [`SPREAD`].
fn spread(mean: Duration, random: u32) -> Duration {
    share(mean, 1.0 - SPREAD + 2.0 * SPREAD * unit(random))
}

/// A share of a time, in whole milliseconds; the longest there is where it would be longer.
fn share(time: Duration, share: f64) -> Duration {
    Duration::from_millis((time.as_secs_f64() * 1_000.0 * share) as u64)
}

/// 0 to 1.
fn unit(random: u32) -> f64 {
    f64::from(random) / f64::from(u32::MAX)
}

#[cfg(all(test, unix))]
mod tests;
