//! One golden, and its replay.

use std::{collections::BTreeMap, fs, path::PathBuf, time::Duration};

use serde_json::{Value, json};
use telemetry_runtime::testing::{Received, Reply};
use telemetry_tests::{Sandbox, example, run};

/// A captured case.
pub struct Case {
    pub name: String,
    pub path: PathBuf,
    pub value: Value,
}

/// What became of a golden's input.
#[derive(Default)]
pub struct Replay {
    /// What the server received, in order.
    pub received: Vec<Received>,
    /// Steps that cannot be expressed: the step, the row that says so, the reason.
    pub refused: Vec<(usize, String, String)>,
}

impl Case {
    pub fn load(path: PathBuf) -> Self {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap_or_else(|error| panic!("{name}: {error}"));
        Self { name, path, value }
    }

    pub fn input(&self) -> &Value {
        &self.value["input"]
    }

    pub fn steps(&self) -> &[Value] {
        self.input()["steps"].as_array().map_or(&[], Vec::as_slice)
    }

    /// The package that the case was captured from, without its version.
    pub fn package(&self) -> &str {
        let source = self.value["source"].as_str().unwrap_or_default();
        source.rsplit_once('@').map_or(source, |(package, _)| package)
    }

    pub fn of_collector(&self) -> bool {
        self.package() == "@clerk/shared"
    }

    /// A variable as the input sets it at any time.
    pub fn env(&self, name: &str) -> Option<&str> {
        let later = self.steps().iter().filter_map(|step| step["set"][name].as_str());
        later.chain(self.input()["env"][name].as_str()).next()
    }

    /// Makes the golden's calls, in processes of their own.
    pub fn replay(&self) -> Replay {
        let mut replay = Replay::default();
        if !self.of_collector() {
            let sandbox = self.sandbox();
            for _ in 0..["repeat", "runs", "times"].iter().find_map(|key| self.input()[*key].as_u64()).unwrap_or(1) {
                self.step(&sandbox, &self.environment(), 0, None, &mut replay);
            }
            replay.received = sandbox.server.requests();
            return replay;
        }
        // A collector remembers what it sent: a state folder of its own. Collectors of one origin share a storage.
        let shared = self.input()["window"]["localStorage"].is_object();
        let (mut sandboxes, mut draw, mut now) = (Vec::<Sandbox>::new(), None, None::<u64>);
        let (mut environment, mut collectors) = (self.environment(), 0);
        for (number, step) in self.steps().iter().enumerate() {
            match step["op"].as_str().unwrap_or_default() {
                "new" => {
                    collectors += 1;
                    if sandboxes.is_empty() || !shared {
                        sandboxes.push(self.sandbox());
                    }
                }
                "random" => draw = step["value"].as_f64().or(draw),
                "now" => now = step["value"].as_u64(),
                "advance" => now = now.zip(step["ms"].as_i64()).map(|(now, by)| now.saturating_add_signed(by)).or(now),
                "env" => {
                    for (name, value) in step["set"].as_object().into_iter().flatten() {
                        environment.insert(name.clone(), value.as_str().unwrap_or_default().to_owned());
                    }
                    for name in step["unset"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                        environment.remove(name);
                    }
                }
                "helper" | "record" | "recordUnique" => {
                    let collector = step["collector"].as_u64().map_or(collectors - 1, |number| number as usize);
                    let sandbox = &sandboxes[if shared { 0 } else { collector }];
                    if let Some(draw) = draw {
                        roll_today(sandbox, draw, now);
                    }
                    let before = sandbox.server.requests().len();
                    self.step(sandbox, &environment, number, now, &mut replay);
                    replay.received.extend(sandbox.server.requests().split_off(before));
                }
                // There are no log entries: row C2.
                "recordLog" => replay.refused.push((number, "C2".into(), "a log entry".into())),
                // What the observer looks at, and waits for; no call of a client.
                "probe" | "sleep" | "runIdle" | "localStorage" | "consoleLogThrows" => {}
                other => {
                    panic!("{}: step {number}: {other:?} is not in the schema of golden/data/README.md", self.name)
                }
            }
        }
        replay
    }

