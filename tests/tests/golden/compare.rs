//! What differs between a golden's requests and ours.

use std::fmt;

use serde_json::{Deserializer, Value};
use telemetry_runtime::testing::Received;

use crate::case::Case;

/// One thing that a server is told: an event of a batch, or a whole request of another kind. Bytes as they were sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Method and path.
    pub target: String,
    /// The event, the body, or nothing for a request without a body.
    pub text: String,
}

impl Item {
    /// The JSON that the item tells: its text, or what its query holds.
    pub fn json(&self) -> Value {
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        let Some((_, encoded)) = self.target.split_once("payload=") else {
            return serde_json::from_str(&with_whole_characters(&self.text)).unwrap_or_default();
        };
        serde_json::from_slice(&STANDARD.decode(encoded).unwrap_or_default()).unwrap_or_default()
    }
}

/// A difference between a golden and what we send.
#[derive(Debug)]
pub enum Difference {
    /// The golden has it, we do not.
    Missing(Item),
    /// We send it, the golden has no such.
    Extra(Item),
    /// Both have it, with other values at these paths.
    Changed { golden: Item, ours: Item, paths: Vec<String> },
    /// The same events, in other requests.
    Batches { golden: Vec<usize>, ours: Vec<usize> },
    /// The client has printed this, on standard output or standard error.
    Printed(String),
    /// The process of the client ended with this code.
    Exit(i64),
    /// What the observer looked at is not in `input.steps` and `requests`.
    NoSteps,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(item) => write!(f, "not sent: {} {}", item.target, item.text),
            Self::Extra(item) => write!(f, "sent, and the golden has it not: {} {}", item.target, item.text),
            Self::Changed { golden, ours, paths } => write!(
                f,
                "other values at {paths:?}\n    golden {} {}\n    sent   {} {}",
                golden.target, golden.text, ours.target, ours.text
            ),
            Self::Batches { golden, ours } => write!(f, "batches of {ours:?} events, the golden has {golden:?}"),
            Self::Printed(text) => write!(f, "the client printed {text:?}"),
            Self::Exit(code) => write!(f, "the client ended with {code}"),
            Self::NoSteps => write!(f, "the file has neither steps nor requests"),
        }
    }
}

/// Everything in which we differ from a golden, headers excepted.
pub fn differences(case: &Case, received: &[Received]) -> Vec<Difference> {
    let requests = case.value["requests"].as_array().map_or(&[][..], Vec::as_slice);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let golden: Vec<Vec<Item>> = requests
        .iter()
        .map(|request| items(&text(&request["method"]), &text(&request["path"]), &text(&request["body"])))
        .collect();
    let ours: Vec<Vec<Item>> =
        received.iter().map(|request| items(&request.method, &request.path, &request.text())).collect();
    let mut all = align(&golden.concat(), &ours.concat());
    let sizes = |requests: &[Vec<Item>]| requests.iter().map(Vec::len).collect::<Vec<_>>();
    if all.is_empty() && sizes(&golden) != sizes(&ours) {
        all.push(Difference::Batches { golden: sizes(&golden), ours: sizes(&ours) });
    }
    // What the CLI prints, and its exit code, are those of the command.
    if case.package() != "@refinedev/cli" {
        let printed = ["stdout", "stderr"].map(|stream| text(&case.value[stream]));
        all.extend(printed.into_iter().filter(|printed| !printed.is_empty()).map(Difference::Printed));
        all.extend(case.value["exit_code"].as_i64().filter(|code| *code != 0).map(Difference::Exit));
    }
    let told = ["steps", "props", "args"].iter().any(|key| !case.input()[*key].is_null());
    if !told || case.input()["transport"] == "stub" {
        all.push(Difference::NoSteps);
    }
    all
}

