//! 500 installations over 60 days, counted by the code that counts them in programs, on files of their own: what the sums of the
//! flags say, beside what was so. `docs/counting.md` shows what comes of it.
//!
//! An installation is one user's folder. Programs of it start and end, run for days, run beside each other in two versions, stop for
//! weeks; clocks jump; a day is a UTC day, wherever people live. The collector refuses days that cannot be, as its
//! documentation says.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::write::{files::state_dir, test_kit::Home};

/// 2026-06-01, a Monday. The second month and the last week are cut by the end, as the periods of an analyst are.
const BEGIN: u32 = 20_605;
const DAYS: u32 = 60;
const INSTALLATIONS: u32 = 500;

/// What the collector takes: days of the last fifteen, and the next one.
const OLDEST: u32 = 15;
const NEWEST: u32 = 1;

const DESTINATION: &str = "00112233445566ff";

/// The same numbers everywhere for one seed: the generator of Knuth's MMIX.
struct Random(u64);

impl Random {
    fn below(&mut self, below: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as u32 % below
    }

    fn percent(&mut self, percent: u32) -> bool {
        self.below(100) < percent
    }
}

/// What removes the folder, and so makes a new installation of an old one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Erasure {
    None,
    /// Each user erases it once, in the middle of a day.
    Once,
    /// Each is installed anew every second week, and the state goes with the old one.
    Fortnightly,
    /// One of ten is a container that is thrown away after each run.
    Containers,
}

/// How the programs of an installation live.
#[derive(Clone, Copy)]
enum Life {
    /// A command, run some times on most days; a machine without a battery for its clock is in 1970 in the first run of a day.
    Command { often: u32, clock_forgets: bool },
    /// So many processes that run for days and record whenever something happens; each is of a version of its own.
    Daemons(u32),
}

/// A running program: what it remembers, and its version.
struct Process {
    memory: Memory,
    version: u32,
}

/// Sums by period, of each version apart.
type Sums<T> = BTreeMap<(Grain, u32), BTreeMap<u32, T>>;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Grain {
    Day,
    Week,
    Month,
    /// The whole of the time: installations that are new.
    Ever,
}

impl Grain {
    const ALL: [Self; 4] = [Self::Day, Self::Week, Self::Month, Self::Ever];

    /// A number of the period that holds a day.
    fn period(self, day: u32) -> u32 {
        let (year, month, _) = clock::civil(day);
        match self {
            Self::Day => day,
            Self::Week => (day + 3) / 7,
            Self::Month => year as u32 * 12 + month,
            Self::Ever => 0,
        }
    }
}

/// What was so, and what arrived.
#[derive(Default)]
struct Counted {
    truth: Sums<BTreeSet<u32>>,
    sums: Sums<u32>,
    /// First days of a version, by version; and installations that ran it, by whether other versions ran beside it.
    adoptions: BTreeMap<u32, u32>,
    ran: BTreeMap<u32, BTreeSet<u32>>,
    beside: BTreeSet<u32>,
    /// Folders that were removed.
    erasures: u32,
}

impl Counted {
    fn arrive(&mut self, today: u32, day: u32, version: u32, flags: ActiveFlags) {
        if day + OLDEST < today || day > today + NEWEST {
            return;
        }
        let ActiveFlags { first_in_week, first_in_month, first_ever, first_of_version } = flags;
        *self.adoptions.entry(version).or_default() += u32::from(first_of_version);
        for (grain, is_set) in Grain::ALL.into_iter().zip([true, first_in_week, first_in_month, first_ever]) {
            *self.sums.entry((grain, grain.period(day))).or_default().entry(version).or_default() += u32::from(is_set);
        }
    }

    /// Installations of a period: what was so, and the sum of the flags.
    fn of(&self, key: (Grain, u32)) -> (u32, u32) {
        let all: BTreeSet<_> = self.truth.get(&key).into_iter().flat_map(BTreeMap::values).flatten().collect();
        (all.len() as u32, self.sums.get(&key).map_or(0, |sums| sums.values().sum()))
    }

    /// The same over all periods of a grain.
    fn total(&self, grain: Grain) -> (u32, u32) {
        let keys = self.truth.keys().chain(self.sums.keys()).filter(|(of, _)| *of == grain);
        let keys: BTreeSet<_> = keys.copied().collect();
        keys.into_iter().map(|key| self.of(key)).fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
    }
}

