//! The spool against a model: random sequences of what processes do and what is done to them. The model knows which events
//! were recorded; in the end each must have been delivered under one key, or be counted.

use std::collections::{BTreeMap, BTreeSet};

use proptest::{collection::vec, prelude::*};

use super::*;
use crate::tests::crash;

/// What happens next, to the process with this number.
#[derive(Debug, Clone)]
enum Step {
    AppendEvents(u8),
    /// A batch is offered to the server, which answers like this.
    Send(Answer),
    /// The process is killed between two steps and another one begins.
    Die,
    /// It does these and dies on the way, during this change to the disk.
    DieAt(u32, u8, Vec<Step>),
}

#[derive(Debug, Clone, Copy)]
enum Answer {
    Ok,
    Refused,
    TooLarge,
    Later,
    Nothing,
}

fn steps(deadly: bool) -> impl Strategy<Value = Vec<(usize, Step)>> {
    let answer = prop_oneof![
        4 => Just(Answer::Ok),
        1 => Just(Answer::Refused),
        1 => Just(Answer::TooLarge),
        1 => Just(Answer::Later),
        1 => Just(Answer::Nothing),
    ];
    let step = prop_oneof![
        5 => (1..4_u8).prop_map(Step::AppendEvents),

        5 => answer.prop_map(Step::Send),
    ];
    let death =
        (1..16_u32, any::<u8>(), vec(step.clone(), 1..6)).prop_map(|(at, torn, steps)| Step::DieAt(at, torn, steps));
    let step = prop_oneof![
        12 => step,
        1 => Just(Step::Die),
        if deadly { 4 } else { 0 } => death,
    ];
    vec((0..3_usize, step), 1..40)
}

fn numbers(batch: &Batch) -> Vec<u64> {
    batch.frames().map(|frame| text(frame.body).parse().unwrap()).collect()
}

/// The server of the model, which knows keys.
#[derive(Default)]
struct Server {
    /// The events of each key, as they came first.
    batches: BTreeMap<String, Vec<u64>>,
    /// Events that it wanted never to see again.
    refused: BTreeSet<u64>,
}

impl Server {
    fn take(&mut self, batch: &Batch) -> Result<(), TestCaseError> {
        let events = numbers(batch);
        let known = self.batches.entry(batch.key().to_owned()).or_insert_with(|| events.clone());
        prop_assert_eq!(&*known, &events, "a key stands for the same events at every attempt");
        Ok(())
    }

    fn knows(&self, batch: &Batch) -> bool {
        self.batches.contains_key(batch.key())
    }

    /// Every event that arrived; none under two keys.
    fn delivered(&self) -> Result<BTreeSet<u64>, TestCaseError> {
        let mut events = BTreeSet::new();
        for event in self.batches.values().flatten() {
            prop_assert!(events.insert(*event), "event {} arrived under two keys", event);
        }
        Ok(events)
    }
}

/// What the model knows.
#[derive(Default)]
struct Model {
    next: u64,
    /// Events whose append returned.
    recorded: BTreeSet<u64>,
    /// Events whose append was interrupted: they may be there or not.
    uncertain: BTreeSet<u64>,
    server: Server,
    /// The ledgers of processes that are gone.
    ledgers: Vec<Counts>,
}

impl Model {
    fn step(&mut self, process: &mut Process, step: &Step) -> Result<(), TestCaseError> {
        match step {
            Step::AppendEvents(events) => {
                for _ in 0..*events {
                    self.next += 1;
                    let appended = process.try_append(EXTENDED, day_of(NOW), &self.next.to_string());
                    if crash::is_dead() {
                        self.uncertain.insert(self.next);
                        return Ok(());
                    }
                    prop_assert_eq!(appended, Ok(()));
                    self.recorded.insert(self.next);
                }
            }
            Step::Send(answer) => {
                let Some(mut batch) = process.next() else { return Ok(()) };
                if crash::is_dead() {
                    return Ok(()); // Nobody sends any more.
                }
                let events = batch.frames().count() as u64;
                match answer {
                    Answer::Ok => {
                        self.server.take(&batch)?;
                        process.finish(batch, Outcome::Sent);
                    }
                    Answer::Refused => {
                        self.server.refused.extend(numbers(&batch));
                        process.finish(batch, Outcome::Rejected);
                    }
                    // What a server has taken once is not too large for it.
                    Answer::TooLarge if events > 1 && batch.key().len() < 52 && !self.server.knows(&batch) => {
                        process.backlog.halve(batch, &process.tally);
                    }
                    Answer::TooLarge | Answer::Later => {
                        batch.attempted(false);
                        process.put_back(batch);
                    }
                    Answer::Nothing => {
                        self.server.take(&batch)?; // It arrived, and the answer was lost.
                        batch.attempted(true);
                        process.put_back(batch);
                    }
                }
            }
            Step::Die | Step::DieAt(..) => {}
        }
        Ok(())
    }

