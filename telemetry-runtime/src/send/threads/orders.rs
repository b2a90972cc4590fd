//! Who sends for whom, and what each sender still has to do.

use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use crate::base::limits::SENDERS;

/// What the worker wants of the senders, and what these have done. `S` names an SDK.
pub(crate) struct Orders<S> {
    table: Mutex<Table<S>>,
    pub(crate) changed: Condvar,
}

impl<S> Orders<S> {
    pub(crate) const fn new() -> Self {
        Self { table: Mutex::new(Table::new()), changed: Condvar::new() }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Table<S>> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) struct Table<S> {
    /// One for each SDK that ever had something to send.
    desks: Vec<Desk<S>>,
    /// For each thread whether it is still there.
    threads: Vec<bool>,
    /// The latest flush that was handed over.
    latest: u64,
}

/// What there is to do for one SDK.
struct Desk<S> {
    sdk: S,
    thread: Option<usize>,
    wanted: bool,
    /// When to look again, whoever wants it.
    again: Option<Instant>,
    /// The oldest flush that waits for the next round, and the oldest that this round is for.
    flush: Option<u64>,
    serving: Option<u64>,
    /// No thread could be started, or its transport panicked: everything waits on disk for a later run.
    failed: bool,
}

/// One round for one SDK.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Round<S> {
    pub(crate) sdk: S,
    pub(crate) for_flush: bool,
}

/// What a thread does next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next<S> {
    Serve(Round<S>),
    /// Until somebody wants something, or until this moment.
    Wait(Option<Instant>),
}

impl<S> Table<S> {
    const fn new() -> Self {
        Self { desks: Vec::new(), threads: Vec::new(), latest: 0 }
    }
}

impl<S: Copy + PartialEq> Table<S> {
    /// There may be something to send for an SDK.
    pub(crate) fn want(&mut self, sdk: S) {
        let desk = match self.desks.iter().position(|desk| desk.sdk == sdk) {
            Some(at) => self.desks.get_mut(at),
            None => {
                self.desks.push(Desk {
                    sdk,
                    thread: None,
                    wanted: false,
                    again: None,
                    flush: None,
                    serving: None,
                    failed: false,
                });
                self.desks.last_mut()
            }
        };
        if let Some(desk) = desk {
            desk.wanted = true;
        }
    }

    /// Everybody offers what there is before this flush is over.
    pub(crate) fn want_flush(&mut self, ticket: u64) {
        self.latest = self.latest.max(ticket);
        for desk in self.desks.iter_mut().filter(|desk| !desk.failed) {
            desk.wanted = true;
            desk.flush.get_or_insert(ticket);
        }
    }

    /// Gives each SDK that has something to send a thread. `start` starts one with a number, and says whether it could; where
    /// the system gives no more, and beyond [`SENDERS`], SDKs share those there are.
    pub(crate) fn give_threads(&mut self, mut start: impl FnMut(usize) -> bool) {
        for at in 0..self.desks.len() {
            let Some(desk) = self.desks.get_mut(at).filter(|desk| desk.thread.is_none() && !desk.failed) else {
                continue;
            };
            let threads = self.threads.len();
            if threads < SENDERS && start(threads) {
                self.threads.push(true);
                desk.thread = Some(threads);
            } else if let Some(shared) = at.checked_rem(threads) {
                desk.thread = Some(shared);
            } else {
                desk.fail();
            }
        }
    }

    /// What the thread with this number does next. It serves its SDKs in turn, beginning behind the one that it served last.
    pub(crate) fn next(&mut self, thread: usize, now: Instant) -> Next<S> {
        let due = |desk: &Desk<S>| {
            desk.thread == Some(thread) && !desk.failed && (desk.wanted || desk.again.is_some_and(|at| at <= now))
        };
        let Some(at) = self.desks.iter().position(due) else {
            let mine = self.desks.iter().filter(|desk| desk.thread == Some(thread) && !desk.failed);
            return Next::Wait(mine.filter_map(|desk| desk.again).min());
        };
        let mut desk = self.desks.remove(at);
        desk.wanted = false;
        desk.again = None;
        desk.serving = desk.flush.take();
        let round = Round { sdk: desk.sdk, for_flush: desk.serving.is_some() };
        self.desks.push(desk);
        Next::Serve(round)
    }

    /// A round has ended; the next one is due at `again`, if at all.
    pub(crate) fn done(&mut self, sdk: S, again: Option<Instant>) {
        if let Some(desk) = self.desk(sdk) {
            desk.serving = None;
            desk.again = again;
        }
    }

    /// Whether a thread works for an SDK.
    pub(crate) fn serves(&self, sdk: S) -> bool {
        self.desks.iter().any(|desk| desk.sdk == sdk && desk.thread.is_some() && !desk.failed)
    }

    /// Nothing more is sent for an SDK.
    pub(crate) fn fail(&mut self, sdk: S) {
        if let Some(desk) = self.desk(sdk) {
            desk.fail();
        }
    }

