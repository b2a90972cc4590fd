//! The days on which a destination has counted this installation: a part of `memory.json`.
//!
//! They are kept as days, and not as the latest one alone, because clocks jump: a day of next year, or of 1970, then stands
//! beside the others and changes nothing about them.

use telemetry_schema::json::Json;

use crate::base::collections::BTreeSet;
use crate::base::{
    limits::{ACTIVE_DAYS, ACTIVE_VERSIONS},
    needs,
};

/// The days on which this installation was counted. Days are UTC days since 1970-01-01.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ActiveDays {
    /// By whom: the [`identity`](telemetry_spool::identity) of where the count goes. Empty in a file from before these were told
    /// apart; then it is that of whoever asks first.
    pub(crate) destination: String,
    /// The latest one.
    pub(crate) last_day: u32,
    /// The first one ever.
    pub(crate) first_day: u32,
    /// Those that are remembered, at most [`ACTIVE_DAYS`]; of a file from before there was this list, the latest alone.
    pub(crate) days: BTreeSet<u32>,
    /// The versions with which it was counted, the latest last, at most [`ACTIVE_VERSIONS`].
    pub(crate) versions: Vec<String>,
}

impl ActiveDays {
    /// Reads it from `memory.json`.
    pub(crate) fn read(json: &Json) -> Option<Self> {
        Some(Self {
            destination: json.get("destination").map_or(Some(String::new()), Json::owned)?,
            last_day: json.get("last_day")?.unsigned_32()?,
            first_day: json.get("first_day")?.unsigned_32()?,
            days: json.or_none("days", Json::unsigned_32)?.into_iter().collect(),
            versions: json.or_none("versions", Json::owned)?,
        })
    }

    /// As it stands there.
    pub(crate) fn json(self) -> Json {
        let Self { destination, last_day, first_day, days, versions } = self;
        let mut members = vec![
            ("destination".to_owned(), Json::of(destination)),
            ("last_day".to_owned(), Json::number(last_day)),
            ("first_day".to_owned(), Json::number(first_day)),
            ("days".to_owned(), Json::List(days.into_iter().map(Json::number).collect())),
        ];
        if !versions.is_empty() {
            members.push(("versions".to_owned(), Json::List(versions.into_iter().map(Json::of).collect())));
        }
        Json::Object(members)
    }

    /// A destination that counts for the first time, `today`.
    pub(crate) fn first(today: u32) -> Self {
        Self {
            destination: String::new(),
            last_day: today,
            first_day: today,
            days: [today].into(),
            versions: Vec::new(),
        }
    }

    /// Whether this is so of any day that was counted.
    pub(crate) fn any(&self, is_so: impl Fn(u32) -> bool) -> bool {
        is_so(self.last_day) || self.days.iter().any(|day| is_so(*day))
    }

    /// Whether it was counted with this version before.
    pub(crate) fn has_counted(&self, version: &str) -> bool {
        self.versions.iter().any(|known| known == version)
    }

    /// This installation is counted today, with this version.
    pub(crate) fn count(&mut self, today: u32, version: &str) {
        self.add_versions([version.to_owned()]);
        self.days.extend([self.last_day, today]);
        self.last_day = today.max(self.last_day);
        self.first_day = today.min(self.first_day);
        self.keep_nearest(today);
    }

    /// Adds what another process knows of the same destination.
    fn merge(&mut self, other: Self) {
        self.days.extend(other.days);
        self.add_versions(other.versions);
        self.last_day = other.last_day.max(self.last_day);
        self.first_day = other.first_day.min(self.first_day);
        self.keep_nearest(self.last_day);
    }

    /// Adds those that are new, and keeps to [`ACTIVE_VERSIONS`]: the oldest goes first.
    fn add_versions(&mut self, versions: impl IntoIterator<Item = String>) {
        for version in versions {
            if !self.has_counted(&version) {
                self.versions.push(version);
            }
        }
        self.versions.drain(..self.versions.len().saturating_sub(ACTIVE_VERSIONS));
    }

    /// Keeps to [`ACTIVE_DAYS`]: the day that is furthest away goes first.
    fn keep_nearest(&mut self, today: u32) {
        while self.days.len() > ACTIVE_DAYS {
            let ends = [self.days.first().copied(), self.days.last().copied()];
            let furthest = ends.into_iter().flatten().max_by_key(|day| day.abs_diff(today));
            furthest.map(|day| self.days.remove(&day));
        }
    }
}

needs::part!(fn(&mut Vec<ActiveDays>, Vec<ActiveDays>) = merge_all);

/// Adds what another process knows of all destinations.
fn merge_all(known: &mut Vec<ActiveDays>, others: Vec<ActiveDays>) {
    let knows_none = known.is_empty();
    for theirs in others {
        match known.iter_mut().find(|ours| ours.destination == theirs.destination) {
            Some(ours) => ours.merge(theirs),
            // Whoever has asked first has it.
            None if theirs.destination.is_empty() && !knows_none => {}
            None => known.push(theirs),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_days_that_are_furthest_from_today_are_forgotten_first() {
        let mut days = ActiveDays::first(20_000);
        days.count(30_000, "1");
        (20_001..20_000 + ACTIVE_DAYS as u32).for_each(|day| days.count(day, "1"));
        assert_eq!(days.days.len(), ACTIVE_DAYS);
        assert!(!days.days.contains(&30_000), "the one of a clock that was ahead");
        days.count(20_000 + ACTIVE_DAYS as u32, "2");
        assert_eq!(days.days.first(), Some(&20_001));
        assert_eq!((days.first_day, days.last_day), (20_000, 30_000));
        let (mut ours, mut theirs) = (days.clone(), days);
        ours.count(20_070, "3");
        theirs.count(20_071, "4");
        ours.merge(theirs);
        assert!(ours.any(|day| day == 20_070) && ours.any(|day| day == 20_071) && ours.days.len() == ACTIVE_DAYS);
        assert_eq!(ours.versions, ["1", "2", "3", "4"]);
        (5..5 + ACTIVE_VERSIONS as u32).for_each(|version| ours.count(20_072, &version.to_string()));
        assert!(ours.versions.len() == ACTIVE_VERSIONS && !ours.has_counted("4") && ours.has_counted("5"));
    }
}
