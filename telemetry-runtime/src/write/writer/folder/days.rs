//! The days on which this SDK was active, and on which this run has reported.

use std::{mem, sync::Arc};

use telemetry_spool as spool;

use crate::{
    base::clock,
    write::{
        files::{
            active_days::ActiveDays,
            memory_file::{self, Memory},
            state_dir::SdkDir,
        },
        writer::folder::StateFolder,
    },
};

#[cfg(all(test, unix))]
#[path = "days/simulation.rs"]
mod simulation;

/// What the dates in the state folder say of today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ActiveFlags {
    pub(crate) first_in_week: bool,
    pub(crate) first_in_month: bool,
    pub(crate) first_ever: bool,
    /// Of the version that runs. Which one ran before is told nobody.
    pub(crate) first_of_version: bool,
}

impl ActiveFlags {
    /// `None` if `today` was counted. So a clock that is set back counts no day twice, and one that was ahead misses none.
    fn of(known: Option<&ActiveDays>, today: u32, version: &str) -> Option<Self> {
        let is_first = |same: fn(u32, u32) -> bool| !known.is_some_and(|known| known.any(|day| same(day, today)));
        is_first(|day, today| day == today).then(|| Self {
            first_in_week: is_first(clock::same_week),
            first_in_month: is_first(clock::same_month),
            first_ever: known.is_none(),
            first_of_version: !known.is_some_and(|known| known.has_counted(version)),
        })
    }
}

/// Counts today for a destination, unless that was done, by whatever process: it is this one's turn from before the file is read
/// until it is replaced. `write` writes the event and says whether it could; only then the day is counted. Answers
/// whether `memory` knows a day that could not be written down.
fn count_day(
    dir: &SdkDir,
    memory: &mut Memory,
    destination: &str,
    (today, version): (u32, &str),
    write: impl FnOnce(ActiveFlags) -> bool,
) -> bool {
    let flags = |memory: &Memory| ActiveFlags::of(memory.active_days(destination), today, version);
    if flags(memory).is_none() {
        return false;
    }
    // Who cannot have the turn counts without it: at worst a day is counted twice, and none is lost.
    let turn = memory_file::turn(dir);
    memory.merge(memory_file::load(dir));
    let Some(flags) = flags(memory) else { return false };
    if !write(flags) {
        return false;
    }
    memory.count_active(destination, today, version);
    turn.is_none() || memory_file::store(dir, memory).is_err()
}

impl StateFolder {
    /// Counts today, unless it was counted or tried in this run; `write` writes the event and says whether it could.
    pub(crate) fn count_day(&mut self, today: u32, version: &str, write: impl FnOnce(&mut Self, ActiveFlags) -> bool) {
        if self.active_tried.replace(today) == Some(today) {
            return;
        }
        let destination = spool::identity(&self.destination);
        let (dir, mut memory) = (Arc::clone(&self.dir), mem::take(&mut self.memory));
        let is_unsaved = count_day(&dir, &mut memory, &destination, (today, version), |flags| write(self, flags));
        self.memory = memory;
        self.memory_changed |= is_unsaved;
    }

    /// Whether this run has still to look for losses to tell today.
    pub(crate) fn begin_health_day(&mut self, today: u32) -> bool {
        self.health_tried.replace(today) != Some(today)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_of_the_flags_count_each_installation_once() {
        // Every day of 2026 but Wednesdays: weekly flags must add up to weeks, monthly ones to months.
        let (mut known, mut weeks, mut months, mut ever, mut versions) = (None::<ActiveDays>, 0, 0, 0, 0);
        for today in 20_454..20_454 + 365 {
            if today % 7 == 6 {
                continue;
            }
            // A release on each first of a month, and back to the one before for a day.
            let version = clock::civil(if today % 30 == 7 { today - 31 } else { today }).1.to_string();
            let flags = ActiveFlags::of(known.as_ref(), today, &version).unwrap();
            known.get_or_insert_with(|| ActiveDays::first(today)).count(today, &version);
            assert_eq!(ActiveFlags::of(known.as_ref(), today, &version), None);
            versions += u32::from(flags.first_of_version);
            weeks += u32::from(flags.first_in_week);
            months += u32::from(flags.first_in_month);
            ever += u32::from(flags.first_ever);
        }
        assert_eq!((weeks, months, ever, versions), (53, 12, 1, 12));
    }

    #[test]
    fn a_clock_that_was_wrong_costs_no_later_day() {
        let mut known = ActiveDays::first(20_779);
        let flags = |known: &ActiveDays, today| {
            let flags = ActiveFlags::of(Some(known), today, "1.0.0")?;
            Some((flags.first_in_week, flags.first_in_month, flags.first_ever))
        };
        // A year ahead, and back to where it was; without a clock, and back again.
        for wrong in [20_779 + 365, 0] {
            assert_eq!(flags(&known, wrong), Some((true, true, false)));
            known.count(wrong, "1.0.0");
            assert_eq!(flags(&known, 20_779), None, "counted before");
        }
        assert_eq!(flags(&known, 20_780), Some((true, false, false)), "Monday, of the same month");
    }
}
