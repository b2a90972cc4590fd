//! With the real engine, which `scripts/clickhouse-check` starts: `TELEMETRY_CLICKHOUSE` is its address, `TELEMETRY_CLICKHOUSE_DATA` its folder.

use std::{env, fs, path::PathBuf, time::Duration};

use super::*;
use crate::{
    answers::{Grain, Question, Scope},
    clock::{Clock, Day},
    store::{
        Days, Facet, Read, When,
        suite::{self, Engine as Tested},
    },
};

/// A collector with an engine of its own, which has everything as soon as it is written.
struct Settled {
    store: ClickHouse,
    drain: Drain,
    config: Config,
}

struct InEngine {
    _folder: tempfile::TempDir,
    store: Option<Settled>,
    config: Config,
    /// Whether all days are counted before anything is asked.
    is_counted: bool,
}

/// Counts all days that are not counted as they are.
fn count_days(engine: &super::Engine) -> u32 {
    let at_once = counted::Rested { unchanged: 0, uncounted: 0 };
    (0..).take_while(|_| counted::count_next(engine, at_once).unwrap()).count() as u32
}

/// A configuration for a database of its own.
pub(super) fn fresh(folder: &Path) -> Config {
    let mut config = config(&env::var("TELEMETRY_CLICKHOUSE").expect("scripts/clickhouse-check sets it"), folder);
    let mut drawn = [0; 8];
    getrandom::fill(&mut drawn).unwrap();
    config.clickhouse.database = format!("t{}", u64::from_ne_bytes(drawn));
    config.clickhouse.insert_events = 50_000;
    config.clickhouse.timeout_seconds = 60;
    config.clickhouse.leaves_no_bytes = true;
    config
}

impl Settled {
    fn open(config: &Config) -> Self {
        let store = open(config);
        let drain = store.drain(config).unwrap();
        Self { store, drain, config: config.clone() }
    }

    /// Asks at once what was erased, as one that begins does; one that runs may take what comes within ten seconds for a part of it.
    fn learn(&mut self) {
        self.drain = self.store.drain(&self.config).unwrap();
        settle(&mut self.store, &mut self.drain);
    }

    /// Waits until parts that no row is in any more have left the disk.
    fn wait_for_bytes(&self) {
        let old =
            "SELECT concat(table, ' ', name, ', ', toString(refcount), ' users, ', removal_state) FROM system.parts
             WHERE database = currentDatabase() AND NOT active";
        let mut left: Vec<String> = Vec::new();
        // The engine looks every second, but goes by its own pace where it has much to do.
        for _ in 0..1_800 {
            left = self.store.engine.all(old, &[]).unwrap();
            if left.is_empty() {
                return;
            }
            thread::sleep(Duration::from_millis(100));
        }
        panic!("old parts stay: {left:?}");
    }
}

impl Store for Settled {
    fn write(&mut self, batches: &[Batch]) -> Result<Vec<Written>, StoreError> {
        let written = self.store.write(batches)?;
        settle(&mut self.store, &mut self.drain);
        Ok(written)
    }

    fn expire(&mut self, keep: &Keep, slice: u32) -> Result<bool, StoreError> {
        let is_more = self.store.expire(keep, slice)?;
        Ok(retain::expire(&self.store.engine, keep)? || is_more)
    }

    fn erase(&mut self, what: &Erase) -> Result<Erased, StoreError> {
        let erased = self.store.erase(what)?;
        self.learn();
        self.wait_for_bytes();
        Ok(erased)
    }

    fn forget(&mut self, forgets: &[Forget]) -> Result<Vec<u64>, StoreError> {
        self.store.forget(forgets)
    }

    fn clean(&mut self) -> Result<bool, StoreError> {
        delete::purge(&self.store.engine)?;
        self.wait_for_bytes();
        self.store.clean()
    }

    fn probe(&mut self) -> Result<(), StoreError> {
        self.store.probe()
    }
}

impl InEngine {
    fn new(is_counted: bool) -> Self {
        Self::of(is_counted, None)
    }

