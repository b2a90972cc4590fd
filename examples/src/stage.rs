use std::{
    collections::BTreeSet,
    env, fs, io,
    path::PathBuf,
    time::{Duration, Instant},
};

use telemetry_runtime::testing::{LoopbackServer, Received};

use crate::{Example, NotAsSaid, Run, ensure, state_folder::StateFolder};

/// The variable that names a folder for a copy of every request that arrived, one JSON file each.
const KEEP: &str = "ACME_DEMO_KEEP";

/// A server and a state folder for one or several runs of the demo program.
#[derive(Debug)]
pub struct Stage {
    pub(crate) example: Example,
    server: LoopbackServer,
    pub(crate) state: StateFolder,
}

impl Stage {
    /// Starts a server that has received nothing, beside an empty folder.
    ///
    /// # Errors
    ///
    /// If no loopback port is free, or the temporary folder cannot be made.
    pub fn new(example: &Example) -> io::Result<Self> {
        Ok(Self { example: *example, server: LoopbackServer::start()?, state: StateFolder::new()? })
    }

    /// The port of the server.
    pub fn port(&self) -> u16 {
        self.server.port()
    }

    /// A run of the demo program with these arguments.
    pub fn run(&self, arguments: &[&str]) -> Run<'_> {
        Run::new(self, arguments)
    }

    /// Everything that the server has received so far.
    pub fn received(&self) -> Vec<Received> {
        let received = self.server.requests();
        keep(self.port(), &received);
        received
    }

    /// As [`Stage::received`], as soon as so many [`distinct`] requests have arrived, or after this time.
    pub fn received_within(&self, requests: usize, time: Duration) -> Vec<Received> {
        let begun = Instant::now();
        let mut received = self.server.wait_for(requests, time);
        while distinct(&received) < requests
            && let Some(left) = time.checked_sub(begun.elapsed())
        {
            received = self.server.wait_for(received.len() + 1, left);
        }
        self.received()
    }

    /// As [`Stage::received`], once nothing can come any more: after a moment in which a request that was on its way
    /// would have arrived.
    pub fn received_in_the_end(&self) -> Vec<Received> {
        std::thread::sleep(Duration::from_millis(200));
        self.received()
    }

    /// The files and folders that the runs have left.
    ///
    /// # Errors
    ///
    /// If the folder cannot be read.
    pub fn files(&self) -> io::Result<Vec<PathBuf>> {
        self.state.entries()
    }

    /// Checks that the runs have left no trace, and says so.
    ///
    /// # Errors
    ///
    /// If the server received a request, or the state folder is not empty.
    pub fn assert_nothing(&self) -> Result<(), NotAsSaid> {
        ensure(self.received_in_the_end().is_empty(), "nothing was sent")?;
        ensure(self.files()?.is_empty(), "nothing was written")?;
        println!("\n  nothing was sent: the server received 0 requests, and the state folder holds 0 files");
        Ok(())
    }
}

/// Writes the requests down for whoever wants to examine them; see [`KEEP`].
fn keep(port: u16, received: &[Received]) {
    let Some(folder) = env::var_os(KEEP).map(PathBuf::from) else { return };
    for (number, request) in received.iter().enumerate() {
        let json = serde_json::json!({
            "method": request.method,
            "path": request.path,
            "headers": request.headers,
            "body": request.text(),
        });
        if let Err(error) = fs::write(folder.join(format!("{port}-{number}.json")), json.to_string()) {
            eprintln!("{KEEP}: {error}");
        }
    }
}

/// How many different requests these are. A run that ends while the server answers cannot know that it did; what it sent
/// is sent again under the same key, and servers count keys.
pub fn distinct(received: &[Received]) -> usize {
    received.iter().filter_map(|request| request.header("idempotency-key")).collect::<BTreeSet<_>>().len()
}
