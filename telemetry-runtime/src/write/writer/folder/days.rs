//! The days on which this SDK was active, and on which this run has reported.

use telemetry_spool as spool;

use crate::{base::clock, write::writer::folder::StateFolder};

/// What the dates in the state folder say of today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ActiveFlags {
    pub(crate) first_in_week: bool,
    pub(crate) first_in_month: bool,
    pub(crate) first_ever: bool,
}

impl ActiveFlags {
    /// `None` if `today` is no later than the last day; a clock that was set back counts nothing twice.
    pub(crate) fn of(last_day: Option<u32>, today: u32) -> Option<Self> {
        match last_day {
            None => Some(Self { first_in_week: true, first_in_month: true, first_ever: true }),
            Some(last) if last >= today => None,
            Some(last) => Some(Self {
                first_in_week: !clock::same_week(last, today),
                first_in_month: !clock::same_month(last, today),
                first_ever: false,
            }),
        }
    }
}

impl StateFolder {
    /// The flags of today's active event; `None` if it was recorded already, or tried in this run.
    pub(crate) fn begin_active_day(&mut self, today: u32) -> Option<ActiveFlags> {
        if self.active_tried == Some(today) {
            return None;
        }
        self.active_tried = Some(today);
        let days = self.memory.active_days(&spool::identity(&self.destination));
        ActiveFlags::of(days.map(|days| days.last_day), today)
    }

    /// Whether this run has still to look for losses to tell today.
    pub(crate) fn begin_health_day(&mut self, today: u32) -> bool {
        self.health_tried.replace(today) != Some(today)
    }

    /// Today's active event was recorded.
    pub(crate) fn end_active_day(&mut self, today: u32) {
        self.memory.count_active(&spool::identity(&self.destination), today);
        self.memory_changed = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_of_the_flags_count_each_installation_once() {
        // Every day of 2026 but Wednesdays: weekly flags must add up to weeks, monthly ones to months.
        let (mut last, mut weeks, mut months, mut ever) = (None, 0, 0, 0);
        for today in 20_454..20_454 + 365 {
            if today % 7 == 6 {
                continue;
            }
            let flags = ActiveFlags::of(last, today).unwrap();
            assert_eq!(ActiveFlags::of(Some(today), today), None);
            weeks += u32::from(flags.first_in_week);
            months += u32::from(flags.first_in_month);
            ever += u32::from(flags.first_ever);
            last = Some(today);
        }
        assert_eq!((weeks, months, ever), (53, 12, 1));
    }
}
