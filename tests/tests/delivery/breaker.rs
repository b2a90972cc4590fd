//! One breaker and one token for all processes of a user, over real processes and a real server.

use std::{fs, path::PathBuf};

use serde_json::Value;
use telemetry_runtime::testing::Reply;
use telemetry_tests::{Sandbox, finish, run_ok, sibling};

/// `breaker.json` of one SDK, which a test may set back as if time had passed.
pub struct Stored {
    path: PathBuf,
    value: Value,
}

impl Stored {
    pub fn read(sandbox: &Sandbox, sdk: &str) -> Self {
        Self::find(sandbox, sdk).unwrap()
    }

    /// `None` where no process has written one.
    pub fn find(sandbox: &Sandbox, sdk: &str) -> Option<Self> {
        let path = sandbox.state().join("telemetry").join(sdk).join("breaker.json");
        let value = serde_json::from_slice(&fs::read(&path).ok()?).unwrap();
        Some(Self { path, value })
    }

    /// What stands there of the one endpoint.
    fn place(&self, key: &str) -> &Value {
        &self.value["endpoints"][0][key]
    }

    pub fn text(&self, key: &str) -> &str {
        self.place(key).as_str().unwrap_or_default()
    }

    pub fn number(&self, key: &str) -> u64 {
        self.place(key).as_u64().unwrap()
    }

    /// Lets so many seconds pass.
    pub fn pass(mut self, seconds: u64) {
        for key in ["not_before", "upload_at", "upload_after", "exit_after"] {
            self.value["endpoints"][0][key] = self.number(key).saturating_sub(seconds).into();
        }
        fs::write(&self.path, self.value.to_string()).unwrap();
    }
}

const MINUTE: u64 = 60;
const DAY: u64 = 24 * 60 * MINUTE;

fn plain(sandbox: &Sandbox, action: &str, number: u32) -> String {
    run_ok(sandbox.command(sibling("ender")).args(["plain", action, &number.to_string()]))
}

#[test]
fn r03_processes_share_one_breaker() {
    let sandbox = Sandbox::new();
    for _ in 0..3 {
        sandbox.server.reply(Reply::status(503));
    }
    for number in 0..10 {
        assert_eq!(plain(&sandbox, "flush", number), "Ok(Flushed { sent: 0, waiting: 1 })\n");
    }
    assert_eq!(sandbox.server.requests().len(), 1, "one attempt of ten processes");
    for (minutes, failures) in [(1, 2), (2, 3)] {
        let stored = Stored::read(&sandbox, "plain");
        let left = stored.number("not_before") - stored.number("upload_at");
        assert!((45 * minutes..=76 * minutes).contains(&left), "{left}");
        stored.pass(minutes * 76);
        plain(&sandbox, "deliver", 0);
        plain(&sandbox, "deliver", 0);
        assert_eq!(sandbox.server.requests().len(), failures);
    }
    let status = run_ok(sandbox.command(sibling("ender")).args(["plain", "status"]));
    assert!(status.contains("paused: nothing is tried for another "), "{status}");
    assert!(status.contains("the server could not take the last request"), "{status}");
    Stored::read(&sandbox, "plain").pass(5 * MINUTE);
    plain(&sandbox, "deliver", 0);
    assert_eq!(numbers(&sandbox), (0..10).collect::<Vec<_>>(), "everything, once it is the time");
    assert_eq!(Stored::read(&sandbox, "plain").number("failures"), 0);
}