    fn of(is_counted: bool, cluster: Option<&str>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = fresh(folder.path());
        config.clickhouse.cluster = cluster.map(str::to_owned);
        let store = Some(Settled::open(&config));
        Self { _folder: folder, store, config, is_counted }
    }
}

impl Tested for InEngine {
    fn store(&mut self) -> &mut dyn Store {
        self.store.as_mut().unwrap()
    }

    fn read(&self) -> Box<dyn Read> {
        if self.is_counted {
            count_days(&self.store.as_ref().unwrap().store.engine);
        }
        Box::new(Reader::open(&self.config).unwrap())
    }

    fn reopen(&mut self) {
        self.store = None;
        self.store = Some(Settled::open(&self.config));
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let engine = &self.store.as_ref().unwrap().store.engine;
        let folders: Vec<String> = engine
            .all("SELECT arrayJoin(data_paths) FROM system.tables WHERE database = currentDatabase()", &[])
            .unwrap();
        let mut left: Vec<PathBuf> = folders.iter().map(PathBuf::from).collect();
        assert!(!left.is_empty() && left.iter().all(|path| path.is_absolute()));
        left.push(self.config.server.data.clone());
        while let Some(path) = left.pop() {
            // The engine merges meanwhile.
            let Ok(entries) = fs::read_dir(path) else { continue };
            for entry in entries.flatten() {
                let path = entry.path();
                if path.is_dir() { left.push(path) } else { bytes.extend(fs::read(path).unwrap_or_default()) }
            }
        }
        bytes
    }

    fn keeps_installations(&self) -> bool {
        false
    }
}

#[test]
#[ignore = "needs the engine: scripts/clickhouse-check"]
fn it_does_what_every_engine_does() {
    for is_counted in [false, true] {
        suite::check(&|| Box::new(InEngine::new(is_counted)));
    }
}

/// Of one server, and without replicas: `scripts/clickhouse.py` takes these words out of the statements. Tables are distributed over it.
#[test]
#[ignore = "needs the engine: scripts/clickhouse-check"]
fn it_does_what_every_engine_does_as_a_cluster() {
    suite::check(&|| Box::new(InEngine::of(false, Some("main"))));
    crate::answers::suite::check(&|| Box::new(InEngine::of(false, Some("main"))));
}

#[test]
#[ignore = "needs the engine: scripts/clickhouse-check"]
fn it_answers_as_every_engine_does() {
    for is_counted in [false, true] {
        crate::answers::suite::check(&|| Box::new(InEngine::new(is_counted)));
    }
}

