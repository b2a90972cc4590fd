//! The running collector: two listeners, the thread that writes, and their end.

mod admin;
mod connections;
mod publish;

use std::{
    io,
    net::SocketAddr,
    path::Path,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use tokio::{net::TcpListener, sync::watch};

use crate::{
    clock::Clock,
    commit::Committer,
    config::Config,
    exit_code::ExitCode,
    failure::Failure,
    ingest::Ingest,
    metrics::Metrics,
    page::{self, Access, Page, Public},
    registry::{self, Registry},
    store::{self, StoreError},
};

/// How often the list of SDKs is looked at, and counts of what was refused are handed to the store.
pub(crate) const TICK: Duration = Duration::from_secs(1);

/// A collector that listens.
#[derive(Debug)]
pub struct Collector {
    /// Where clients send to; with port 0 in the configuration, the one that was given.
    pub listen: SocketAddr,
    /// Where the operator asks.
    pub admin: SocketAddr,
    /// Where everybody may ask, if anywhere.
    pub public: Option<SocketAddr>,
    ingest: Arc<Ingest>,
    stop: watch::Sender<bool>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
    writer: thread::JoinHandle<()>,
    committer: Committer,
    _lock: std::fs::File,
}

impl Collector {
    /// Opens the store, reads the list of SDKs and begins to listen, within a runtime of tokio.
    ///
    /// # Errors
    ///
    /// [`ExitCode::Unavailable`] if another collector uses the data folder or an address cannot be listened on;
    /// [`ExitCode::CannotTell`] if store or list cannot be read.
    pub async fn start(config: Config, clock: Clock) -> Result<Self, Failure> {
        let data = config.server.data.clone();
        let lock = hold(&data)?;
        let metrics = Arc::new(Metrics::default());
        let opened = store::open(&config).map_err(|error| cannot_open(&data, &error))?;
        if let Some((path, why)) = &opened.set_aside {
            metrics.set_aside.add(1);
            anstream::eprintln!(
                "telemetry-collector: the store is damaged ({why}); it is set aside as {} and a new one begins",
                path.display()
            );
        }
        let access = Access::all(&data, &config.tokens).map_err(|error| {
            let name = data.display();
            Failure::new(ExitCode::Unavailable, format!("cannot read or make the operator's token in {name}: {error}"))
        })?;
        // The stamp first: what is added after it is seen as a change.
        let stamp = registry::stamp(&data);
        let registry = read_registry(&data)?;
        let (committer, writer) = Committer::start(opened.store, &config, clock.clone(), Arc::clone(&metrics))
            .map_err(|error| Failure::new(ExitCode::Unavailable, format!("cannot start a thread: {error}")))?;
        let ingest =
            Arc::new(Ingest::new(config.clone(), registry, committer.clone(), clock.clone(), Arc::clone(&metrics)));
        let (clients, operators) = (bind(config.server.listen).await?, bind(config.server.admin).await?);
        let (listen, admin) = (address(&clients)?, address(&operators)?);
        let (stop, stopped) = watch::channel(false);
        let for_clients = {
            let ingest = Arc::clone(&ingest);
            move |peer, request| {
                let ingest = Arc::clone(&ingest);
                async move { ingest.handle(peer, request).await }
            }
        };
        let page = Page {
            config: config.clone(),
            access,
            ingest: Arc::clone(&ingest),
            metrics: Arc::clone(&metrics),
            committer: committer.clone(),
            clock: clock.clone(),
            outside: opened.outside.clone(),
            started: Instant::now(),
        };
        let router = admin::router(Arc::clone(&metrics), committer.clone(), data.clone(), opened.outside)
            .merge(page::router(page));
        let for_operators = move |_, request| admin::answer(router.clone(), request);
        let (public, for_everybody) = match config.public.listen {
            Some(wanted) => {
                let listener = bind(wanted).await?;
                (Some(address(&listener)?), Some(listener))
            }
            None => (None, None),
        };
        let mut tasks = vec![
            tokio::spawn(connections::accept(
                clients,
                config.clone(),
                Arc::clone(&metrics),
                stopped.clone(),
                for_clients,
            )),
            tokio::spawn(connections::accept(
                operators,
                config.clone(),
                Arc::clone(&metrics),
                stopped.clone(),
                for_operators,
            )),
            tokio::spawn(tick(data.clone(), stamp, Arc::clone(&ingest), stopped.clone())),
        ];
        if let Some(listener) = for_everybody {
            let router = page::public_router(Public { data, sdks: config.public.sdks.clone() });
            let answer = move |_, request| admin::answer(router.clone(), request);
            tasks.push(tokio::spawn(publish::every_day(config.clone(), clock, Arc::clone(&ingest), stopped.clone())));
            tasks.push(tokio::spawn(connections::accept(listener, config, metrics, stopped, answer)));
        }
        Ok(Self { listen, admin, public, ingest, stop, tasks, writer, committer, _lock: lock })
    }

    /// What answers clients.
    pub fn ingest(&self) -> &Arc<Ingest> {
        &self.ingest
    }

    /// Takes no connection any more, lets requests in flight end, and returns when everything is written.
    pub async fn stop(mut self) {
        let _ = self.stop.send(true);
        self.ingest.watchers().end();
        for task in self.tasks.drain(..) {
            let _ = task.await;
        }
        self.ingest.flush_tally();
        let Self { committer, writer, .. } = self;
        let end = move || {
            committer.end();
            let _ = writer.join();
        };
        let _ = tokio::task::spawn_blocking(end).await;
    }
}

/// Reads the list of SDKs when it has changed, and hands on the counts of what was refused.
async fn tick(data: std::path::PathBuf, mut known: String, ingest: Arc<Ingest>, mut stopped: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            _ = stopped.wait_for(|stopped| *stopped) => return,
            () = tokio::time::sleep(TICK) => {}
        }
        ingest.flush_tally();
        let stamp = registry::stamp(&data);
        if stamp != known {
            match Registry::read(&data) {
                Ok(registry) => ingest.set_registry(registry),
                // The old list goes on; the next change is looked at again.
                Err(error) => anstream::eprintln!("telemetry-collector: {error}"),
            }
            known = stamp;
        }
    }
}

/// The data folder, for this process alone.
fn hold(data: &Path) -> Result<std::fs::File, Failure> {
    let name = data.display();
    let failed =
        |error: io::Error| Failure::new(ExitCode::Unavailable, format!("cannot use the data folder {name}: {error}"));
    std::fs::create_dir_all(data).map_err(failed)?;
    let file = std::fs::File::create(data.join("lock")).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => {
            Err(Failure::new(ExitCode::Unavailable, format!("another collector uses the data folder {name}")))
        }
        Err(std::fs::TryLockError::Error(error)) => Err(failed(error)),
    }
}

fn cannot_open(data: &Path, error: &StoreError) -> Failure {
    Failure::new(ExitCode::CannotTell, format!("cannot open the store in {}: {error}", data.display()))
}

fn read_registry(data: &Path) -> Result<Registry, Failure> {
    Registry::read(data).map_err(|error| {
        let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
        Failure::new(ExitCode::CannotTell, format!("{error}{cause}"))
    })
}

async fn bind(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        Failure::new(ExitCode::Unavailable, format!("cannot listen on {address}: {error}"))
            .with_hint("`--listen`, `--admin` and `--public` name other addresses")
    })
}

fn address(listener: &TcpListener) -> Result<SocketAddr, Failure> {
    listener.local_addr().map_err(|error| Failure::new(ExitCode::Unavailable, error.to_string()))
}
