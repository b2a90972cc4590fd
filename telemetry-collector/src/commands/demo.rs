//! `demo`: a month of installations, and whether the collector's answers are true.

use std::{fmt::Write as _, path::Path, sync::Mutex, thread};

use clap::Args;

use crate::{
    arguments::{result, store_failure},
    clock::Clock,
    config::Config,
    demo::{FIRST_DAY, Line, Month, Programs, SECOND_ADDED, Wire, compare},
    exit_code::ExitCode,
    failure::Failure,
    page::OPERATOR_FILE,
    registry::{
        Registry,
        edit::{self, AddOptions},
    },
    serve::Collector,
    store::sqlite::Reader,
};

/// Arguments of `demo`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Which month: equal numbers give equal months.
    #[arg(long, default_value = "1")]
    seed: u64,
    /// End when the month is over, instead of answering until Ctrl-C.
    #[arg(long)]
    once: bool,
    /// Print every figure, not only sums and what differs.
    #[arg(long)]
    all: bool,
}

/// Programs that run at one time.
const AT_ONCE: usize = 4;

/// Seconds of a day.
const DAY: i64 = 24 * 60 * 60;

/// Lives the month and compares.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let programs = Programs::build()?;
    let unavailable = |error: std::io::Error| Failure::new(ExitCode::Unavailable, error.to_string());
    let folder = tempfile::tempdir().map_err(unavailable)?;
    let data = folder.path().join("data");
    add(&data, &programs.first)?;
    let clock = Clock::manual(i64::from(FIRST_DAY.0) * DAY);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(unavailable)?;
    let collector = runtime.block_on(Collector::start(config(&data), clock.clone()))?;
    let wire = Wire::open(collector.listen).map_err(unavailable)?;
    let mut month = Month::new(arguments.seed);
    anstream::eprintln!("{} installations live through June 2026, seed {}", month.installations(), arguments.seed);
    for day in Month::days() {
        let midnight = i64::from(FIRST_DAY.plus(day).0) * DAY;
        clock.set(midnight + 22 * 3600);
        if day == SECOND_ADDED {
            add(&data, &programs.second)?;
            let registry =
                Registry::read(&data).map_err(|error| Failure::new(ExitCode::CannotTell, error.to_string()))?;
            collector.ingest().set_registry(registry);
        }
        let runs = Mutex::new(month.live(day));
        let next = || runs.lock().ok()?.pop();
        thread::scope(|scope| {
            let work = || -> Result<(), Failure> {
                while let Some(run) = next() {
                    programs.run(&run, midnight + run.hour * 3600, wire.ports, folder.path())?;
                }
                Ok(())
            };
            let workers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(work)).collect();
            workers.into_iter().try_for_each(|worker| {
                worker.join().unwrap_or_else(|_| Err(Failure::new(ExitCode::CannotTell, "a thread has failed")))
            })
        })?;
        if day % 7 == 6 {
            anstream::eprintln!("week {} is over: {} runs", day / 7 + 1, month.runs);
        }
    }
    // What was refused last is handed to the store, then the answers are read.
    let is_equal;
    if arguments.once {
        runtime.block_on(collector.stop());
        is_equal = report(arguments, &data, &month, &wire, &clock)?;
    } else {
        thread::sleep(2 * crate::serve::TICK);
        is_equal = report(arguments, &data, &month, &wire, &clock)?;
        anstream::eprintln!(
            "it goes on until Ctrl-C: clients at http://{}\n\
             look at it: http://operator:{}@{}/\n\
             ask it: telemetry-collector query active --data {}",
            collector.listen,
            std::fs::read_to_string(data.join(OPERATOR_FILE)).unwrap_or_default().trim(),
            collector.admin,
            data.display()
        );
        runtime.block_on(async {
            let _ = tokio::signal::ctrl_c().await;
            collector.stop().await;
        });
    }
    Ok(if is_equal { ExitCode::Holds } else { ExitCode::Found })
}

fn config(data: &Path) -> Config {
    let mut config = Config::default();
    config.server.data = data.to_owned();
    config.server.listen.set_port(0);
    config.server.admin.set_port(0);
    // All installations of the demo have one address.
    config.rate.per_second = 0;
    config.retention.reserve_mib = 0;
    config
}

fn add(data: &Path, program: &Path) -> Result<(), Failure> {
    edit::add_file(data, program, &AddOptions::default()).map(|_| ())
}

/// Prints the figures; whether all are equal.
fn report(arguments: &Arguments, data: &Path, month: &Month, wire: &Wire, clock: &Clock) -> Result<bool, Failure> {
    let mut reader = Reader::open(data).map_err(|error| store_failure(&error))?;
    let lines = compare(&mut reader, month, wire, clock.today()).map_err(|error| store_failure(&error))?;
    let differ = lines.iter().filter(|line| line.truth != line.answer).count();
    let mut text = format!(
        "{} runs of real programs, {} of them by users who had opted out; {} events happened in the others\n\n",
        month.runs,
        month.silent_runs,
        month.happened.len()
    );
    let is_detail = |line: &&Line| line.what.contains(" events ") || line.what.contains("active 2026-06-");
    let width = lines.iter().map(|line| line.what.len()).max().unwrap_or(0);
    let _ = writeln!(text, "{:<width$}  {:>6}  {:>9}", "figure", "truth", "collector");
    for line in lines.iter().filter(|line| arguments.all || !is_detail(line) || line.truth != line.answer) {
        let Line { what, truth, answer } = line;
        let mark = if truth == answer { "" } else { "  DIFFERS" };
        let _ = writeln!(text, "{what:<width$}  {truth:>6}  {answer:>9}{mark}");
    }
    let hidden = lines.iter().filter(is_detail).count();
    if !arguments.all {
        let _ = writeln!(text, "\n{hidden} more figures per day, week and event: `--all` prints them");
    }
    let _ = match differ {
        0 => writeln!(text, "all {} figures are equal", lines.len()),
        differ => writeln!(text, "{differ} of {} figures differ", lines.len()),
    };
    result(&text)?;
    Ok(differ == 0)
}
