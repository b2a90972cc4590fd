//! The truth: which installations there are, what happens on each day, and what has to arrive.

use std::collections::{BTreeMap, BTreeSet};

use super::installation::{Fate, Installation, Random};
pub(crate) use super::installation::{Network, Run, Sdk};
use crate::{answers::Grain, clock::Day};

/// The first day, a Monday and the first of a month: 2026-06-01.
pub(crate) const FIRST_DAY: Day = Day(20_605);
/// Days of the month.
const DAYS: i32 = 30;
/// The day on which the operator says `sdk add` for version 1.5.0, the first being 0.
pub(crate) const SECOND_ADDED: i32 = 18;

/// What becomes of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// It has to be kept.
    Kept,
    /// It has a field that the collector was not told of.
    Refused,
    /// It waited until it was too old.
    Expired,
}

/// One event that happened.
#[derive(Debug, Clone)]
pub(crate) struct Happened {
    /// The SDK.
    pub(crate) sdk: Sdk,
    /// When.
    pub(crate) day: Day,
    /// Its name.
    pub(crate) event: &'static str,
    /// Which component.
    pub(crate) component: Option<String>,
    /// Whether it is of version 1.5.0.
    pub(crate) is_second: bool,
    /// What becomes of it.
    pub(crate) end: End,
    /// Of the active event: whether the installation was not yet active in the period.
    pub(crate) first_in: [bool; Grain::ALL.len()],
}

/// A month, as it is lived: day by day.
#[derive(Debug)]
pub(crate) struct Month {
    installations: Vec<Installation>,
    /// All that happened so far.
    pub(crate) happened: Vec<Happened>,
    /// Runs in which the user had opted out: nothing of them happened for the collector.
    pub(crate) silent_runs: u64,
    /// All runs so far.
    pub(crate) runs: u64,
    last_active: BTreeMap<(Sdk, u64), Day>,
    /// Installations with losses that they know of and have not reported yet.
    untold: BTreeSet<(Sdk, u64)>,
    /// Installations with events that become too old before they reach the network again.
    waiting: BTreeSet<(Sdk, u64)>,
}

impl Month {
    /// The month of this seed.
    pub(crate) fn new(seed: u64) -> Self {
        let mut random = Random(seed);
        let mut installations = Vec::new();
        for (sdk, ordinary) in [(Sdk::Ui, 8), (Sdk::Cli, 4), (Sdk::Admin, 3)] {
            let day = |random: &mut Random, from: i32, to: i32| {
                from + i32::try_from(random.below(u64::try_from(to - from).unwrap_or(1))).unwrap_or(0)
            };
            let mut fates = vec![Fate::OptsOut { on: day(&mut random, 3, 25) }];
            if sdk != Sdk::Admin {
                fates.push(Fate::Forgotten);
                fates.push(Fate::Unheard { on: day(&mut random, 1, 24) });
            }
            fates.push(Fate::Early { upgrade: day(&mut random, 10, SECOND_ADDED) });
            for _ in 0..ordinary {
                let upgrade = random.percent(60).then(|| day(&mut random, SECOND_ADDED, DAYS));
                fates.push(Fate::Ordinary { upgrade });
            }
            let numbered = (0..).zip(fates);
            installations.extend(numbered.map(|(number, fate)| Installation::new(sdk, number, fate, seed)));
        }
        Self {
            installations,
            happened: Vec::new(),
            silent_runs: 0,
            runs: 0,
            last_active: BTreeMap::new(),
            untold: BTreeSet::new(),
            waiting: BTreeSet::new(),
        }
    }

    /// How many installations there are.
    pub(crate) fn installations(&self) -> usize {
        self.installations.len()
    }

    /// The days, the first being 0.
    pub(crate) fn days() -> impl Iterator<Item = i32> {
        0..DAYS
    }

    /// The runs of a day, at most one of each installation. What happens in them is put on the list.
    pub(crate) fn live(&mut self, day: i32) -> Vec<Run> {
        let runs: Vec<Run> = self.installations.iter_mut().filter_map(|one| one.run(day, DAYS - 1)).collect();
        for run in &runs {
            self.runs += 1;
            if run.is_out {
                self.silent_runs += 1;
            } else {
                self.happen(run, day);
            }
        }
        runs
    }

    fn happen(&mut self, run: &Run, day: i32) {
        let Run { sdk, is_second, network, .. } = *run;
        let who = (sdk, run.installation);
        let today = FIRST_DAY.plus(day);
        let end = if network == Network::Down { End::Expired } else { End::Kept };
        let mut events: Vec<(&'static str, Option<String>, End)> = Vec::new();
        if sdk != Sdk::Admin {
            events.push(("active", None, end));
            // A run reports what the runs before it have lost.
            if self.untold.remove(&who) {
                events.push(("telemetry_health", None, end));
            }
        }
        for word in &run.words {
            events.push(match (sdk, word.as_str()) {
                (Sdk::Cli, _) => ("command_run", None, end),
                (_, "SignIn" | "UserButton") => ("component_mounted", Some(word.clone()), end),
                // Version 1.5.0 has a field more, of which the collector is told later.
                _ if is_second && day < SECOND_ADDED => ("dialog_opened", None, End::Refused),
                _ => ("dialog_opened", None, end),
            });
        }
        if sdk == Sdk::Admin {
            events.push(("admin_started", None, end));
        }
        let before = self.last_active.insert(who, today);
        let first_in = Grain::ALL.map(|by| before.is_none_or(|before| by.first_day(before) != by.first_day(today)));
        let has = |wanted: End| events.iter().any(|(_, _, end)| *end == wanted);
        if has(End::Expired) {
            self.waiting.insert(who);
        } else if self.waiting.remove(&who) || has(End::Refused) {
            self.untold.insert(who);
        }
        self.happened.extend(events.into_iter().map(|(event, component, end)| Happened {
            sdk,
            day: today,
            event,
            component,
            is_second,
            end,
            first_in,
        }));
    }
}
