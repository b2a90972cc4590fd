//! Freezes the weeks that have closed, once a day, for the page of everybody.

use std::sync::Arc;

use tokio::sync::watch;

use super::TICK;
use crate::{clock::Clock, config::Config, ingest::Ingest, published::Published, store};

/// Freezes at start and on every new day, until it is stopped.
pub(super) async fn every_day(config: Config, clock: Clock, ingest: Arc<Ingest>, mut stopped: watch::Receiver<bool>) {
    let mut done = None;
    loop {
        let today = clock.today();
        if done != Some(today) {
            let (config, ingest) = (config.clone(), Arc::clone(&ingest));
            let sdks = config.public.sdks.clone();
            let publish = move |name: &str| {
                let registry = ingest.registry();
                let Some(sdk) = registry.sdk(name) else { return Ok(()) };
                let mut reader = store::reader(&config).map_err(|error| error.to_string())?;
                let published = Published::publish(&config.server.data, &mut *reader, sdk, today, config.days.oldest);
                published.map(|_| ()).map_err(|error| error.to_string())
            };
            // The next day is as good: a week that is closed stays so.
            for why in each(sdks, publish).await {
                anstream::eprintln!("telemetry-collector: no week was published today of {why}");
            }
            done = Some(today);
        }
        tokio::select! {
            _ = stopped.wait_for(|stopped| *stopped) => return,
            () = tokio::time::sleep(TICK) => {}
        }
    }
}

/// Does it for each SDK, whatever becomes of the others; of which not, and why.
async fn each(sdks: Vec<String>, publish: impl Fn(&str) -> Result<(), String> + Clone + Send + 'static) -> Vec<String> {
    let mut failed = Vec::new();
    for sdk in sdks {
        let (publish, name) = (publish.clone(), sdk.clone());
        match tokio::task::spawn_blocking(move || publish(&name)).await {
            Ok(Ok(())) => {}
            Ok(Err(why)) => failed.push(format!("`{sdk}`: {why}")),
            // A defect of ours, of which its thread has printed more.
            Err(error) => failed.push(format!("`{sdk}`: {error}")),
        }
    }
    failed
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[tokio::test]
    async fn an_error_and_a_panic_are_told_and_end_nothing() {
        let done = Arc::new(Mutex::new(Vec::new()));
        let publish = {
            let done = Arc::clone(&done);
            move |sdk: &str| match sdk {
                "damaged" => Err("its file is damaged".to_owned()),
                "defect" => panic!("a defect"),
                sdk => {
                    done.lock().unwrap().push(sdk.to_owned());
                    Ok(())
                }
            }
        };
        let sdks = ["damaged", "defect", "acme"].map(str::to_owned).to_vec();
        for day in 1..3 {
            let failed = each(sdks.clone(), publish.clone()).await;
            assert_eq!(failed.len(), 2, "{failed:?}");
            assert_eq!(failed[0], "`damaged`: its file is damaged");
            assert!(failed[1].starts_with("`defect`: ") && failed[1].contains("panicked"), "{failed:?}");
            assert_eq!(done.lock().unwrap().len(), day);
        }
    }
}
