//! Bursts, servers that do not answer, and the end of a program meanwhile.

use std::{
    fs, thread,
    time::{Duration, Instant},
};

use crate::{
    clients::{Client, Kind},
    parts::{Bench, pair},
    program::{self, Network, NoRun},
    results::{Burst, Figure, Worst},
};

/// Events of the worst cases.
const BURST: u64 = 200_000;
/// How long the worst cases of one client keep those of the next one waiting.
const STAYS: Duration = Duration::from_secs(4);

enum Ended {
    Burst(Result<Burst, NoRun>),
    Exit(Result<f64, NoRun>),
}

type Case<'a> = Box<dyn FnOnce() -> Ended + Send + 'a>;

/// Whether it has a part that sends while the program goes on.
fn sends_later(client: &Client) -> bool {
    client.id != "tracing" && client.kind != Kind::Floor
}

impl Bench {
    pub(super) fn worst(&self) -> Vec<Worst> {
        let mut all: Vec<Worst> =
            self.clients.iter().map(|client| Worst { client: client.id.to_owned(), ..Worst::default() }).collect();
        for (client, worst) in self.clients.iter().zip(&mut all) {
            worst.burst = self.note("burst", client, self.burst(client, Network::answers(), 1), &mut worst.errors);
            let times = |network: fn() -> std::io::Result<Network>| {
                let mut times = Vec::new();
                for _ in 0..self.runs() {
                    let Ok(milliseconds) = self.exit(client, network) else { break };
                    times.push(milliseconds);
                    // Who waits for a time of its own waits as long the next time.
                    if milliseconds > 2_000.0 {
                        break;
                    }
                }
                (!times.is_empty()).then(|| Figure::of(times))
            };
            worst.exit_answers = times(Network::answers);
            if sends_later(client) {
                worst.exit_refused = times(Network::refused);
            }
        }
        // Most of the others wait half a minute for the network at their end, and do nothing meanwhile: whoever is not through
        // after some seconds waits on beside the next one.
        thread::scope(|scope| {
            let mut waiting = Vec::new();
            for (place, client) in self.clients.iter().enumerate().filter(|(_, client)| sends_later(client)) {
                let runs: [(&str, Case); 3] = [
                    ("black hole", Box::new(|| Ended::Burst(self.burst(client, Network::black_hole(), 0)))),
                    ("refused", Box::new(|| Ended::Burst(self.burst(client, Network::refused(), 0)))),
                    ("end in a black hole", Box::new(|| Ended::Exit(self.exit(client, Network::black_hole)))),
                ];
                for (what, run) in runs {
                    let thread = scope.spawn(run);
                    let start = Instant::now();
                    while !thread.is_finished() && start.elapsed() < STAYS {
                        thread::sleep(Duration::from_millis(5));
                    }
                    waiting.push((place, what, thread));
                }
            }
            for (place, what, thread) in waiting {
                let (Some(client), Some(worst)) = (self.clients.get(place), all.get_mut(place)) else { continue };
                match thread.join() {
                    Ok(Ended::Burst(burst)) if what == "refused" => {
                        worst.refused = self.note(what, client, burst, &mut worst.errors);
                    }
                    Ok(Ended::Burst(burst)) => worst.black_hole = self.note(what, client, burst, &mut worst.errors),
                    Ok(Ended::Exit(Ok(milliseconds))) => {
                        self.say(&format!("{what}, {}: {milliseconds:.0} ms", client.name));
                        worst.exit_black_hole = Some(milliseconds);
                    }
                    Ok(Ended::Exit(Err(error))) => {
                        self.say(&format!("{what}, {}: {}", client.name, error.words()));
                        worst.errors.push(format!("{what}: {}", error.words()));
                    }
                    Err(_) => {}
                }
            }
        });
        all
    }

    fn note(
        &self,
        what: &str,
        client: &Client,
        result: Result<Burst, NoRun>,
        errors: &mut Vec<String>,
    ) -> Option<Burst> {
        match result {
            Ok(burst) => {
                self.say(&format!(
                    "{what}, {}: {:.0} delivered, {:.0} kept, {:.0} lost, {:.0} ms",
                    client.name, burst.delivered, burst.kept, burst.lost, burst.milliseconds
                ));
                Some(burst)
            }
            Err(error) => {
                self.say(&format!("{what}, {}: {}", client.name, error.words()));
                errors.push(format!("{what}: {}", error.words()));
                None
            }
        }
    }

    /// Milliseconds from start to end of a program that records one event and ends as its client's documentation says.
    fn exit(&self, client: &Client, network: fn() -> std::io::Result<Network>) -> Result<f64, NoRun> {
        let (network, state) = (network()?, self.folders.state()?);
        let one = [pair("--mode", "burst"), pair("--events", 0), pair("--flush-every", 0)];
        program::run_in(&self.folders, client, &network, state.path(), &[], &one).map(|run| run.milliseconds)
    }

    /// 200,000 events in a row; what became of them.
    fn burst(&self, client: &Client, network: std::io::Result<Network>, flush: u64) -> Result<Burst, NoRun> {
        let (network, state) = (network?, self.folders.state()?);
        let arguments = [pair("--mode", "burst"), pair("--events", BURST), pair("--flush-every", flush)];
        let run = program::run_in(&self.folders, client, &network, state.path(), &[], &arguments)?;
        let delivered = run.arrived.events as f64;
        let mut kept = 0.0;
        if client.keeps {
            // A server that is back, and a pause that is over.
            for breaker in program::find(state.path(), "breaker.json") {
                fs::remove_file(breaker)?;
            }
            // glean looks for what an earlier run has left some time after its start.
            let drain = [pair("--events", 1), pair("--pause", 2_000), pair("--flush-every", 1)];
            let drained = program::run_in(&self.folders, client, &Network::answers()?, state.path(), &[], &drain)?;
            kept = drained.arrived.events.saturating_sub(2) as f64;
        }
        Ok(Burst {
            delivered,
            kept,
            lost: (run.said.recorded as f64 - delivered - kept).max(0.0),
            record_ns: run.said.record_us * 1e3 / BURST as f64,
            cpu_us: run.said.total_cpu_us / BURST as f64,
            peak_kib: run.said.peak_kib,
            milliseconds: run.milliseconds,
        })
    }
}
