//! The check that each of these tests ends with: delivered ∪ waiting ∪ counted = recorded, and no event twice.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    process::{Command, Output},
};

use serde_json::Value;
use telemetry_tests::{
    Sandbox,
    ledger::{self, Ledger},
    run,
};

use crate::steps;

/// What a program said of itself.
#[derive(Debug)]
pub struct Story {
    pub run: u64,
    /// The events that it was about to record.
    pub trying: BTreeSet<u64>,
    /// Those of which it was told that they are on disk: a command by the return of `record!`, all others by a flush.
    pub kept: BTreeSet<u64>,
    /// Its ledger, unless it was killed.
    pub ledger: Option<Ledger>,
    pub lines: Vec<String>,
}

impl Story {
    #[track_caller]
    pub fn of(run: u64, output: &Output) -> Self {
        let lines: Vec<_> = String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect();
        let mut story = Self { run, trying: BTreeSet::new(), kept: BTreeSet::new(), ledger: None, lines };
        for line in &story.lines {
            match line.split_whitespace().collect::<Vec<_>>().as_slice() {
                ["trying", number] => drop(story.trying.insert(number.parse().expect("a number"))),
                ["kept", number] => drop(story.kept.insert(number.parse().expect("a number"))),
                ["settled", count] => story.kept.extend(0..count.parse().expect("a number")),
                ["flushed", _, _] => story.kept.extend(story.trying.iter().copied()),
                [json] if json.starts_with('{') => {
                    story.ledger = Some(Ledger::of(&serde_json::from_str(json).expect("a ledger is JSON")));
                }
                _ => {}
            }
        }
        story
    }

    /// A program that nothing hindered from ending as it wanted to, without a word.
    #[track_caller]
    pub fn ended(run: u64, output: &Output) -> Self {
        let errors = String::from_utf8_lossy(&output.stderr);
        let errors: Vec<_> = errors.lines().filter(|line| !line.contains("loopback")).collect();
        assert_eq!((output.status.code(), errors.as_slice()), (Some(3), [""; 0].as_slice()), "{output:?}");
        let story = Self::of(run, output);
        assert!(story.ledger.is_some(), "{output:?}");
        story
    }

    #[track_caller]
    pub fn count(&self, word: &str) -> u64 {
        self.ledger.as_ref().expect("it was not killed").of_word(word)
    }

    pub fn said(&self, line: &str) -> bool {
        self.lines.iter().any(|said| said == line)
    }
}

/// Runs steps of the program to their end, which must be a good one.
#[track_caller]
pub fn well(run_number: u64, command: &mut Command) -> Story {
    Story::ended(run_number, &run(command))
}

/// A run that delivers what others left, with nothing in its way. The spool is empty then.
#[track_caller]
pub fn deliver_rest(sandbox: &Sandbox, run: u64) -> Story {
    sandbox.forget_failures();
    let story = well(run, &mut steps(sandbox, run, &["flush"]));
    assert_eq!(story.count("waiting"), 0, "{story:?}");
    assert!(spooled(sandbox).is_empty(), "{:?}", spooled(sandbox));
    story
}

/// Of every event that was recorded, it is known what became of it.
///
/// Of programs that were killed, whatever they were told to be on disk has arrived. Of the others, the ledgers of all,
/// the one that delivered the rest included, know how many did not arrive, and why; an event that ended as `unknown` may
/// have arrived. What arrived was recorded, and is one event for each id. The ledger on disk holds, and nothing waits.
#[track_caller]
pub fn ledger_check(sandbox: &Sandbox, stories: &[&Story]) {
    ledger_check_after(0, sandbox, stories);
}

/// As [`ledger_check`], where the server has refused the first few requests.
#[track_caller]
pub fn ledger_check_after(refused: usize, sandbox: &Sandbox, stories: &[&Story]) {
    let arrived = delivered_after(refused, sandbox);
    for story in stories {
        let came = arrived.numbers.get(&story.run).cloned().unwrap_or_default();
        assert!(came.is_subset(&story.trying), "what was never recorded arrived: {came:?} {story:?}");
        if story.ledger.is_none() {
            let lost: Vec<_> = story.kept.difference(&came).collect();
            assert!(lost.is_empty(), "lost {lost:?} of {story:?}");
        }
    }
    let ledgers: Vec<_> = stories.iter().filter_map(|story| story.ledger.as_ref()).collect();
    if ledgers.len() == stories.len() {
        let sum = |word: &str| -> u64 { ledgers.iter().map(|ledger| ledger.of_word(word)).sum() };
        let missing = sum("offered").checked_sub(arrived.events).expect("no more arrived than was recorded");
        let unknown = sum("unknown");
        let lost: u64 = ledgers.iter().map(|ledger| ledger.lost()).sum();
        let counted = sum("offered") - sum("accepted") + lost - unknown;
        assert!(
            (counted..=counted + unknown).contains(&missing),
            "{missing} missing, {counted} counted, {unknown} unknown: {stories:#?}"
        );
    }
    let total = total(sandbox);
    assert_eq!(total.of_word("waiting"), 0, "{total:?}");
}

/// What is at the server, after dedupe by id.
pub struct Delivered {
    /// The numbers of each run.
    pub numbers: BTreeMap<u64, BTreeSet<u64>>,
    /// All events, the report of losses among them.
    pub events: u64,
}

/// Reads the server. Whatever came twice came the same.
#[track_caller]
pub fn delivered(sandbox: &Sandbox) -> Delivered {
    delivered_after(0, sandbox)
}

#[track_caller]
fn delivered_after(refused: usize, sandbox: &Sandbox) -> Delivered {
    let requests = sandbox.server.requests();
    let events = ledger::delivered(requests.iter().skip(refused));
    let mut numbers = BTreeMap::<u64, BTreeSet<u64>>::new();
    for payload in events.values().map(|event| &event["payload"]) {
        if let (Some(run), Some(number)) = (payload["run"].as_u64(), payload["number"].as_u64()) {
            assert!(numbers.entry(run).or_default().insert(number), "event {number} of run {run} under two ids");
        }
    }
    Delivered { numbers, events: events.len() as u64 }
}

/// What a state folder says of all programs.
#[track_caller]
pub fn total(sandbox: &Sandbox) -> Ledger {
    let status = run(sandbox.command(telemetry_tests::sibling("spooler")).arg("status"));
    let status: Value = serde_json::from_slice(&status.stdout).expect("a status is JSON");
    Ledger::of(&status["total"]["counts"])
}

/// The files of the spool.
pub fn spooled(sandbox: &Sandbox) -> Vec<PathBuf> {
    let folder = sandbox.state().join("telemetry/spooler/spool/spooler");
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut files: Vec<_> = entries.filter(|path| !path.ends_with("lock")).collect();
    files.sort();
    files
}
