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
    clock::{Clock, Day},
    config::Config,
    metrics::Metrics,
    store::{Batch, Keep, Store, StoreError, Written},
};

/// How often the thread looks at what need not stay, while nothing comes or between two commits.
const EXPIRE_EVERY: Duration = Duration::from_secs(60);

/// How long it rests after a slice, so that events come first.
const BETWEEN_SLICES: Duration = Duration::from_millis(50);

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

/// A batch, and who waits for its end.
struct Job {
    batch: Batch,
    answer: Option<oneshot::Sender<Result<Written, Refused>>>,
}

/// What the thread is told.
enum Message {
    Keep(Job),
    Forget(Forget),
    End,
}

/// What came with the id of an installation is to be deleted, and who waits for that.
struct Forget {
    sdk: Arc<str>,
    installation: [u8; 16],
    received: Day,
    answer: oneshot::Sender<Result<u64, Refused>>,
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
    /// [`Refused`]; then some of it may be left.
    pub async fn forget(&self, sdk: Arc<str>, installation: [u8; 16], received: Day) -> Result<u64, Refused> {
        let (answer, answered) = oneshot::channel();
        self.hand_over(Message::Forget(Forget { sdk, installation, received, answer }))?;
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
}

impl Writer {
    fn run(mut self, waiting: &Receiver<Message>) {
        loop {
            let pause = self.expire_at.saturating_duration_since(Instant::now());
            if pause.is_zero() {
                self.expire();
                continue;
            }
            match waiting.recv_timeout(pause) {
                Ok(Message::Keep(first)) => match self.commit(first, waiting) {
                    Some(Message::End) => return,
                    Some(Message::Forget(forget)) => self.forget(forget),
                    Some(Message::Keep(_)) | None => {}
                },
                Ok(Message::Forget(forget)) => self.forget(forget),
                Err(RecvTimeoutError::Timeout) => {}
                Ok(Message::End) | Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// Deletes what came with an id. It may use the room of the reserve.
    fn forget(&mut self, Forget { sdk, installation, received, answer }: Forget) {
        let deleted = self.store.forget(&sdk, &installation, received);
        if let Err(error) = &deleted {
            self.failed(error);
        }
        let _ = answer.send(deleted.map_err(|_| Refused::Failed));
    }

    /// Commits a job, and with it all that wait already; answers with what came behind them and is no job.
    fn commit(&mut self, first: Job, waiting: &Receiver<Message>) -> Option<Message> {
        let mut behind = None;
        let mut events = first.batch.events.len();
        let (mut batches, mut answers) = (vec![first.batch], vec![first.answer]);
        while events < self.config.commit.events
            && let Ok(message) = waiting.try_recv()
        {
            let job = match message {
                Message::Keep(job) => job,
                other => {
                    behind = Some(other);
                    break;
                }
            };
            events += job.batch.events.len();
            batches.push(job.batch);
            answers.push(job.answer);
        }
        let begin = Instant::now();
        // The room of the reserve is for deleting. Events have to wait until there is room for it again.
        let written = if self.is_full { Err(StoreError::Full) } else { self.store.write(&batches) };
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
                if matches!(error, StoreError::Full) && self.reserve.free() {
                    self.is_full = true;
                    self.expire_at = Instant::now();
                }
                self.expire_at = self.expire_at.min(Instant::now() + AFTER_FAILURE);
            }
        }
        behind
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
            Err(error) => {
                self.failed(&error);
                AFTER_FAILURE
            }
        };
        if pause == EXPIRE_EVERY && self.reserve.make() {
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

    fn failed(&self, error: &StoreError) {
        self.set_health(Some(error.to_string()));
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
