//! Days, ISO weeks and months, and whether their figures can still change.

use crate::clock::Day;

/// How days are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, clap::ValueEnum)]
pub enum Grain {
    /// UTC days.
    Day,
    /// ISO weeks, from Monday to Sunday.
    Week,
    /// Months of the calendar.
    Month,
}

impl Grain {
    /// All of them, the shortest first.
    pub const ALL: [Self; 3] = [Self::Day, Self::Week, Self::Month];

    /// The word for it, in addresses and columns.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// The first day of the period that holds this one.
    pub fn first_day(self, day: Day) -> Day {
        match self {
            Self::Day => day,
            // 1970-01-01 was a Thursday.
            Self::Week => day.plus(-day.0.saturating_add(3).rem_euclid(7)),
            Self::Month => day.plus(1 - day.civil().2),
        }
    }

    /// The last day of the period that holds this one.
    pub fn last_day(self, day: Day) -> Day {
        match self {
            Self::Day => day,
            Self::Week => self.first_day(day).plus(6),
            Self::Month => self.first_day(self.first_day(day).plus(31)).plus(-1),
        }
    }

    fn label(self, first: Day) -> String {
        match self {
            Self::Day => first.to_string(),
            Self::Week => {
                // The year of a week is that of its Thursday.
                let thursday = first.plus(3);
                let year = thursday.civil().0;
                let new_year = Day::parse(&format!("{year:04}-01-01")).unwrap_or(thursday);
                format!("{year:04}-W{:02}", (thursday.0 - new_year.0) / 7 + 1)
            }
            Self::Month => first.to_string().get(..7).unwrap_or_default().to_owned(),
        }
    }
}

/// Whether the figures of a period can still change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is not over.
    Open,
    /// It is over, and events of it may still arrive: clients keep them for days.
    Settling,
    /// Nothing of it is taken any more.
    Closed,
}

impl State {
    /// The word in tables.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Settling => "settling",
            Self::Closed => "closed",
        }
    }
}

/// One day, week or month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Period {
    /// Its first day.
    pub first: Day,
    /// Its last day.
    pub last: Day,
    /// Its name: `2026-11-22`, `2026-W47`, `2026-11`.
    pub label: String,
    /// Whether its figures can still change.
    pub state: State,
}

impl Period {
    /// The period that holds a day, as of `today`; an event may arrive `late_days` after it happened.
    pub fn of(by: Grain, day: Day, today: Day, late_days: u16) -> Self {
        let (first, last) = (by.first_day(day), by.last_day(day));
        let state = if last >= today {
            State::Open
        } else if last.plus(i32::from(late_days)) >= today {
            State::Settling
        } else {
            State::Closed
        };
        Self { first, last, label: by.label(first), state }
    }
}
