//! Group commit: one thread writes, and requests that wait at the same time share a commit. A request is answered after it.

mod reserve;

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel},
    },
    thread,
    time::{Duration, Instant},
};

use tokio::sync::oneshot;

use self::reserve::Reserve;
use crate::{
    clock::Clock,
    config::Config,
    metrics::Metrics,
    store::{Batch, Forget, Keep, Store, StoreError, Written},
};

/// How often the thread looks at what need not stay, while nothing comes or between two commits.
const EXPIRE_EVERY: Duration = Duration::from_secs(60);

/// How long it rests after a slice, so that events come first.
const BETWEEN_SLICES: Duration = Duration::from_millis(50);

/// How many installations are deleted in one commit, at most.
const FORGETS: usize = 64;

/// How soon after a deletion its bytes go, and how soon that is tried again while somebody reads.
const CLEAN_AFTER: Duration = Duration::from_secs(1);

/// Why a batch was not kept. The client is answered 503 and comes again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Too many requests wait.
    Busy,
    /// The store failed; the log and `/readyz` say how.
    Failed,
    /// The collector ends.
    Ending,
}

/// Who waits for an end.
type Asker<T> = oneshot::Sender<Result<T, Refused>>;

/// A batch, and who waits for its end.
struct Job {
    batch: Batch,
    answer: Option<Asker<Written>>,
}

/// What the thread is told.
enum Message {
    Keep(Job),
    Forget(Forget, Asker<u64>),
    End,
}

/// The way to the thread that writes.
#[derive(Debug, Clone)]
pub struct Committer {
    jobs: SyncSender<Message>,
    health: Arc<Mutex<Option<String>>>,
}

impl Committer {
    /// Starts the thread that writes to `store`; it ends after [`Committer::end`].
    ///
    /// # Errors
    ///
    /// That no thread can be started.
    pub fn start(
        store: Box<dyn Store>,
        config: &Config,
        clock: Clock,
        metrics: Arc<Metrics>,
    ) -> std::io::Result<(Self, thread::JoinHandle<()>)> {
        let (jobs, waiting) = sync_channel(config.commit.waiting_requests);
        let health = Arc::new(Mutex::new(None));
        let writer = Writer {
            store,
            config: config.clone(),
            clock,
            metrics,
            health: Arc::clone(&health),
            reserve: Reserve::new(config.server.data.join("reserve"), config.retention.reserve_mib),
            is_full: false,
            expire_at: Instant::now(),
            // What was deleted before a kill may have left bytes.
            clean_at: Some(Instant::now()),
        };
        let thread = thread::Builder::new().name("commit".to_owned()).spawn(move || writer.run(&waiting))?;
        Ok((Self { jobs, health }, thread))
    }

    /// Keeps a batch; answers when it is on disk.
    ///
    /// # Errors
    ///
    /// [`Refused`]; then nothing of it was kept.
    pub async fn commit(&self, batch: Batch) -> Result<Written, Refused> {
        let (answer, answered) = oneshot::channel();
        self.hand_over(Message::Keep(Job { batch, answer: Some(answer) }))?;
        answered.await.unwrap_or(Err(Refused::Ending))
    }

    /// Deletes what came with the id of an installation; answers with the number of events when they are gone.
    ///
    /// # Errors
    ///
    /// [`Refused`]; then nothing of it was deleted.
    pub async fn forget(&self, forget: Forget) -> Result<u64, Refused> {
        let (answer, answered) = oneshot::channel();
        self.hand_over(Message::Forget(forget, answer))?;
        answered.await.unwrap_or(Err(Refused::Ending))
    }

    fn hand_over(&self, message: Message) -> Result<(), Refused> {
        self.jobs.try_send(message).map_err(|error| match error {
            TrySendError::Full(_) => Refused::Busy,
            TrySendError::Disconnected(_) => Refused::Ending,
        })
    }

    /// Has counts without events kept at some time soon; nobody waits, and they are dropped where too many requests do.
    pub fn note(&self, batch: Batch) {
        let _ = self.jobs.try_send(Message::Keep(Job { batch, answer: None }));
    }

    /// Lets the thread end once all that waits now is written. May wait for room in the queue.
    pub fn end(&self) {
        let _ = self.jobs.send(Message::End);
    }