/// One installation.
struct Installation {
    number: u32,
    life: Life,
    /// Of its time zone, in hours from UTC.
    zone: i32,
    /// The day on which it takes the next version, if it does.
    upgrade: Option<u32>,
    /// The first day, and the ones on which nothing runs.
    begins: u32,
    away: std::ops::Range<u32>,
    /// A day on which the clock is wrong by so many days.
    wrong_clock: Option<(u32, i32)>,
    is_container: bool,
    dir: SdkDir,
    file: std::path::PathBuf,
    processes: Vec<Process>,
    random: Random,
}

impl Installation {
    fn new(home: &Home, number: u32) -> Self {
        let mut random = Random(u64::from(number) << 20 | 12);
        random.below(1);
        let life = match random.below(20) {
            _ if number % 100 == 7 => Life::Command { often: 55, clock_forgets: true },
            0..=1 => Life::Command { often: 6, clock_forgets: false },
            2..=10 => Life::Command { often: 55, clock_forgets: false },
            11..=15 => Life::Daemons(1),
            _ => Life::Daemons(2),
        };
        let away = random.below(DAYS);
        let base = home.path().join(number.to_string());
        std::fs::create_dir(&base).unwrap();
        Self {
            number,
            life,
            zone: random.below(25) as i32 - 11,
            upgrade: random.percent(50).then(|| random.below(DAYS)),
            begins: if random.percent(60) { 0 } else { random.below(DAYS / 2) },
            away: away..away + random.below(20),
            wrong_clock: (number.is_multiple_of(25))
                .then(|| (random.below(DAYS), [365, -3, 2, -200][number as usize / 25 % 4])),
            is_container: number.is_multiple_of(10),
            dir: state_dir::open(&base, "acme-ui", true).unwrap().unwrap(),
            file: base.join("telemetry/acme-ui").join(memory_file::NAME),
            processes: Vec::new(),
            random,
        }
    }

    fn start(&self, version: u32) -> Process {
        Process { memory: memory_file::load(&self.dir), version }
    }

    /// The folder is removed, and the programs that had it open begin again.
    fn erase(&mut self, counted: &mut Counted) {
        if std::fs::remove_file(&self.file).is_ok() {
            counted.erasures += 1;
        }
        self.processes.clear();
    }

    /// Something happens in a program, in an hour of its user's day.
    fn happen(&self, process: &mut Process, day: u32, hour: u32, clock_days: i32, counted: &mut Counted) {
        let utc_hours = (BEGIN + day) as i32 * 24 + hour as i32 - self.zone;
        let today = utc_hours as u32 / 24;
        for grain in Grain::ALL {
            let versions = counted.truth.entry((grain, grain.period(today))).or_default();
            versions.entry(process.version).or_default().insert(self.number);
        }
        let told = today.saturating_add_signed(clock_days);
        let version = process.version;
        counted.ran.entry(version).or_default().insert(self.number);
        if matches!(self.life, Life::Daemons(2)) {
            counted.beside.insert(self.number);
        }
        let is_unsaved =
            count_day(&self.dir, &mut process.memory, DESTINATION, (told, &version.to_string()), |flags| {
                counted.arrive(today, told, version, flags);
                true
            });
        assert!(!is_unsaved, "the file can be written");
    }

    fn live(&mut self, day: u32, erasure: Erasure, counted: &mut Counted) {
        // The same numbers are drawn whatever is erased.
        let (lot, runs, restarts) = (self.random.below(100), 1 + self.random.below(4), self.random.percent(10));
        let mut hours: Vec<_> = (0..runs).map(|_| 7 + self.random.below(17)).collect();
        hours.sort_unstable();
        let erased_at = self.number * 7 % DAYS;
        let is_erased = match erasure {
            Erasure::None | Erasure::Containers => false,
            Erasure::Once => day == erased_at,
            Erasure::Fortnightly => (day + self.number).is_multiple_of(14),
        };
        if day < self.begins || self.away.contains(&day) {
            // The machine is off: nothing runs when it starts again.
            self.processes.clear();
            return;
        }
        let version = u32::from(self.upgrade.is_some_and(|upgrade| day >= upgrade));
        let wrong = self.wrong_clock.filter(|(wrong, _)| *wrong == day).map_or(0, |(_, by)| by);
        let middle = hours.len() / 2;
        match self.life {
            Life::Command { often, clock_forgets } => {
                for (run, hour) in hours.into_iter().enumerate().filter(|_| lot < often) {
                    if is_erased && run == middle || erasure == Erasure::Containers && self.is_container {
                        self.erase(counted);
                    }
                    let by = if clock_forgets && run == 0 { -(BEGIN as i32) } else { wrong };
                    self.happen(&mut self.start(version), day, hour, by, counted);
                }
            }
            Life::Daemons(how_many) => {
                if restarts || lot >= 75 {
                    self.processes.clear();
                }
                // On some days nothing happens, and on weekends hardly anything.
                for (run, hour) in hours.into_iter().enumerate().filter(|_| lot < if day % 7 > 4 { 20 } else { 75 }) {
                    if is_erased && run == middle || erasure == Erasure::Containers && self.is_container {
                        self.erase(counted);
                    }
                    while self.processes.len() < how_many as usize {
                        self.processes.push(self.start(version + self.processes.len() as u32));
                    }
                    let mut processes = std::mem::take(&mut self.processes);
                    processes.iter_mut().for_each(|process| self.happen(process, day, hour, wrong, counted));
                    self.processes = processes;
                }
            }
        }
    }
}