    fn environment(&self) -> BTreeMap<String, String> {
        let set = self.input()["env"].as_object().into_iter().flatten();
        set.map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned())).collect()
    }

    /// A home with the server that the input asks for.
    fn sandbox(&self) -> Sandbox {
        let sandbox = Sandbox::new();
        let input = self.input();
        let kind = input["server"].as_str().or(input["transport"].as_str()).unwrap_or_default();
        match kind {
            "" | "stub" | "ok" => {
                if let Some(ms) = input["server"]["delayMs"].as_u64() {
                    sandbox.server.always(Reply::status(200).delay(Duration::from_millis(ms)));
                }
            }
            "dead" | "missing" | "throw" | "throws" | "reject" | "rejects" => sandbox.server.refuse(),
            "hang" => drop(sandbox.server.always(Reply::hold())),
            "slow" => drop(sandbox.server.always(Reply::status(200).delay(Duration::from_millis(1500)))),
            "close" => drop(sandbox.server.always(Reply::close())),
            "reset" => drop(sandbox.server.always(Reply::reset())),
            "307" => drop(sandbox.server.always(Reply::redirect(format!("{}/elsewhere", sandbox.server.endpoint())))),
            status => match status.parse() {
                Ok(status) => drop(sandbox.server.always(Reply::status(status))),
                Err(_) => panic!("{}: the server {status:?} is not in the schema of golden/data/README.md", self.name),
            },
        }
        sandbox
    }

    fn step(
        &self,
        sandbox: &Sandbox,
        environment: &BTreeMap<String, String>,
        step: usize,
        now: Option<u64>,
        replay: &mut Replay,
    ) {
        let answers = !matches!(self.input()["server"].as_str(), Some("hang" | "dead"));
        let mut command = sandbox.command(example("golden_replay"));
        command.arg(&self.path).arg(step.to_string());
        command.arg(now.map_or("-".to_owned(), |now| now.to_string()));
        command.arg(if answers { "20000" } else { "1500" }).envs(environment);
        let output = run(&mut command);
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.stdout.is_empty(), "{}: step {step}: nothing on standard output", self.name);
        match (output.status.code(), stderr.lines().last().and_then(|line| line.split_once(": "))) {
            (Some(0), _) => {}
            (Some(3), Some((row, reason))) => replay.refused.push((step, row.to_owned(), reason.to_owned())),
            (code, _) => panic!("{}: step {step}: exit code {code:?}: {stderr}", self.name),
        }
    }
}

/// Makes `draw` the sample roll of the day for all SDKs of the sandbox, as earlier programs of the day would have left it.
fn roll_today(sandbox: &Sandbox, draw: f64, now: Option<u64>) {
    let real = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let day = now.map_or(real, |ms| ms / 1000) / 86_400;
    private_folder(&sandbox.state().join("telemetry"));
    for sdk in std::iter::once(&golden_clerk_core::TELEMETRY).chain(golden_clerk_raw::sdks()) {
        let folder = sandbox.state().join("telemetry").join(sdk.name());
        private_folder(&folder);
        let path = folder.join("memory.json");
        let mut memory = fs::read(&path).map_or_else(
            |_| json!({"version": 1, "sample_roll": null, "throttle": {"day": 0, "seen": []}, "rolling": [], "active": null, "gone": []}),
            |bytes| serde_json::from_slice(&bytes).unwrap(),
        );
        memory["sample_roll"] = json!({"day": day, "value": (draw * 4_294_967_296.0) as u32});
        fs::write(&path, memory.to_string()).unwrap();
    }
}

fn private_folder(path: &std::path::Path) {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(path).unwrap();
}