    fn bury(&mut self, process: Process) {
        self.ledgers.push(process.die());
        crash::revive();
    }

    /// All die; one last process finds what is left.
    fn end(&mut self, home: &Home, processes: Vec<Process>) -> Result<(), TestCaseError> {
        processes.into_iter().for_each(|process| self.bury(process));
        let mut last = home.process();
        last.start(NOW);
        while let Some(batch) = last.next() {
            self.server.take(&batch)?;
            last.finish(batch, Outcome::Sent);
        }
        let left: Vec<_> =
            home.names().into_iter().filter(|name| name != "lock" && !name.ends_with(".damaged")).collect();
        prop_assert!(left.is_empty(), "{:?}", left);
        self.ledgers.push(last.tally);
        Ok(())
    }

    fn counted(&self, word: &str) -> u64 {
        self.ledgers.iter().map(|ledger| ledger.get(word)).sum()
    }
}

fn start(home: &Home) -> Process {
    let mut process = home.process();
    process.start(NOW);
    process
}

fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(128)
}

proptest! {
    // PROPTEST_CASES asks for more of them.
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    /// Wherever processes die, every event whose append returned arrives, whole, under one key.
    #[test]
    fn r07_c01_no_death_loses_tears_or_doubles_an_event(steps in steps(true)) {
        let home = Home::new();
        let mut model = Model::default();
        let mut processes: Vec<_> = (0..3).map(|_| start(&home)).collect();
        for (number, step) in steps {
            if let Step::DieAt(at, torn, steps) = &step {
                crash::die_at(*at, *torn);
                for step in steps {
                    if !crash::is_dead() {
                        model.step(&mut processes[number], step)?;
                    }
                }
            } else {
                model.step(&mut processes[number], &step)?;
            }
            if crash::is_dead() || matches!(step, Step::Die) {
                let next = home.process();
                model.bury(std::mem::replace(&mut processes[number], next));
                let process = &mut processes[number];
                process.start(NOW);
            }
            crash::revive();
        }
        model.end(&home, processes)?;
        let delivered = model.server.delivered()?;
        let ended: BTreeSet<_> = delivered.union(&model.server.refused).copied().collect();
        prop_assert!(model.recorded.is_subset(&ended), "{:?} lost", model.recorded.difference(&ended));
        let known: BTreeSet<_> = model.recorded.union(&model.uncertain).copied().collect();
        prop_assert!(delivered.is_subset(&known), "{:?} invented", delivered.difference(&known));
    }

    /// Without deaths in the middle of a step the ledgers are exact: each event ended once, in one of them.
    #[test]
    fn every_event_ends_once_in_one_ledger(steps in steps(false)) {
        let home = Home::new();
        let mut model = Model::default();
        let mut processes: Vec<_> = (0..3).map(|_| start(&home)).collect();
        for (number, step) in steps {
            model.step(&mut processes[number], &step)?;
            if matches!(step, Step::Die) {
                let next = start(&home);
                model.bury(std::mem::replace(&mut processes[number], next));
            }
        }
        model.end(&home, processes)?;
        let delivered = model.server.delivered()?;
        let ended: u64 = model.ledgers.iter().map(Counts::ended).sum();
        prop_assert_eq!(ended, model.recorded.len() as u64);
        prop_assert_eq!(model.counted("sent") + model.counted("rejected"), ended);
        // What was refused may have arrived at an earlier attempt that had no answer.
        prop_assert!(delivered.len() as u64 >= model.counted("sent"));
        prop_assert!(delivered.is_subset(&model.recorded));
    }
}
