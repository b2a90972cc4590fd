//! From the outbox into the engine: what waits goes in large inserts, and is deleted from the outbox when the engine has it. Whatever breaks off is done again,
//! and makes no difference: rows are told by their keys, totals only grow.

use std::{
    collections::HashMap,
    mem,
    path::PathBuf,
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use super::{
    counted::{self, Rested},
    delete,
    engine::Engine,
    retain,
    rows::{EventRow, OutcomeRow, date},
    shared::Shared,
};
use crate::{
    clock::Day,
    config::Config,
    store::{
        Outcome, StoreError,
        sqlite::{
            Sqlite,
            outbox::{Outbox, Sender},
        },
    },
};

/// How long it rests after a failure, and after many.
const AFTER_FAILURE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));

/// How often it asks for erasures while nothing comes.
const LEARN_EVERY: Duration = Duration::from_secs(10);

/// How often days that are over are looked for.
const UPKEEP_EVERY: Duration = Duration::from_secs(3600);

/// How often days that can be counted are looked for.
const COUNT_EVERY: Duration = Duration::from_secs(10);

/// How long after one deletion of rows the next one begins, at the earliest.
const BETWEEN_PURGES: Duration = Duration::from_secs(600);

/// What sends.
pub(super) struct Drain {
    engine: Engine,
    sender: Sender,
    shared: Arc<Shared>,
    data: PathBuf,
    collector: [u8; 16],
    has_begun: bool,
    /// What the engine was told of outcomes.
    told: HashMap<(String, i32, String), u64>,
    /// Outcomes of earlier days do not change any more.
    told_from: Day,
    learn_at: Instant,
    upkeep_at: Instant,
    purge_at: Instant,
    count_at: Instant,
}

impl Drain {
    pub(super) fn new(config: &Config, shared: Arc<Shared>) -> Result<Self, StoreError> {
        let sender = Sender::open(&config.server.data)?;
        let (collector, has_begun) = sender.collector()?;
        let now = Instant::now();
        Ok(Self {
            engine: Engine::new(config)?,
            sender,
            shared,
            data: config.server.data.clone(),
            collector,
            has_begun,
            told: HashMap::new(),
            told_from: Day(i32::MIN),
            learn_at: now,
            upkeep_at: now,
            purge_at: now,
            count_at: now,
        })
    }

    /// Sends until it is to end.
    pub(super) fn run(mut self) {
        let mut pause = AFTER_FAILURE.0;
        loop {
            let rest = match self.step() {
                Ok(is_more) => {
                    pause = AFTER_FAILURE.0;
                    self.tell(None);
                    if is_more { Duration::ZERO } else { self.engine.settings.linger() }
                }
                Err(error) => {
                    self.tell(Some(error.to_string()));
                    pause = (pause * 2).min(AFTER_FAILURE.1);
                    pause / 2
                }
            };
            if self.shared.rest(rest) {
                return;
            }
        }
    }

    /// Says it on standard error when it changes.
    fn tell(&self, failure: Option<String>) {
        let before = mem::replace(&mut self.shared.state().failure, failure.clone());
        match (before, failure) {
            (None, Some(why)) => anstream::eprintln!("telemetry-collector: events wait in the outbox: {why}"),
            (Some(_), None) => anstream::eprintln!("telemetry-collector: ClickHouse has taken what waited"),
            _ => {}
        }
    }

    /// Does what is to be done next; whether there is more at once.
    pub(super) fn step(&mut self) -> Result<bool, StoreError> {
        self.engine.prepare()?;
        let sent = self.shared.progress.sent.load(Ordering::Acquire);
        let committed = self.shared.progress.last.load(Ordering::Acquire);
        let (rows, mut last) = self.sender.next(sent, self.engine.settings.insert_events)?;
        if (!rows.is_empty() || self.learn_at <= Instant::now()) && self.learn()? {
            // What was read may be what was erased: it is read again.
            return Ok(true);
        }
        if rows.is_empty() {
            // What was behind it is deleted.
            last = committed.max(sent);
        }
        let events: Vec<_> = rows.iter().map(EventRow::of).collect();
        self.engine.insert::<EventRow<'_>>("events", &events)?;
        self.shared.progress.sent.store(last, Ordering::Release);
        self.tell_outcomes()?;
        let is_full = rows.len() >= self.engine.settings.insert_events;
        Ok(is_full || self.keep_up()?)
    }

