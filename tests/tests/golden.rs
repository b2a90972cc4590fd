//! What the three systems send that this framework is modelled on, byte for byte.
//!
//! Every file of `golden/data` is replayed: its input is read from the file, made into the calls of an SDK that is
//! declared as the real one would be (`golden/clerk-core`, …), in processes of their own, against a real server. Method,
//! path and body must be those of the file. What differs on purpose stands in [`DIFFERENT`], with the observation whose
//! row in `docs/compatibility.md` says why. A new file needs no new code, unless it needs a new field.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};
use telemetry_runtime::testing::Received;
use telemetry_tests::{Sandbox, run, sibling};

/// A golden that we do not send as it is: its name, the observation, and what we send instead.
const DIFFERENT: &[(&str, &str, Instead)] = &[
    ("clerk_browser_sdk_metadata", "C2", Instead::Without(1)),
    ("clerk_env_disabled_enabled", "C44", Instead::Nothing),
    ("clerk_env_disabled_truely", "C44", Instead::Nothing),
    ("clerk_event_framework_metadata", "C27", Instead::Text(r#","n":1.5"#, "")),
    (
        "clerk_meta_pk_only",
        "C6",
        Instead::Text(
            r#""cv":"","it":"development","#,
            r#""cv":"5.110.0","it":"development","sdk":"clerk-core","sdkv":"5.110.0","#,
        ),
    ),
    ("clerk_meta_short_secret", "C5", Instead::Text(r#""sk":"sk_test_short","#, "")),
    ("clerk_sampling_boundary", "C61", Instead::Without(0)),
    (
        "refine_core_5.0.12_project_id_nonlatin1",
        "R11",
        Instead::Beacon(
            "eyJwcm92aWRlcnMiOnsiYXV0aCI6ZmFsc2UsImF1ZGl0TG9nIjpmYWxzZSwibGl2ZSI6ZmFsc2UsInJvdXRlciI6ZmFsc2UsImRhdGEiOnR\
             ydWUsImkxOG4iOmZhbHNlLCJub3RpZmljYXRpb24iOmZhbHNlLCJhY2Nlc3NDb250cm9sIjpmYWxzZX0sInZlcnNpb24iOiI1LjAuMTIiLCJy\
             ZXNvdXJjZUNvdW50IjowLCJwcm9qZWN0SWQiOiLml6XmnKwifQ==",
        ),
    ),
    ("refine_core_5.0.12_remount", "R15", Instead::Without(1)),
    ("refine_cli_2.16.52_no_telemetry_1", "L9", Instead::Nothing),
    ("refine_cli_2.16.52_no_telemetry_on", "L9", Instead::Nothing),
    // The machine's facts come from the requests of a file, and this one has none: `os_version` is empty.
    (
        "refine_cli_2.16.52_no_telemetry_dotenv",
        "L10",
        Instead::Report(
            "{\"nodeEnv\":\"development\",\"nodeVersion\":\"v20.20.2\",\"os\":\"Linux\",\"osVersion\":\"\",\
             \"command\":\"whoami\",\"packages\":[],\"projectFramework\":\"vite\"}",
        ),
    ),
];

/// What we send instead of a golden's requests.
#[derive(Clone, Copy)]
enum Instead {
    /// Nothing.
    Nothing,
    /// All but this one.
    Without(usize),
    /// The same with another piece of text in the bodies.
    Text(&'static str, &'static str),
    /// One request with this payload in the address.
    Beacon(&'static str),
    /// One request with this body.
    Report(&'static str),
}

/// Method, path, body.
type Sent = (String, String, String);

impl Instead {
    fn of(self, golden: &[Sent]) -> Vec<Sent> {
        let mut sent = golden.to_vec();
        match self {
            Self::Nothing => sent.clear(),
            Self::Without(number) => drop(sent.remove(number)),
            Self::Text(from, to) => {
                assert!(sent.iter().any(|(_, _, body)| body.contains(from)), "the golden has no {from:?}");
                sent.iter_mut().for_each(|(_, _, body)| *body = body.replace(from, to));
            }
            Self::Beacon(payload) => {
                sent = vec![("GET".into(), format!("/telemetry?payload={payload}"), String::new())]
            }
            Self::Report(body) => sent = vec![("POST".into(), "/cli".into(), body.into())],
        }
        assert_ne!(sent, golden, "this golden does not differ");
        sent
    }
}

struct Golden {
    name: String,
    path: PathBuf,
    value: Value,
}

impl Golden {
    /// All files of one system.
    fn all(prefix: &str) -> Vec<Self> {
        let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/data");
        let mut all: Vec<_> = fs::read_dir(data)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
            .map(|path| Self {
                name: path.file_stem().unwrap().to_str().unwrap().to_owned(),
                value: serde_json::from_slice(&fs::read(&path).unwrap()).unwrap(),
                path,
            })
            .filter(|golden| golden.name.starts_with(prefix))
            .collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        assert!(!all.is_empty(), "no golden begins with {prefix}");
        all
    }

    fn expected(&self) -> Vec<Sent> {
        let requests = self.value["requests"].as_array().unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let golden: Vec<Sent> = requests
            .iter()
            .map(|request| (text(&request["method"]), text(&request["path"]), text(&request["body"])))
            .collect();
        match DIFFERENT.iter().find(|(name, ..)| *name == self.name) {
            Some((_, _, instead)) => instead.of(&golden),
            None => golden,
        }
    }

    /// Makes the golden's calls; answers with what the server received.
    fn replay(&self) -> Vec<Received> {
        let input = &self.value["input"];
        if !self.name.starts_with("clerk_") {
            let sandbox = Sandbox::new();
            self.step(&sandbox, 0);
            return sandbox.server.requests();
        }
        // A collector remembers what it sent: a state folder of its own.
        let (mut sandboxes, mut draw): (Vec<Sandbox>, Option<f64>) = (Vec::new(), None);
        let mut received = Vec::new();
        for (number, step) in input["steps"].as_array().unwrap().iter().enumerate() {
            match step["op"].as_str().unwrap() {
                "new" => sandboxes.push(Sandbox::new()),
                "random" => draw = step["value"].as_f64(),
                "helper" => {
                    let current = sandboxes.len() - 1;
                    let collector = step["collector"].as_u64().map_or(current, |number| number as usize);
                    let sandbox = &sandboxes[collector];
                    if let Some(draw) = draw {
                        draw_today(sandbox, draw);
                    }
                    let before = sandbox.server.requests().len();
                    self.step(sandbox, number);
                    received.extend(sandbox.server.requests().split_off(before));
                }
                // Logs have no counterpart, the rest is the observer's.
                "recordLog" | "probe" | "sleep" => {}
                other => panic!("{}: no step {other:?}", self.name),
            }
        }
        received
    }

    fn step(&self, sandbox: &Sandbox, step: usize) {
        let mut command = sandbox.command(sibling("golden_replay"));
        command.arg(&self.path).arg(step.to_string());
        for (variable, value) in self.value["input"]["env"].as_object().into_iter().flatten() {
            command.env(variable, value.as_str().unwrap());
        }
        let output = run(&mut command);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {stderr}", self.name);
        assert!(output.stdout.is_empty(), "{}: nothing on standard output", self.name);
    }
}

/// Makes `draw` the day's draw of the sandbox, as an earlier program of the day would have left it.
fn draw_today(sandbox: &Sandbox, draw: f64) {
    let folder = sandbox.state().join("telemetry/clerk-core");
    private_folder(&sandbox.state().join("telemetry"));
    private_folder(&folder);
    let path = folder.join("memory.json");
    let mut memory = fs::read(&path).map_or_else(
        |_| json!({"version": 1, "draw": null, "throttle": {"day": 0, "seen": []}, "rolling": [], "active": null, "gone": []}),
        |bytes| serde_json::from_slice(&bytes).unwrap(),
    );
    let seconds = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    memory["draw"] = json!({"day": seconds / 86_400, "value": (draw * 4_294_967_296.0) as u32});
    fs::write(&path, memory.to_string()).unwrap();
}

fn private_folder(path: &Path) {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(path).unwrap();
}

fn sent(request: &Received) -> Sent {
    (request.method.clone(), request.path.clone(), request.text())
}

/// Replays everything of one system, and says all that differs at once.
#[track_caller]
fn replay_all(prefix: &str) {
    let goldens = Golden::all(prefix);
    let mut wrong = Vec::new();
    for golden in &goldens {
        let received = golden.replay();
        let sent: Vec<Sent> = received.iter().map(sent).collect();
        let expected = golden.expected();
        if sent != expected {
            wrong.push(format!("{}\n  expected {expected:#?}\n  sent     {sent:#?}", golden.name));
        }
        received.iter().for_each(|request| assert_keeps_quiet(&golden.name, request));
    }
    assert!(wrong.is_empty(), "{} of {} goldens:\n{}", wrong.len(), goldens.len(), wrong.join("\n"));
}

/// Whatever a golden's input held: no part of a secret, and in strict batches exactly the seven keys.
fn assert_keeps_quiet(name: &str, request: &Received) {
    let all = format!("{} {:?} {}", request.path, request.headers, request.text());
    assert!(!all.contains("sk_test_"), "{name}: {all}");
    if request.path == "/v1/event" {
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        assert_eq!(body.as_object().unwrap().keys().collect::<Vec<_>>(), ["events"], "{name}");
        for event in body["events"].as_array().unwrap() {
            let keys: BTreeSet<_> = event.as_object().unwrap().keys().map(String::as_str).collect();
            assert_eq!(keys, ["cv", "event", "it", "payload", "pk", "sdk", "sdkv"].into(), "{name}");
        }
    }
    // The model's header of the day and the key of the batch are ours; neither says who sends.
    let headers: BTreeSet<_> = request.headers.iter().map(|(name, _)| name.to_lowercase()).collect();
    let known: BTreeSet<_> = [
        "accept",
        "accept-encoding",
        "connection",
        "content-length",
        "content-type",
        "host",
        "idempotency-key",
        "telemetry-day",
        "user-agent",
    ]
    .map(str::to_owned)
    .into();
    assert!(headers.is_subset(&known), "{name}: {headers:?}");
    assert!(headers.contains("idempotency-key") && headers.contains("telemetry-day"), "{name}: {headers:?}");
}

#[test]
fn clerk_events_equal_their_goldens() {
    replay_all("clerk_");
}

#[test]
fn refine_core_beacons_equal_their_goldens() {
    replay_all("refine_core_5.0.12_");
}

// The goldens were made on Linux and say so.
#[cfg(target_os = "linux")]
#[test]
fn refine_cli_reports_equal_their_goldens() {
    replay_all("refine_cli_2.16.52_");
}

#[test]
fn every_difference_is_explained() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/compatibility.md")).unwrap();
    let explained: BTreeSet<String> = page
        .lines()
        .filter(|line| line.starts_with("| ") && line.matches(" | ").count() == 3) // Not the rows of what is the same.
        .filter_map(|line| line.trim_start_matches("| ").split(" | ").next())
        .flat_map(|cell| cell.split(", "))
        .flat_map(identifiers)
        .collect();
    for (name, id, _) in DIFFERENT {
        assert!(explained.contains(*id), "{name}: docs/compatibility.md has no row for {id}: {explained:?}");
        assert!(Golden::all("").iter().any(|golden| golden.name == *name), "{name} is not in golden/data");
    }
}

/// `C4` is itself, `C91–C96` is six.
fn identifiers(cell: &str) -> Vec<String> {
    let Some((first, last)) = cell.split_once('–') else { return vec![cell.to_owned()] };
    let number = |id: &str| id.trim_start_matches(|c: char| c.is_ascii_alphabetic()).parse::<u32>();
    let (Ok(from), Ok(to)) = (number(first), number(last)) else { return vec![cell.to_owned()] };
    (from..=to).map(|number| format!("{}{number}", &first[..1])).collect()
}