/// The numbers of the commands that the server has taken, in order. Requests that it did not take are left out.
fn numbers(sandbox: &Sandbox) -> Vec<u64> {
    let mut numbers: Vec<u64> = sandbox.events().iter().filter_map(|(_, payload)| payload["number"].as_u64()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

#[test]
fn r03_a_damaged_breaker_is_closed_and_written_anew() {
    let sandbox = Sandbox::new();
    sandbox.server.reply(Reply::status(503));
    plain(&sandbox, "flush", 1);
    let path = Stored::read(&sandbox, "plain").path;
    fs::write(&path, "{\"version\":1,").unwrap();
    assert_eq!(plain(&sandbox, "deliver", 0), "Ok(Flushed { sent: 1, waiting: 0 })\n");
    assert_eq!(Stored::read(&sandbox, "plain").number("failures"), 0);
}

#[test]
fn c20_thirty_days_of_daily_runs_against_a_dead_endpoint() {
    let sandbox = Sandbox::new();
    let dead = "1"; // A port on which nobody listens.
    let mut attempts = 0;
    for day in 0..30 {
        let before = fs::read(sandbox.state().join("telemetry/plain/breaker.json")).ok();
        run_ok(sandbox.command(sibling("ender")).args(["plain", "flush", &day.to_string()]).env("PROBE_PORT", dead));
        let after = Stored::read(&sandbox, "plain");
        attempts += u32::from(before.is_none_or(|before| {
            let before: Value = serde_json::from_slice(&before).unwrap();
            before["endpoints"][0]["failures"] != after.number("failures")
        }));
        after.pass(DAY);
    }
    assert!((10..=30).contains(&attempts), "{attempts} attempts in thirty days");
    // The server is back, at the place where it was.
    let path = Stored::read(&sandbox, "plain").path;
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace(":1\",", &format!(":{}\",", sandbox.server.port()))).unwrap();
    Stored::read(&sandbox, "plain").pass(2 * DAY);
    plain(&sandbox, "deliver", 0);
    assert_eq!(numbers(&sandbox), (0..30).collect::<Vec<_>>(), "no event was really older than 14 days");
}

#[test]
fn two_hundred_short_runs_make_one_upload() {
    let sandbox = Sandbox::new();
    std::thread::scope(|scope| {
        for worker in 0..4 {
            let sandbox = &sandbox;
            scope.spawn(move || {
                for number in (worker * 50)..(worker * 50 + 50) {
                    let mut command = sandbox.command(sibling("ender"));
                    let child = command.args(["plain", "run", &number.to_string()]).spawn().unwrap();
                    assert_eq!(finish(child).status.code(), Some(3));
                }
            });
        }
    });
    let requests = sandbox.server.requests().len();
    // None at all if the machine is so busy that no run lived to see its request leave.
    assert!(requests <= 3, "{requests} requests of 200 runs");
    let token = Stored::read(&sandbox, "plain");
    let length = token.number("upload_after") - token.number("upload_at");
    assert!((450..=750).contains(&length), "{length} s, with the spread of R12");
    // When it has run out, one more run delivers all of it.
    token.pass(DAY);
    let mut command = sandbox.command(sibling("ender"));
    let mut child = command.args(["plain", "live", "200"]).stdin(std::process::Stdio::piped()).spawn().unwrap();
    while numbers(&sandbox).len() < 201 {
        assert!(child.try_wait().unwrap().is_none(), "the program waits for us");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    drop(child.stdin.take());
    finish(child);
    assert_eq!(numbers(&sandbox), (0..201).collect::<Vec<_>>());
    assert!(sandbox.server.requests().len() <= requests + 8, "{}", sandbox.server.requests().len());
}

#[test]
fn a_decision_for_off_keeps_the_log_as_evidence() {
    let sandbox = Sandbox::new();
    plain(&sandbox, "flush", 1);
    let folder = sandbox.state().join("telemetry/plain");
    let log = fs::read_to_string(folder.join("sent.log")).unwrap();
    let line: Value = serde_json::from_str(&log).unwrap();
    assert_eq!((&line["end"], &line["status"], &line["count"]), (&"confirmed".into(), &200.into(), &1.into()));
    assert_eq!(line["events"][0]["payload"]["number"], 1);
    let body: Value = serde_json::from_slice(&sandbox.server.requests()[0].body).unwrap();
    assert_eq!(line["events"], body["events"], "what the log says is what the server got");
    assert_eq!(Some(line["key"].as_str().unwrap()), sandbox.server.requests()[0].header("idempotency-key"));
    fs::write(folder.join("consent.json"), r#"{"version":1,"consent":"off","agreed":{},"sdk":null}"#).unwrap();
    assert_eq!(plain(&sandbox, "flush", 2), "Ok(Flushed { sent: 0, waiting: 0 })\n");
    assert_eq!(fs::read_to_string(folder.join("sent.log")).unwrap(), log);
    assert_eq!(sandbox.server.requests().len(), 1);
}