    /// Whether the engine has all that there is.
    #[cfg(test)]
    pub(super) fn waits_for_nothing(&self) -> bool {
        let sent = self.shared.progress.sent.load(Ordering::Acquire);
        self.sender.next(sent, 1).unwrap().0.is_empty()
    }

    /// Asks what was erased, and does it here: the outbox first, then the tables once more, in which this collector may have put some in the meantime.
    /// Whether there was anything.
    fn learn(&mut self) -> Result<bool, StoreError> {
        let announced = delete::announced(&self.engine)?;
        self.learn_at = Instant::now() + LEARN_EVERY;
        if !self.has_begun {
            // Nothing of what was erased before it began can be here.
            let all: Vec<_> = announced.iter().map(|(erasure, _)| erasure.id).collect();
            self.outbox()?.note_erased(&all)?;
            self.has_begun = true;
            return Ok(false);
        }
        let mut has_erased = false;
        for (erasure, is_fresh) in announced {
            if self.sender.is_erased(&erasure.id)? {
                continue;
            }
            let mut outbox = self.outbox()?;
            outbox.erase(&erasure, &self.shared.progress)?;
            if is_fresh {
                delete::erase(&self.engine, &erasure)?;
            }
            outbox.note_erased(&[erasure.id])?;
            has_erased = true;
        }
        Ok(has_erased)
    }

    /// The outbox, to delete in it beside the one that writes.
    fn outbox(&self) -> Result<Outbox, StoreError> {
        Ok(Outbox::beside(Sqlite::open_existing(&self.data)?))
    }

    /// Tells the totals that have changed.
    fn tell_outcomes(&mut self) -> Result<(), StoreError> {
        let totals = self.sender.totals(self.told_from)?;
        // Outcomes have the day of their arrival, and a clock may be set back by a little.
        let last = totals.iter().map(|(_, outcome)| outcome.day).max();
        let mut new = totals;
        new.retain(|(sdk, Outcome { day, word, n })| self.told.get(&(sdk.clone(), day.0, word.clone())) != Some(n));
        let collector = self.collector;
        let rows: Vec<_> = new
            .iter()
            .map(|(sdk, outcome)| OutcomeRow {
                sdk,
                day: date(outcome.day).0,
                word: &outcome.word,
                collector,
                n: outcome.n,
            })
            .collect();
        self.engine.insert::<OutcomeRow<'_>>("outcomes", &rows)?;
        self.told_from = last.map_or(self.told_from, |day| day.plus(-2).max(self.told_from));
        let from = self.told_from;
        self.told.retain(|(_, day, _), _| *day >= from.0);
        self.told.extend(new.into_iter().map(|(sdk, Outcome { day, word, n })| ((sdk, day.0, word), n)));
        Ok(())
    }

    /// Deletes what is to be deleted, a piece at a time; whether there is more.
    fn keep_up(&mut self) -> Result<bool, StoreError> {
        let now = Instant::now();
        // What is deleted from here on asks for another one.
        if self.purge_at <= now && mem::take(&mut self.shared.state().purge) {
            delete::purge(&self.engine).inspect_err(|_| self.shared.state().purge = true)?;
            self.purge_at = now + BETWEEN_PURGES;
        }
        let keep = self.shared.state().keep;
        match keep.filter(|_| self.upkeep_at <= now) {
            Some(keep) if retain::expire(&self.engine, &keep)? => Ok(true),
            Some(_) => {
                self.upkeep_at = now + UPKEEP_EVERY;
                Ok(self.count_days())
            }
            None => Ok(self.count_days()),
        }
    }

    /// Counts a day for the answers; whether there may be more. Answers do without it, so what waits is sent even where the engine cannot do that in time, or does
    /// not tell of its parts.
    fn count_days(&mut self) -> bool {
        let now = Instant::now();
        if self.count_at > now {
            return false;
        }
        let counted = counted::count_next(&self.engine, Rested::ENOUGH);
        self.count_at = now
            + match counted {
                Ok(true) => Duration::ZERO,
                Ok(false) => COUNT_EVERY,
                Err(_) => UPKEEP_EVERY,
            };
        matches!(counted, Ok(true))
    }
}