/// What is counted of so many installations.
fn live(installations: u32, erasure: Erasure) -> Counted {
    let home = Home::new();
    let mut installations: Vec<_> = (0..installations).map(|number| Installation::new(&home, number)).collect();
    let mut counted = Counted::default();
    for day in 0..DAYS {
        installations.iter_mut().for_each(|installation| installation.live(day, erasure, &mut counted));
    }
    counted
}

/// How far a sum is from the truth, in percent.
fn percent((truth, sum): (u32, u32)) -> f64 {
    100.0 * (f64::from(sum) - f64::from(truth)) / f64::from(truth)
}

#[test]
fn r35_sums_of_flags_are_installations_whatever_clocks_and_processes_do() {
    let counted = live(INSTALLATIONS, Erasure::None);
    // Days of people east and west of UTC lie outside, of some of them alone.
    let of_day = |day| Grain::ALL.map(|grain| (grain, grain.period(day)));
    let keys: BTreeSet<_> = (BEGIN..BEGIN + DAYS).flat_map(of_day).collect();
    for key in keys {
        let (truth, sum) = counted.of(key);
        assert!(percent((truth, sum)).abs() <= 2.0, "{key:?}: {sum} instead of {truth}");
    }
    // Why nothing is told of weeks and months by version: who had another one before in the same month is not counted again.
    let month = (Grain::Month, Grain::Month.period(BEGIN + 7));
    let (truth, sum) = (counted.truth[&month][&1].len() as f64, f64::from(counted.sums[&month][&1]));
    assert!(sum < 0.8 * truth, "{sum} instead of {truth}");
}

/// Who takes a release is a sum as well, and no event says what ran before. It is counted when the version is the first of a day; where
/// two versions run beside each other every day, the other one never is.
#[test]
fn r35_adoption_of_a_release_is_a_sum() {
    let counted = live(INSTALLATIONS, Erasure::None);
    for version in [0, 1] {
        let ran = &counted.ran[&version];
        let alone = ran.difference(&counted.beside).count() as u32;
        let sum = counted.adoptions[&version];
        let (least, most) = (f64::from(alone) * 0.98, f64::from(ran.len() as u32) * 1.02);
        assert!((least..=most).contains(&f64::from(sum)), "{version}: {sum} of {alone} to {}", ran.len());
    }
}

/// The lines of the page's table.
fn table() -> Vec<String> {
    let told = [
        (Erasure::None, "nothing is erased"),
        (Erasure::Once, "each user erases the folder once, in the middle of a day"),
        (Erasure::Fortnightly, "each is installed anew every second week, without the old state"),
        (Erasure::Containers, "one in ten is a container, thrown away after each run"),
    ];
    let lived = told.map(|(erasure, words)| (words, live(INSTALLATIONS / 10, erasure)));
    let rows = lived.iter().map(|(words, counted)| {
        let of = |grain| {
            let (truth, sum) = counted.total(grain);
            let added = (f64::from(sum) - f64::from(lived[0].1.total(grain).1)) / f64::from(counted.erasures.max(1));
            format!(" {:+} % ({added:.2}) |", percent((truth, sum)).round() as i64)
        };
        format!("| {words} | {} |{}", counted.erasures, Grain::ALL.map(of).concat())
    });
    rows.collect()
}

#[test]
fn r35_each_erasure_adds_what_the_page_says() {
    let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/counting.md");
    let page = std::fs::read_to_string(page).unwrap();
    let rows = table();
    let has = |row: &String| page.lines().any(|line| line == row);
    assert!(rows.iter().all(has), "docs/counting.md lacks some of these lines:\n{}", rows.join("\n"));
}