    /// A thread has ended, for whatever reason.
    pub(crate) fn end(&mut self, thread: usize) {
        if let Some(alive) = self.threads.get_mut(thread) {
            *alive = false;
        }
        self.desks.iter_mut().filter(|desk| desk.thread == Some(thread)).for_each(Desk::fail);
    }

    /// Whether there is no such thread, because all have ended or none was ever needed.
    pub(crate) fn have_ended(&self) -> bool {
        !self.threads.contains(&true)
    }

    /// The latest flush that nobody has anything left to do for.
    pub(crate) fn flushed(&self) -> u64 {
        let open = self.desks.iter().flat_map(|desk| [desk.flush, desk.serving]).flatten().min();
        open.map_or(self.latest, |oldest| oldest.saturating_sub(1))
    }

    fn desk(&mut self, sdk: S) -> Option<&mut Desk<S>> {
        self.desks.iter_mut().find(|desk| desk.sdk == sdk)
    }
}

impl<S> Desk<S> {
    fn fail(&mut self) {
        self.failed = true;
        self.flush = None;
        self.serving = None;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn table(sdks: u32) -> Table<u32> {
        let mut table = Table::new();
        (0..sdks).for_each(|sdk| table.want(sdk));
        table
    }

    fn served(table: &mut Table<u32>, thread: usize) -> Option<(u32, bool)> {
        match table.next(thread, Instant::now()) {
            Next::Serve(round) => Some((round.sdk, round.for_flush)),
            Next::Wait(_) => None,
        }
    }

    #[test]
    fn o11_each_sdk_has_a_thread_and_beyond_the_bound_they_share_in_turn() {
        let sdks = SENDERS as u32 + 2;
        let mut table = table(sdks);
        let mut started = Vec::new();
        table.give_threads(|number| {
            started.push(number);
            true
        });
        assert_eq!(started, (0..SENDERS).collect::<Vec<_>>(), "none is started twice");
        let first: Vec<_> = (0..SENDERS).map(|thread| served(&mut table, thread).unwrap().0).collect();
        assert_eq!(first, (0..SENDERS as u32).collect::<Vec<_>>());
        assert_eq!(served(&mut table, 0), Some((SENDERS as u32, false)));
        assert_eq!(served(&mut table, 1), Some((SENDERS as u32 + 1, false)));
        assert_eq!((0..SENDERS).filter_map(|thread| served(&mut table, thread)).count(), 0);
        (0..sdks).for_each(|sdk| table.want(sdk));
        let both = [served(&mut table, 0), served(&mut table, 0)].map(|round| round.unwrap().0);
        assert_eq!(both, [0, SENDERS as u32], "in turn");
    }

    #[test]
    fn o11_without_threads_sdks_share_those_there_are_or_wait_on_disk() {
        let mut alone = table(2);
        alone.give_threads(|number| number == 0);
        assert_eq!([served(&mut alone, 0), served(&mut alone, 0)], [Some((0, false)), Some((1, false))]);
        let mut nobody = table(2);
        nobody.want_flush(1);
        nobody.give_threads(|_| false);
        assert!(nobody.have_ended());
        assert_eq!(nobody.flushed(), 1, "no flush waits for it");
    }

    #[test]
    fn o11_a_flush_is_over_when_everybody_has_had_a_round_since() {
        let mut table = table(2);
        assert!(!table.serves(0) && !table.serves(7));
        table.give_threads(|_| true);
        assert!(table.serves(0) && !table.serves(7));
        assert_eq!(served(&mut table, 0), Some((0, false)));
        table.want_flush(1);
        table.done(0, None);
        assert_eq!(table.flushed(), 0, "that round began before");
        assert_eq!(served(&mut table, 0), Some((0, true)));
        table.want_flush(2);
        table.done(0, None);
        assert_eq!(table.flushed(), 0, "the other one has done nothing yet");
        assert_eq!(served(&mut table, 1), Some((1, true)));
        table.done(1, None);
        assert_eq!(table.flushed(), 1);
        assert_eq!(served(&mut table, 0), Some((0, true)));
        table.fail(0);
        assert_eq!(table.flushed(), 2, "who has failed is not waited for");
        assert!(!table.serves(0) && table.serves(1));
        table.want_flush(3);
        assert_eq!(served(&mut table, 0), None);
        table.end(1);
        assert_eq!(table.flushed(), 3);
        assert!(!table.have_ended());
        table.end(0);
        assert!(table.have_ended() && !table.serves(1));
    }

    #[test]
    fn o11_an_sdk_is_looked_at_again_in_its_own_time() {
        let mut table = table(2);
        table.give_threads(|number| number == 0);
        let now = Instant::now();
        let soon = now + Duration::from_secs(1);
        assert!(matches!(table.next(0, now), Next::Serve(Round { sdk: 0, .. })));
        table.done(0, Some(soon + Duration::from_secs(1)));
        assert!(matches!(table.next(0, now), Next::Serve(Round { sdk: 1, .. })));
        table.done(1, Some(soon));
        assert_eq!(table.next(0, now), Next::Wait(Some(soon)));
        assert!(matches!(table.next(0, soon), Next::Serve(Round { sdk: 1, .. })));
    }
}
