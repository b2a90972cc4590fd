//! What is remembered over restarts: the sample roll, throttled events, a server that wants no more.

use std::{
    io,
    sync::{Arc, atomic::Ordering},
};

use telemetry_schema::Throttle;

use crate::{
    base::{clock, limits::MEMORY_SAVE},
    declare::sdk::Sdk,
    record::throttle,
    write::{
        files::{
            day_counts::DayCounts,
            memory_file::{self, Memory, SampleRoll},
            state_dir::SdkDir,
        },
        writer::folder::StateFolder,
    },
};

impl StateFolder {
    /// Makes the day's sample roll, or takes the one that this state folder remembers.
    pub(crate) fn roll_for(&mut self, sdk: Sdk, today: u32) {
        let sample_roll = match self.memory.sample_roll {
            Some(SampleRoll { day, value }) if day == today => value,
            _ => {
                let mut random = [0; 4];
                // Without random numbers the sample roll is 0: in every sample, as without sampling.
                let _ = getrandom::fill(&mut random);
                let sample_roll = u32::from_le_bytes(random);
                self.memory.sample_roll = Some(SampleRoll { day: today, value: sample_roll });
                self.memory_changed = true;
                sample_roll
            }
        };
        sdk.state.sample_roll.store(sample_roll, Ordering::Relaxed);
    }

    /// Fills the throttle with what earlier runs recorded.
    pub(super) fn remember_earlier(&mut self) {
        // A host may ask before the first event, which is what sets the coarse clock.
        throttle::set_now();
        let end_of_day = throttle::end_of_day();
        self.memory.forget_expired(clock::now_ticks());
        let of_today = self.memory.throttle_day == clock::today();
        let daily = self.memory.seen.iter().filter(|_| of_today).map(|mark| (*mark, end_of_day));
        self.remembered = daily.chain(self.memory.rolling.iter().map(|(mark, expires)| (*mark, *expires))).collect();
        for (mark, expires) in self.remembered.iter() {
            // Also where an event of this run waits for this answer: it had to be taken for a new one.
            throttle::table().set(*mark, *expires);
        }
    }

    pub(crate) fn is_remembered(&self, mark: u64) -> bool {
        self.remembered.get(&mark).is_some_and(|expires| *expires > throttle::now())
    }

    /// Remembers over restarts that an event was recorded.
    pub(crate) fn remember(&mut self, mark: u64, throttle: Throttle) {
        match throttle {
            Throttle::None => return,
            Throttle::RollingHours(hours) => {
                // By the clock itself: the coarse one is behind where the machine slept.
                let expires = throttle::rolling_until(clock::now_ticks(), hours);
                self.memory.rolling.insert(mark, expires);
                throttle::table().set(mark, expires);
            }
            _ => {
                let today = clock::today();
                if self.memory.throttle_day != today {
                    self.memory.throttle_day = today;
                    self.memory.seen.clear();
                }
                self.memory.seen.insert(mark);
            }
        }
        self.memory_changed = true;
    }

    /// The memory, to be written if it changed: at once, or at most once per [`MEMORY_SAVE`].
    pub(crate) fn take_memory(&mut self, at_once: bool) -> Option<(Arc<SdkDir>, Memory)> {
        let waited = self.memory_saved.is_none_or(|at| clock::since(at) >= MEMORY_SAVE);
        (self.memory_changed && (at_once || waited)).then(|| {
            self.memory_changed = false;
            self.memory_saved = Some(clock::instant());
            (Arc::clone(&self.dir), self.memory.clone())
        })
    }

    /// What was taken could not be written.
    pub(crate) fn keep_for_next_save(&mut self) {
        self.memory_changed = true;
    }

    /// What was counted on days that were not over when the file was last read.
    pub(crate) fn counts(&self) -> &DayCounts {
        &self.memory.counts
    }

    pub(crate) fn set_counts(&mut self, counts: DayCounts) {
        self.memory.counts = counts;
    }

    /// Writes the memory if it changed, while the writer is held.
    pub(crate) fn save_memory(&mut self) {
        if self.memory_changed {
            // A memory that cannot be kept costs repeats, nothing else.
            let _ = self.update_memory(&|memory| memory.forget_expired(clock::now_ticks()));
            self.memory_changed = false;
            self.memory_saved = Some(clock::instant());
        }
    }

    /// Writes the memory with what others have learnt, and with this change.
    fn update_memory(&mut self, change: &dyn Fn(&mut Memory)) -> io::Result<()> {
        memory_file::update(&self.dir, |there| {
            self.memory.merge(there);
            change(&mut self.memory);
            &self.memory
        })
    }

    /// Remembers that the server wants no more of this version.
    pub(crate) fn mark_gone(&mut self, sdk: Sdk) {
        let (endpoint, version) = (sdk.info.endpoint.to_owned(), sdk.info.version.to_owned());
        let gone = memory_file::Gone { endpoint, version };
        // One that cannot be kept costs another request that is answered with 410.
        self.memory_changed =
            (0..memory_file::TRIES).all(|_| self.update_memory(&|memory| memory.remember_gone(gone.clone())).is_err());
    }
}