/// The text with the replacement character for halves of a surrogate pair, which JavaScript writes and Rust has no text for.
/// JavaScript escapes nothing else so. The length stays the same.
fn with_whole_characters(json: &str) -> String {
    let mut parts = json.split("\\ud");
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let half = part.starts_with(['8', '9', 'a', 'b', 'c', 'd', 'e', 'f']);
        whole += if half { "\\ufffd" } else { "\\ud" };
        whole += if half { part.get(3..).unwrap_or_default() } else { part };
    }
    whole
}

/// A batch as its events, anything else as it is.
fn items(method: &str, path: &str, body: &str) -> Vec<Item> {
    let target = format!("{method} {path}");
    let whole = || vec![Item { target: target.clone(), text: body.to_owned() }];
    let (Some(list), true) = (body.strip_prefix("{\"events\":["), path == "/v1/event") else { return whole() };
    let Some(mut rest) = list.strip_suffix("]}") else { return whole() };
    let mut items = Vec::new();
    while !rest.is_empty() {
        let readable = with_whole_characters(rest);
        let mut values = Deserializer::from_str(&readable).into_iter::<Value>();
        if !matches!(values.next(), Some(Ok(_))) {
            return whole();
        }
        let (event, more) = rest.split_at(values.byte_offset());
        items.push(Item { target: target.clone(), text: event.to_owned() });
        rest = more.strip_prefix(',').unwrap_or(more);
    }
    items
}

/// The longest common part of both, and what is left as differences. What is left on both sides at one place is a change.
fn align(golden: &[Item], ours: &[Item]) -> Vec<Difference> {
    let mut length = vec![vec![0_usize; ours.len() + 1]; golden.len() + 1];
    for (a, row) in golden.iter().enumerate().rev() {
        for (b, other) in ours.iter().enumerate().rev() {
            length[a][b] = if row == other { length[a + 1][b + 1] + 1 } else { length[a + 1][b].max(length[a][b + 1]) };
        }
    }
    let (mut a, mut b, mut all) = (0, 0, Vec::new());
    while a < golden.len() || b < ours.len() {
        match (golden.get(a), ours.get(b)) {
            (Some(item), Some(other)) if item == other => (a, b) = (a + 1, b + 1),
            (Some(item), Some(other)) if length[a + 1][b + 1] == length[a][b] && same_kind(item, other) => {
                let mut paths = Vec::new();
                compare("", &item.json(), &other.json(), &mut paths);
                all.push(Difference::Changed { golden: item.clone(), ours: other.clone(), paths });
                (a, b) = (a + 1, b + 1);
            }
            (Some(item), _) if b == ours.len() || length[a + 1][b] >= length[a][b + 1] => {
                all.push(Difference::Missing(item.clone()));
                a += 1;
            }
            (_, Some(other)) => {
                all.push(Difference::Extra(other.clone()));
                b += 1;
            }
            _ => break,
        }
    }
    all
}

/// Whether both tell of the same, to the same place.
fn same_kind(golden: &Item, ours: &Item) -> bool {
    let place = |item: &Item| item.target.split_once('?').map_or(item.target.clone(), |(path, _)| path.to_owned());
    let (golden_json, ours_json) = (golden.json(), ours.json());
    place(golden) == place(ours)
        && ["event", "command"].iter().all(|key| golden_json[*key] == ours_json[*key])
        && ["component", "method"].iter().all(|key| golden_json["payload"][*key] == ours_json["payload"][*key])
}

fn compare(path: &str, golden: &Value, ours: &Value, paths: &mut Vec<String>) {
    match (golden, ours) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: Vec<_> = a.keys().chain(b.keys().filter(|key| !a.contains_key(*key))).collect();
            for key in keys {
                let (one, other) = (a.get(key).unwrap_or(&Value::Null), b.get(key).unwrap_or(&Value::Null));
                compare(&format!("{path}.{key}"), one, other, paths);
            }
        }
        _ if golden != ours => paths.push(path.to_owned()),
        _ => {}
    }
}