    /// Why the last attempt to write failed; `None` if it did not.
    pub fn failure(&self) -> Option<String> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// How soon it tries again after a failure.
const AFTER_FAILURE: Duration = Duration::from_secs(2);

struct Writer {
    store: Box<dyn Store>,
    config: Config,
    clock: Clock,
    metrics: Arc<Metrics>,
    health: Arc<Mutex<Option<String>>>,
    reserve: Reserve,
    is_full: bool,
    expire_at: Instant,
    /// When bytes of what was deleted are to go, if any may be left.
    clean_at: Option<Instant>,
}

impl Writer {
    fn run(mut self, waiting: &Receiver<Message>) {
        loop {
            let now = Instant::now();
            if self.clean_at.is_some_and(|at| at <= now) {
                self.clean();
            }
            if self.expire_at <= now {
                self.expire();
                continue;
            }
            let next = self.clean_at.map_or(self.expire_at, |at| at.min(self.expire_at));
            match waiting.recv_timeout(next.saturating_duration_since(now)) {
                Ok(first) => {
                    if !self.work(first, waiting) {
                        if self.clean_at.is_some() {
                            self.clean();
                        }
                        return;
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// Does what has come, and with it all that waits already: events in one commit, and what is to be deleted in the next. Whether more
    /// is to come.
    fn work(&mut self, first: Message, waiting: &Receiver<Message>) -> bool {
        let (mut batches, mut answers) = (Vec::new(), Vec::new());
        let (mut forgets, mut askers) = (Vec::new(), Vec::new());
        let (mut events, mut goes_on) = (0, true);
        let mut next = Some(first);
        while let Some(message) = next {
            match message {
                Message::Keep(job) => {
                    events += job.batch.events.len();
                    batches.push(job.batch);
                    answers.push(job.answer);
                }
                Message::Forget(forget, asker) => {
                    forgets.push(forget);
                    askers.push(asker);
                }
                Message::End => {
                    goes_on = false;
                    break;
                }
            }
            let has_room = events < self.config.commit.events && forgets.len() < FORGETS;
            next = if has_room { waiting.try_recv().ok() } else { None };
        }
        if !batches.is_empty() {
            self.commit(&batches, answers);
        }
        if !forgets.is_empty() {
            self.forget(&forgets, askers);
        }
        goes_on
    }

    /// Deletes what came with ids. It may use the room of the reserve.
    fn forget(&mut self, forgets: &[Forget], askers: Vec<Asker<u64>>) {
        let deleted = match self.store.forget(forgets) {
            Err(error) if self.failed(&error) => self.store.forget(forgets),
            deleted => deleted,
        };
        match deleted {
            Ok(deleted) => {
                self.clean_at.get_or_insert(Instant::now() + CLEAN_AFTER);
                for (asker, events) in askers.into_iter().zip(deleted) {
                    let _ = asker.send(Ok(events));
                }
            }
            Err(error) => {
                self.failed(&error);
                for asker in askers {
                    let _ = asker.send(Err(Refused::Failed));
                }
            }
        }
    }

    /// Removes the bytes of what was deleted.
    fn clean(&mut self) {
        self.clean_at = match self.store.clean() {
            Ok(true) => None,
            Ok(false) => Some(Instant::now() + CLEAN_AFTER),
            Err(error) => {
                anstream::eprintln!(
                    "telemetry-collector: bytes of what was deleted are left, tries again in a minute: {error}"
                );
                Some(Instant::now() + EXPIRE_EVERY)
            }
        };
    }

    /// Commits batches that came together.
    fn commit(&mut self, batches: &[Batch], answers: Vec<Option<Asker<Written>>>) {
        let begin = Instant::now();
        // The room of the reserve is for deleting. Events have to wait until there is room for it again.
        let written = if self.is_full { Err(StoreError::Full) } else { self.store.write(batches) };
        match written {
            Ok(written) => {
                self.metrics.committed(begin.elapsed());
                self.set_health(None);
                for (answer, written) in answers.into_iter().zip(written) {
                    self.metrics.accepted.add(written.accepted);
                    self.metrics.duplicate.add(written.duplicate);
                    if let Some(answer) = answer {
                        let _ = answer.send(Ok(written));
                    }
                }
            }
            Err(error) => {
                self.metrics.commits_failed.add(1);
                // Whoever is answered 503 finds `/readyz` saying why.
                self.failed(&error);
                for answer in answers.into_iter().flatten() {
                    let _ = answer.send(Err(Refused::Failed));
                }
                self.expire_at = self.expire_at.min(Instant::now() + AFTER_FAILURE);
            }
        }
    }

    /// Deletes a slice of what need not stay.
    fn expire(&mut self) {
        let retention = &self.config.retention;
        let today = self.clock.today();
        let before = |days: u32| today.plus(i32::try_from(days).unwrap_or(i32::MAX).saturating_neg());
        let keep = Keep {
            rows_from: before(retention.rows_days),
            counts_from: before(retention.counts_days),
            ids_from: before(retention.ids_days),
        };
        let pause = match self.store.expire(&keep, retention.slice_rows) {
            Ok(true) => BETWEEN_SLICES,
            Ok(false) => EXPIRE_EVERY,
            Err(error) if self.failed(&error) => Duration::ZERO,
            Err(_) => AFTER_FAILURE,
        };
        // Made at once from the room that it has just given back, it would leave none for deleting.
        let may_be_made = !self.is_full || self.reserve.has_room_twice();
        if pause == EXPIRE_EVERY && may_be_made && self.reserve.make() {
            self.is_full = false;
        }
        // Where no client comes, because a balancer believes `/readyz`, nobody else would find that it works again.
        if self.has_failed() && !self.is_full && self.store.probe().is_ok() {
            self.set_health(None);
        }
        self.expire_at = Instant::now() + if self.has_failed() { pause.min(AFTER_FAILURE) } else { pause };
    }

    fn has_failed(&self) -> bool {
        self.health.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Notes why it cannot write. On a full disk it frees the reserve, for deleting; whether that gave room.
    fn failed(&mut self, error: &StoreError) -> bool {
        // What comes in is kept all the same.
        if matches!(error, StoreError::Away(_)) {
            return false;
        }
        self.set_health(Some(error.to_string()));
        let is_freed = matches!(error, StoreError::Full) && self.reserve.free();
        if is_freed {
            self.is_full = true;
            self.expire_at = Instant::now();
        }
        is_freed
    }

    /// Says it on standard error when it changes, and not for every request.
    fn set_health(&self, now: Option<String>) {
        let mut health = self.health.lock().unwrap_or_else(PoisonError::into_inner);
        match (&*health, &now) {
            (None, Some(why)) => {
                anstream::eprintln!("telemetry-collector: cannot write, clients are answered 503: {why}")
            }
            (Some(_), None) => anstream::eprintln!("telemetry-collector: writing again"),
            _ => {}
        }
        *health = now;
    }
}
