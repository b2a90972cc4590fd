//! Answers to an operator's questions, from the trait [`Read`] alone: what `query` prints and the page shows.
//!
//! A period without any data has no figure, which is another thing than zero. A period that is not over, or for which events may
//! still arrive, says so.

mod active;
mod estimate;
mod events;
mod fields;
mod losses;
mod period;
mod question;
#[cfg(test)]
pub(crate) mod suite;
mod table;
mod versions;

use std::collections::BTreeSet;

pub use active::{Active, active};
pub use estimate::Estimate;
pub use events::{Events, events};
pub use fields::{FieldValue, fields};
pub use losses::{Loss, Source, losses};
pub use period::{Grain, Period, State};
pub use question::Question;
pub use table::{Cell, Table, csv_line};
pub use versions::{Version, versions};

use crate::{
    clock::Day,
    store::{Days, EventCount, Outcome, Read, StoreError},
};

/// What is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// The SDK.
    pub sdk: String,
    /// The days; periods that they cut are taken as a whole.
    pub days: Days,
    /// How days are put together.
    pub by: Grain,
    /// Today.
    pub today: Day,
    /// How many days after it happened an event may still arrive: the setting `days.oldest`.
    pub late_days: u16,
}

impl Scope {
    /// The days, widened to whole periods.
    fn whole_days(&self) -> Days {
        let Days { from, to } = self.days;
        let from = if from == Days::ALL.from { from } else { self.by.first_day(from) };
        let to = if to == Days::ALL.to { to } else { self.by.last_day(to) };
        Days { from, to }
    }

    fn period(&self, day: Day) -> Period {
        Period::of(self.by, day, self.today, self.late_days)
    }
}

/// What there is of an SDK in the days of a scope, and in which periods.
struct Found {
    counts: Vec<EventCount>,
    outcomes: Vec<Outcome>,
    /// First days of periods in which anything happened or arrived.
    with_data: BTreeSet<Day>,
    /// All periods from the first to the last.
    periods: Vec<Period>,
}

impl Found {
    fn read(read: &mut dyn Read, scope: &Scope) -> Result<Self, StoreError> {
        let days = scope.whole_days();
        let counts = read.counts(&scope.sdk, days)?;
        let outcomes = read.outcomes(&scope.sdk, days)?;
        let all = counts.iter().map(|count| count.day).chain(outcomes.iter().map(|outcome| outcome.day));
        let with_data: BTreeSet<Day> = all.map(|day| scope.by.first_day(day)).collect();
        let from = if days.from == Days::ALL.from { with_data.first().copied() } else { Some(days.from) };
        // What lies ahead has no period yet, unless a clock is ahead and something happened in it.
        let last = with_data.last().copied().unwrap_or(scope.today).max(scope.by.first_day(scope.today));
        let mut periods = Vec::new();
        let mut next = from.map(|day| scope.by.first_day(day));
        while let Some(first) = next.filter(|first| *first <= last && *first <= days.to) {
            periods.push(scope.period(first));
            next = Some(scope.by.last_day(first).plus(1));
        }
        Ok(Self { counts, outcomes, with_data, periods })
    }

    fn has_data(&self, period: &Period) -> bool {
        self.with_data.contains(&period.first)
    }
}

/// The name under which an SDK sends an event of the runtime, whatever its `event_case` is: `ACTIVE`, `TelemetryHealth`.
fn name_of<'a>(counts: &'a [EventCount], words: &str) -> Option<&'a str> {
    let plain = |name: &str| name.replace(['_', '-', ' '], "").to_lowercase();
    let wanted = plain(words);
    counts.iter().find(|count| count.discriminant.is_none() && plain(&count.event) == wanted).map(|count| &*count.event)
}

#[cfg(test)]
mod tests;
