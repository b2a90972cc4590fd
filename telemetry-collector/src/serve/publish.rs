//! Freezes the weeks that have closed, once a day, for the page of everybody.

use std::sync::Arc;

use tokio::sync::watch;

use super::TICK;
use crate::{clock::Clock, config::Config, ingest::Ingest, published::Published, store::sqlite::Reader};

/// Freezes at start and on every new day, until it is stopped.
pub(super) async fn every_day(config: Config, clock: Clock, ingest: Arc<Ingest>, mut stopped: watch::Receiver<bool>) {
    let mut done = None;
    loop {
        let today = clock.today();
        if done != Some(today) {
            let (config, ingest) = (config.clone(), Arc::clone(&ingest));
            let done_today = tokio::task::spawn_blocking(move || {
                let mut reader = Reader::open(&config.server.data).map_err(|error| error.to_string())?;
                let registry = ingest.registry();
                for sdk in config.public.sdks.iter().filter_map(|name| registry.sdk(name)) {
                    Published::publish(&config.server.data, &mut reader, sdk, today, config.days.oldest)
                        .map_err(|error| error.to_string())?;
                }
                Ok::<_, String>(())
            });
            match done_today.await {
                Ok(Ok(())) => {}
                // The next day is as good: a week that is closed stays so.
                Ok(Err(why)) => anstream::eprintln!("telemetry-collector: no week was published: {why}"),
                Err(_) => return,
            }
            done = Some(today);
        }
        tokio::select! {
            _ = stopped.wait_for(|stopped| *stopped) => return,
            () = tokio::time::sleep(TICK) => {}
        }
    }
}