/// So many events as `scripts/clickhouse-check` is told.
fn number_of(variable: &str, default: u64) -> u64 {
    env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// The last day of the month.
const LAST: Day = Day(20_779);

/// An event of a month of so many, in the order in which they come: the same number is the same event. Late days, versions that nobody knows, samples,
/// installations, containers.
fn of_month(number: u64, of: u64) -> (Event, Day) {
    // Steps through all remainders without an order.
    let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let pick = |shift: u32, of: u64| (mixed >> shift) % of;
    let received = LAST.plus(i32::try_from(number * 30 / of).unwrap() - 29);
    let late = if pick(17, 10) == 0 { i32::try_from(pick(23, 15)).unwrap() } else { 0 };
    let facet = |path: &str, value: String, sum| Facet { path: path.to_owned(), value, sum };
    let is_active = pick(29, 5) == 0;
    let (level, theme) = (pick(11, 10), ["dark", "light"][usize::try_from(pick(13, 2)).unwrap()]);
    let (payload, facets) = if is_active {
        let flag = pick(7, 7) == 0;
        let facets =
            vec![facet("first_in_week", flag.to_string(), 0), facet("first_ever", (level == 0).to_string(), 0)];
        (format!("{{\"first_in_week\":{flag},\"first_ever\":{}}}", level == 0), facets)
    } else {
        let facets = vec![facet("theme", theme.to_owned(), 0), facet("level", level.to_string(), level as i64)];
        (format!("{{\"theme\":\"{theme}\",\"level\":{level}}}"), facets)
    };
    let mut installation = [0; 16];
    installation[..8].copy_from_slice(&pick(31, 997).to_le_bytes());
    let event = Event {
        when: When::On(received.plus(-late)),
        name: if is_active { "ACTIVE" } else { "COMPONENT_MOUNTED" }.to_owned(),
        discriminant: (!is_active).then(|| format!("Component{}", pick(37, 40))),
        version: format!("1.{}.0", pick(41, 6)),
        is_version_known: pick(41, 6) != 5,
        instance: (pick(43, 4) == 0).then(|| format!("pk_test_{}", pick(45, 9))),
        installation: (pick(47, 3) == 0).then_some(installation),
        rate: if is_active || pick(37, 4) > 0 { 1_000_000 } else { 100_000 },
        actor: crate::store::Actor::ALL[usize::try_from(pick(49, 5)).unwrap()],
        is_ephemeral: [None, Some(false), Some(true)][usize::try_from(pick(51, 3)).unwrap()],
        payload,
        facets,
        ..event(number)
    };
    (event, received)
}

/// All that can be asked about an SDK, as text.
fn answers(read: &mut dyn Read, sdk: &str) -> Vec<String> {
    let mut all = Vec::new();
    for by in Grain::ALL {
        let scope = Scope { sdk: sdk.to_owned(), days: Days::ALL, by, today: LAST, late_days: 15 };
        let known = (0..5).map(|minor| format!("1.{minor}.0")).collect();
        // What each collector has seen of repeats is compared below.
        for question in Question::ALL.into_iter().filter(|question| *question != Question::Losses) {
            let table = question.ask(read, &scope, &known).unwrap().to_csv();
            all.extend(table.lines().map(|line| format!("{} by {}: {line}", question.word(), by.word())));
        }
    }
    // Millions of rows by day, in whichever order: how many, and a sum of what tells them apart.
    let mut rows: BTreeMap<Day, (u64, u64)> = BTreeMap::new();
    read.rows(Some(sdk), Days::ALL, &mut |row| {
        let mut hasher = std::hash::DefaultHasher::new();
        std::hash::Hash::hash(&format!("{row:?}"), &mut hasher);
        let (n, sum) = rows.entry(row.day).or_default();
        *n += 1;
        *sum = sum.wrapping_add(std::hash::Hasher::finish(&hasher));
    })
    .unwrap();
    all.extend(rows.into_iter().map(|(day, rows)| format!("rows of {day}: {rows:?}")));
    all
}

fn outcomes(read: &mut dyn Read) -> BTreeMap<(Day, String), u64> {
    let all = read.outcomes("a", Days::ALL).unwrap();
    all.into_iter().map(|outcome| ((outcome.day, outcome.word), outcome.n)).collect()
}

fn same(what: &str, sqlite: &mut dyn Read, clickhouse: &mut dyn Read) {
    let begin = Instant::now();
    for sdk in ["a", "b"] {
        let (left, right) = thread::scope(|scope| {
            let left = scope.spawn(|| answers(&mut *sqlite, sdk));
            let right = answers(&mut *clickhouse, sdk);
            (left.join().unwrap(), right)
        });
        for (left, right) in left.iter().zip(&right) {
            assert_eq!(left, right, "{what}: {sdk}");
        }
        assert_eq!(left.len(), right.len(), "{what}: {sdk}");
    }
    eprintln!("the same answers, {what}: asked in {:.1} s", begin.elapsed().as_secs_f64());
}

#[test]
#[ignore = "needs the engine: scripts/clickhouse-check"]
fn both_engines_answer_the_same() {
    let number = number_of("TELEMETRY_CLICKHOUSE_EVENTS", 20_000);
    let folders: [_; 3] = std::array::from_fn(|_| tempfile::tempdir().unwrap());
    let mut config = fresh(folders[0].path());
    config.clickhouse.leaves_no_bytes = false;
    let mut one = Settled::open(&config);
    config.server.data = folders[1].path().to_owned();
    let mut other = Settled::open(&config);
    let mut sqlite = Sqlite::open(folders[2].path()).unwrap().store;
    // Each comes to one collector; one of ten again to it, one of seven to the other.
    let (mut through_other, mut repeats) = (0, 0);
    let begin = Instant::now();
    for first in (0..number).step_by(20_000) {
        let mut batches: [BTreeMap<Day, Vec<Event>>; 2] = Default::default();
        for n in first..number.min(first + 20_000) {
            let (event, received) = of_month(n, number);
            let to = usize::from(n % 3 == 0);
            let again = [n.is_multiple_of(10).then_some(to), n.is_multiple_of(7).then_some(1 - to)];
            for to in [Some(to)].into_iter().chain(again).flatten() {
                batches[to].entry(received).or_default().push(event.clone());
            }
            repeats += u64::from(again[0].is_some());
            through_other += u64::from(again[1].is_some());
        }
        let batches = batches.map(|days| -> Vec<_> {
            let of_days = days.into_iter().map(|(received, events)| Batch { received, ..batch("a", events) });
            // By a clock that is not set back.
            of_days.chain([Batch { received: of_month(first, number).1, ..batch("b", vec![event(first)]) }]).collect()
        });
        thread::scope(|scope| {
            for (collector, days) in [&mut one, &mut other].into_iter().zip(&batches) {
                scope.spawn(|| collector.store.write(days).unwrap());
            }
            batches.iter().for_each(|days| drop(sqlite.write(days).unwrap()));
        });
        if first % 200_000 == 0 || first + 20_000 >= number {
            for collector in [&mut one, &mut other] {
                settle(&mut collector.store, &mut collector.drain);
            }
            eprintln!("{} of {number} events after {:.0} s", number.min(first + 20_000), begin.elapsed().as_secs_f64());
        }
    }
    let mut before = crate::store::sqlite::Reader::open(folders[2].path()).unwrap();
    let mut read = Reader::open(&config).unwrap();
    same("as it came", &mut before, &mut read);
    assert!(count_days(&one.store.engine) > 0);
    same("counted", &mut before, &mut read);
    // Of repeats through the other one, each has accepted its own.
    let (left, right) = (outcomes(&mut before), outcomes(&mut read));
    let sum = |all: &BTreeMap<(Day, String), u64>, word: &str| {
        all.iter().filter(|((_, of), _)| of == word).map(|(_, n)| n).sum::<u64>()
    };
    assert_eq!((sum(&left, "accepted"), sum(&left, "duplicate")), (number, repeats + through_other));
    assert_eq!((sum(&right, "accepted"), sum(&right, "duplicate")), (number + through_other, repeats));
    // Somebody has theirs deleted, an operator erases an instance and the first days, and days are over.
    for n in 1..40 {
        let mut installation = [0; 16];
        installation[0] = n;
        let forget = Forget { sdk: "a".into(), installation, received: LAST };
        let through = if n % 2 == 0 { &mut one } else { &mut other };
        let theirs = through.forget(std::slice::from_ref(&forget)).unwrap();
        assert_eq!(theirs, sqlite.forget(&[forget]).unwrap());
    }
    same("deleted", &mut before, &mut read);
    delete::purge(&one.store.engine).unwrap();
    same("deleted, rows as well", &mut before, &mut read);
    count_days(&other.store.engine);
    for (what, through) in [
        (Erase { sdk: Some("a".to_owned()), before: None, instance: Some("pk_test_3".to_owned()) }, &mut one),
        (Erase { sdk: None, before: Some(Day(20_740)), instance: None }, &mut other),
    ] {
        let (left, right) = (sqlite.erase(&what).unwrap(), through.store.erase(&what).unwrap());
        assert_eq!(left.events, right.events, "{what:?}");
        same("erased", &mut before, &mut read);
        count_days(&through.store.engine);
    }
    // Some days come to have more, when both know what was erased.
    one.learn();
    other.learn();
    let late: Vec<_> = (0..100).map(|n| Event { when: When::On(LAST.plus(-n)), ..event(number + n as u64) }).collect();
    let late = [Batch { received: LAST, ..batch("a", late) }];
    other.write(&late).unwrap();
    sqlite.write(&late).unwrap();
    same("some days counted, some with more", &mut before, &mut read);
    let keep = Keep { rows_from: Day(20_765), counts_from: Day(20_750), ids_from: Day(20_763) };
    while sqlite.expire(&keep, 20_000).unwrap() {}
    while one.expire(&keep, 20_000).unwrap() {}
    same("days are over", &mut before, &mut read);
    while other.expire(&keep, 20_000).unwrap() {}
    same("days are over for the other one as well", &mut before, &mut read);
    eprintln!("{number} events, {repeats} again through the same collector, {through_other} through the other one");
}

/// What so many events cost: time of the commit that answers, time until they are in the engine, bytes, time of answers.
#[test]
#[ignore = "measures: scripts/clickhouse-check --cost"]
fn cost_beside_sqlite() {
    let number = number_of("TELEMETRY_CLICKHOUSE_ROWS", 100_000);
    let folders: [_; 2] = std::array::from_fn(|_| tempfile::tempdir().unwrap());
    let mut config = fresh(folders[0].path());
    config.clickhouse.leaves_no_bytes = false;
    config.clickhouse.outbox_mib = 1 << 20;
    let mut one = Settled::open(&config);
    let mut sqlite = Sqlite::open(folders[1].path()).unwrap().store;
    let mut seconds = [0.0; 3];
    for first in (0..number).step_by(5_000) {
        let mut days: BTreeMap<Day, Vec<Event>> = BTreeMap::new();
        for n in first..number.min(first + 5_000) {
            let (event, received) = of_month(n, number);
            days.entry(received).or_default().push(event);
        }
        let days: Vec<_> =
            days.into_iter().map(|(received, events)| Batch { received, ..batch("a", events) }).collect();
        let mut timed = |place: usize, what: &mut dyn FnMut()| {
            let begin = Instant::now();
            what();
            seconds[place] += begin.elapsed().as_secs_f64();
        };
        timed(0, &mut || drop(sqlite.write(&days).unwrap()));
        timed(1, &mut || drop(one.store.write(&days).unwrap()));
        if first % 50_000 == 0 || first + 5_000 >= number {
            timed(2, &mut || settle(&mut one.store, &mut one.drain));
        }
        if first % 500_000 == 0 {
            eprintln!(
                "{first} of {number} events: {:.0} s SQLite, {:.0} s outbox, {:.0} s engine",
                seconds[0], seconds[1], seconds[2]
            );
        }
    }
    sqlite.clean().unwrap();
    let rate = |seconds: f64| (number as f64 / seconds) as u64;
    let mut page = format!(
        "| {number} events | SQLite | ClickHouse |\n| --- | ---: | ---: |\n\
         | committed and answered, events/s | {} | {} |\n\
         | from the outbox into the engine, events/s | | {} |\n",
        rate(seconds[0]),
        rate(seconds[1]),
        rate(seconds[2])
    );
    let size = |path: &Path| fs::metadata(path).unwrap().len() as f64 / f64::from(1 << 20);
    let engine = &one.store.engine;
    let bytes = "SELECT toUInt64(sum(bytes_on_disk)) FROM system.parts WHERE database = currentDatabase() AND active";
    let in_engine = engine.number(bytes, &[]).unwrap() as f64 / f64::from(1 << 20);
    let file = crate::store::sqlite::FILE_NAME;
    let (left, right) = (size(&folders[1].path().join(file)), size(&folders[0].path().join(file)));
    page += &format!(
        "| on disk, MiB: everything; the engine, and the collector's file with its ids | {left:.0} | {in_engine:.0} + {right:.0} |\n\n"
    );
    let mut before = crate::store::sqlite::Reader::open(folders[1].path()).unwrap();
    let mut read = Reader::open(&config).unwrap();
    let ask = |read: &mut dyn Read| {
        Question::ALL.map(|question| {
            let scope = Scope { sdk: "a".to_owned(), days: Days::ALL, by: Grain::Week, today: LAST, late_days: 15 };
            let begin = Instant::now();
            question.ask(read, &scope, &Default::default()).unwrap();
            begin.elapsed().as_millis()
        })
    };
    let (of_sqlite, as_it_came) = (ask(&mut before), ask(&mut read));
    let begin = Instant::now();
    let days = count_days(engine);
    let counting = begin.elapsed().as_secs_f64();
    let counted = ask(&mut read);
    // One late event makes a day one whose rows are looked at.
    let late: Vec<_> = (0..16).map(|n| Event { when: When::On(LAST.plus(-n)), ..event(number + n as u64) }).collect();
    one.write(&[Batch { received: LAST, ..batch("a", late) }]).unwrap();
    let in_between = ask(&mut read);
    page += "| all weeks, ms | SQLite | ClickHouse, as it came | all days counted but sixteen | all days counted |\n\
             | --- | ---: | ---: | ---: | ---: |\n";
    for (place, question) in Question::ALL.iter().enumerate() {
        let [a, b, c, d] = [of_sqlite, as_it_came, in_between, counted].map(|times| times[place]);
        page += &format!("| `query {}` | {a} | {b} | {c} | {d} |\n", question.word());
    }
    page += &format!(
        "\nAs it came, what had rested was counted already; to count the {days} days that were left took {counting:.1} s.\n"
    );
    eprint!("{page}");
    if let Ok(file) = env::var("TELEMETRY_CLICKHOUSE_PAGE") {
        write_down(Path::new(&file), number, &page);
    }
}

/// Puts what was measured between two comments of a page.
fn write_down(file: &Path, number: u64, measured: &str) {
    const BEGIN: &str = "<!-- Written by scripts/clickhouse-check --cost. -->\n";
    const END: &str = "<!-- Until here. -->";
    let text = fs::read_to_string(file).unwrap();
    let (before, rest) = text.split_once(BEGIN).expect("the comment before the section is missing");
    let (_, after) = rest.split_once(END).expect("the comment after the section is missing");
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let section = format!(
        "ClickHouse beside SQLite, by `scripts/clickhouse-check --cost`: {number} events of a month in the order in which they come, one of ten \
         up to two weeks late, in commits of 5,000. The engine runs in a process of its own beside the collector, on the same {} cores; {}, \
         load {} at the end. What the columns mean: [operating.md](operating.md#several-collectors-clickhouse).\n\n{measured}",
        std::thread::available_parallelism().unwrap(),
        Clock::system().today(),
        load.split(' ').next().unwrap_or_default(),
    );
    fs::write(file, format!("{before}{BEGIN}{section}{END}{after}")).unwrap();
}

/// Statements for a cluster cannot be run by one server. It reads them, and would tell what it does not know.
#[test]
#[ignore = "needs the engine: scripts/clickhouse-check"]
fn it_reads_the_tables_of_a_cluster() {
    let folder = tempfile::tempdir().unwrap();
    let config = fresh(folder.path());
    let engine = Engine::new(&config).unwrap();
    let cluster = Clickhouse { cluster: Some("main".to_owned()), ..config.clickhouse.clone() };
    for statement in schema::statements(&cluster, 1830) {
        let text = statement.replace('?', "??").replace('\\', "\\\\").replace('\'', "\\'");
        let told: Vec<String> = engine.all(&format!("SELECT formatQuery('{text}')"), &[]).unwrap();
        assert!(told[0].contains("ON CLUSTER"), "{told:?}");
    }
    let broken: Result<Vec<String>, _> = engine.all("SELECT formatQuery('CREATE TABLE x ON CLUSTER (a Int)')", &[]);
    assert!(broken.is_err(), "it reads anything");
}
