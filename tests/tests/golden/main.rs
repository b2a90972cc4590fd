//! What the three systems send that this framework is modelled on, byte for byte.
//!
//! Every file of `golden/data` is replayed as it is: an interpreter makes its `input` into the calls of an SDK that is
//! declared as the real one would be (`golden/clerk-core`, …), in processes of their own, against a server that does
//! what the file says. The outcome decides the class: equal, different, or not expressible. What is not equal must be
//! explained, difference by difference, by a row of `docs/compatibility.md` whose condition holds for it ([`rows`]).
//! A new file needs no code.

mod calls;
mod case;
mod compare;
mod rows;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    sync::{Mutex, OnceLock},
    thread,
};

use case::{Case, Replay};
use serde_json::Value;
use telemetry_runtime::testing::Received;

/// What a golden is to us, with the rows that say why.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Clone)]
enum Class {
    /// The same bytes.
    Equal,
    /// Other bytes, each difference explained.
    Different(BTreeSet<String>),
    /// No step of it has a counterpart.
    NotExpressible(BTreeSet<String>),
}

impl Class {
    fn rows(&self) -> BTreeSet<String> {
        match self {
            Self::Equal => BTreeSet::new(),
            Self::Different(rows) | Self::NotExpressible(rows) => rows.clone(),
        }
    }
}

/// All files, as of now. `GOLDEN_DATA` names another folder; the build script of `golden/clerk-raw` reads it too.
fn cases() -> Vec<Case> {
    let given = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/data");
    cases_in(&std::env::var_os("GOLDEN_DATA").map_or(given, std::path::PathBuf::from))
}

fn cases_in(data: &Path) -> Vec<Case> {
    let paths = fs::read_dir(data).unwrap().map(|entry| entry.unwrap().path());
    let mut cases: Vec<Case> =
        paths.filter(|path| path.extension().is_some_and(|extension| extension == "json")).map(Case::load).collect();
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    cases
}

/// The class of a case by its replay, or what nothing explains.
fn classify(case: &Case, replay: &Replay) -> Result<Class, String> {
    let mut rows: BTreeSet<String> = BTreeSet::new();
    let mut wrong = Vec::new();
    let refused: BTreeSet<String> = replay.refused.iter().map(|(_, row, _)| row.clone()).collect();
    for difference in compare::differences(case, &replay.received) {
        match rows::ROWS.iter().find(|(_, explains)| explains(case, &difference)) {
            Some((row, _)) => drop(rows.insert((*row).to_owned())),
            // Of a step that cannot be expressed nothing is sent; the reason is the interpreter's.
            None if refused_explain(case, replay, &difference) => {}
            None => wrong.push(difference.to_string()),
        }
    }
    if !wrong.is_empty() {
        let refused: Vec<String> = replay
            .refused
            .iter()
            .map(|(step, row, why)| format!("\n  step {step} cannot be expressed: {row}, {why}"))
            .collect();
        return Err(format!("{}: no row explains\n  {}{}", case.name, wrong.join("\n  "), refused.concat()));
    }
    let calls = case.steps().iter().filter(|step| {
        ["helper", "record", "recordUnique", "recordLog"].contains(&step["op"].as_str().unwrap_or_default())
    });
    let calls = if case.of_collector() { calls.count() } else { 1 };
    rows.extend(refused);
    Ok(match () {
        () if rows.is_empty() => Class::Equal,
        () if replay.refused.len() >= calls && calls > 0 => Class::NotExpressible(rows),
        () if rows.contains("V2") || (rows.contains("C81") && case.input()["transport"] == "stub") => {
            Class::NotExpressible(rows)
        }
        () => Class::Different(rows),
    })
}

/// Whether what is missing is what a refused step would have sent: an event of its name, or a whole request.
fn refused_explain(case: &Case, replay: &Replay, difference: &compare::Difference) -> bool {
    let compare::Difference::Missing(item) = difference else { return false };
    let event = &item.json()["event"];
    replay.refused.iter().any(|(number, ..)| {
        let step = &case.steps().get(*number).unwrap_or(&Value::Null);
        let observed = &case.value["observed"]["steps"][*number]["event"]["event"];
        match step["op"].as_str() {
            _ if !case.of_collector() => true,
            // JavaScript that makes an event of whatever name.
            Some("record") => step["event"]["event"] == *event || step["event"]["$js"].is_string(),
            _ => event.is_string() && observed == event,
        }
    })
}

/// Whatever a golden's input held: no part of a secret, in strict batches exactly the seven keys, the headers that count
/// as the golden has them, and no others than ours.
fn assert_keeps_quiet(case: &Case, request: &Received) {
    let name = &case.name;
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
    let golden = case.value["requests"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|golden| golden["method"] == request.method.as_str());
    if let Some(headers) = golden.filter(|_| request.method == "POST").and_then(|golden| golden["headers"].as_object())
    {
        let of = headers.iter().find(|(header, _)| header.eq_ignore_ascii_case("content-type"));
        assert_eq!(request.header("content-type"), of.and_then(|(_, value)| value.as_str()), "{name}: content-type");
    }
    // The day and the key of the batch are ours; neither says who sends.
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

/// Replays all files; the classes, and what nothing explains.
fn replay_all() -> &'static (BTreeMap<String, Class>, Vec<String>) {
    static ONCE: OnceLock<(BTreeMap<String, Class>, Vec<String>)> = OnceLock::new();
    ONCE.get_or_init(replay_each)
}

fn replay_each() -> (BTreeMap<String, Class>, Vec<String>) {
    let queue = Mutex::new(cases());
    let results = Mutex::new((BTreeMap::new(), Vec::new()));
    // Their processes wait more than they work.
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let Some(case) = queue.lock().unwrap().pop() else { break };
                    let replay = case.replay();
                    replay.received.iter().for_each(|request| assert_keeps_quiet(&case, request));
                    match classify(&case, &replay) {
                        Ok(class) => drop(results.lock().unwrap().0.insert(case.name.clone(), class)),
                        Err(wrong) => results.lock().unwrap().1.push(wrong),
                    }
                }
            });
        }
    });
    results.into_inner().unwrap()
}

/// The identifiers of the page's rows.
fn identifiers_of_the_page() -> BTreeSet<String> {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/compatibility.md")).unwrap();
    identifiers_of(page.split_once(TABLE[0]).unwrap().0)
}

fn identifiers_of(page: &str) -> BTreeSet<String> {
    let cells = page
        .lines()
        .filter(|line| line.starts_with("| "))
        .filter_map(|line| line.trim_start_matches("| ").split(" | ").next());
    cells.flat_map(|cell| cell.split(", ")).flat_map(identifiers).collect()
}

/// `C4` is itself, `C91–C96` is six.
fn identifiers(cell: &str) -> Vec<String> {
    let Some((first, last)) = cell.split_once('–') else { return vec![cell.to_owned()] };
    let number = |id: &str| id.trim_start_matches(|c: char| c.is_ascii_alphabetic()).parse::<u32>();
    let (Ok(from), Ok(to)) = (number(first), number(last)) else { return vec![cell.to_owned()] };
    (from..=to).map(|number| format!("{}{number}", &first[..1])).collect()
}

// The reports of the CLI were captured on Linux and say so.
#[cfg(target_os = "linux")]
#[test]
fn a11_every_golden_is_equal_or_explained_by_a_row() {
    let (classes, wrong) = replay_all();
    let page = identifiers_of_the_page();
    let count = |is: fn(&Class) -> bool| classes.values().filter(|class| is(class)).count();
    let (equal, different) =
        (count(|class| *class == Class::Equal), count(|class| matches!(class, Class::Different(_))));
    if let Some(path) = std::env::var_os("GOLDEN_CLASSES") {
        let lines = classes.iter().map(|(name, class)| format!("{name} {class:?}\n"));
        fs::write(path, lines.collect::<String>()).unwrap();
    }
    assert!(wrong.is_empty(), "{} files, {equal} equal, {different} different:\n{}", wrong.len(), wrong.join("\n"));
    for (name, class) in classes {
        let rows = class.rows();
        let unknown: Vec<_> = rows.iter().filter(|row| !page.contains(*row)).collect();
        assert!(unknown.is_empty(), "{name}: docs/compatibility.md has no row {unknown:?}");
    }
}

/// Where the table of the page begins and ends.
const TABLE: [&str; 2] = ["<!-- shown by goldens -->\n", "<!-- end -->"];

/// The page has a line for every row that can explain something, with a file that shows it; `BLESS=1` writes the lines.
/// A row that none of these files meets has a line without a file, so that a file that is dropped in needs no new line.
#[cfg(target_os = "linux")]
#[test]
fn a12_the_page_and_the_goldens_name_each_other() {
    let (classes, _) = replay_all();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/compatibility.md");
    let page = fs::read_to_string(&path).unwrap();
    let found: BTreeSet<String> = classes.values().flat_map(Class::rows).collect();
    let conditions = rows::ROWS.iter().map(|(row, _)| *row);
    let all: BTreeSet<String> = conditions.chain(rows::REFUSALS.iter().copied()).map(str::to_owned).collect();
    let unknown: Vec<_> = found.difference(&all).collect();
    assert!(unknown.is_empty(), "neither a condition nor a refusal of the interpreter: {unknown:?}");
    let (before, rest) = page.split_once(TABLE[0]).unwrap();
    let (table, after) = rest.split_once(TABLE[1]).unwrap();
    if std::env::var_os("BLESS").is_some() {
        let line = |row: &String| {
            let shown = classes.iter().find(|(_, class)| class.rows().contains(row));
            format!("| {row} | {} |\n", shown.map_or("–".to_owned(), |(name, _)| format!("`{name}`")))
        };
        let lines: String = all.iter().map(line).collect();
        let text = format!("{before}{}| row | file |\n| --- | --- |\n{lines}{}{after}", TABLE[0], TABLE[1]);
        return fs::write(path, text).unwrap();
    }
    let lines: BTreeMap<&str, &str> =
        table.lines().skip(2).filter_map(|line| line.trim_matches(['|', ' ']).split_once(" | ")).collect();
    let rows: BTreeSet<String> = lines.keys().map(|row| (*row).to_owned()).collect();
    assert_eq!(rows, all, "the rows of the table, and those that explain something");
    let identifiers = identifiers_of(before);
    for (row, file) in lines {
        assert!(identifiers.contains(row), "the page does not say what {row} is");
        let file = file.trim_matches('`');
        assert!(
            file == "–" || classes.get(file).is_some_and(|class| class.rows().contains(row)),
            "{file} does not show {row}"
        );
    }
}

/// Files that were made of given ones: what they show is in no capture. None of them has code of its own.
#[cfg(target_os = "linux")]
#[test]
fn a11_a_file_that_is_dropped_in_is_classified_without_code() {
    let different = |row: &str| Class::Different([row.to_owned()].into());
    let refused = |row: &str| Class::NotExpressible([row.to_owned()].into());
    let made = cases_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/made"));
    assert_eq!(made.len(), 15);
    for case in made {
        let expected = match case.name.as_str() {
            "clerk_new_lists_numbers" => refused("C10"),
            "clerk_new_null" => refused("X1"),
            "clerk_new_mixed_list" => refused("X5"),
            "clerk_new_free_text" => refused("X9"),
            "clerk_new_sampling_rate_of_collector" => different("C61"),
            "clerk_new_throttle_midnight" => different("C71"),
            "clerk_new_other_keys" | "clerk_new_shadowed_sdk" => different("C75"),
            _ => Class::Equal,
        };
        let replay = case.replay();
        replay.received.iter().for_each(|request| assert_keeps_quiet(&case, request));
        assert_eq!(classify(&case, &replay), Ok(expected), "{}", case.name);
    }
}

/// A condition holds for the event that differs, not for whatever differs in a case that has such an event.
#[cfg(target_os = "linux")]
#[test]
fn a11_a_row_explains_the_very_event_and_no_other_of_the_case() {
    let classified = |name: &str, change: &dyn Fn(&mut Vec<Value>)| {
        let mut case = cases().into_iter().find(|case| case.name == name).unwrap();
        let replay = case.replay();
        classify(&case, &replay).unwrap();
        change(case.value["requests"].as_array_mut().unwrap());
        classify(&case, &replay).expect_err(name)
    };
    let replace = |from: &'static str, to: &'static str| {
        move |requests: &mut Vec<Value>| {
            let mut request = requests[0].clone();
            request["body"] = request["body"].as_str().unwrap().replace(from, to).into();
            requests.push(request);
        }
    };
    // C61: the draw of this call is above its rate, and only that of the other one is the rate.
    let wrong = classified("clerk_sampling_boundary", &replace("\"at\"", "\"above\""));
    assert!(wrong.contains("not sent") && wrong.contains("above"), "{wrong}");
    // C71: no repeat of this event.
    let wrong = classified("clerk_throttle_24h_boundary", &replace("SignIn", "SignUp"));
    assert!(wrong.contains("not sent") && wrong.contains("SignUp"), "{wrong}");
    // C75: no other event hides this one.
    let wrong = classified("clerk_throttle_reserved_keys", &|requests| {
        requests.retain(|request| !request["body"].as_str().unwrap().contains(r#"{"pk":"a"}"#));
    });
    assert!(wrong.contains("the golden has it not") && wrong.contains(r#"{"pk":"a"}"#), "{wrong}");
    // C78, C73: sent once more, without a payload that is written in another way.
    let wrong = classified("clerk_throttle_key_order", &replace("\"O\"", "\"O\""));
    assert!(wrong.contains("not sent"), "{wrong}");
}

/// The rows by which the interpreter refuses a step are those in [`rows::REFUSALS`]: each stands in its source as
/// `"C10"` or at the start of a text `"C10: …"`.
#[test]
fn a11_the_refusals_of_the_interpreter_are_listed() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut text = fs::read_to_string(tests.join("examples/golden_replay.rs")).unwrap();
    text += &fs::read_to_string(tests.join("tests/golden/case.rs")).unwrap();
    for package in ["clerk-core", "clerk-raw", "refine-cli", "refine-core"] {
        text += &sources(&tests.join("golden").join(package));
    }
    let is_row = |text: &str| {
        text.len() > 1
            && text.starts_with(['C', 'L', 'R', 'V', 'X'])
            && text[1..].bytes().all(|digit| digit.is_ascii_digit())
    };
    let starts = text.split('"').filter_map(|quoted| quoted.split(": ").next());
    let found: BTreeSet<&str> = starts.filter(|start| is_row(start)).collect();
    assert_eq!(found, rows::REFUSALS.iter().copied().collect());
}

/// The conditions hold for nothing that is equal: a file whose request is changed afterwards is never explained by chance.
#[cfg(target_os = "linux")]
#[test]
fn a11_a_difference_that_no_row_explains_fails_and_is_named() {
    let mut case = cases().into_iter().find(|case| case.name == "clerk_event_mounted_signin_bare").unwrap();
    let replay = case.replay();
    assert_eq!(classify(&case, &replay), Ok(Class::Equal));
    let body = case.value["requests"][0]["body"].as_str().unwrap().to_owned();
    for (from, to) in [("\"theme\":false", "\"theme\":true"), ("SignIn", "SignOn"), ("\"events\"", "\"items\"")] {
        case.value["requests"][0]["body"] = body.replacen(from, to, 1).into();
        let wrong = classify(&case, &replay).unwrap_err();
        assert!(wrong.contains("clerk_event_mounted_signin_bare") && wrong.contains(to), "{wrong}");
    }
    case.value["requests"] = Value::Array(Vec::new());
    assert!(classify(&case, &replay).unwrap_err().contains("the golden has it not"));
}

/// Every row of the page is shown by a file or a test that exists, or holds by the types.
#[test]
fn a12_every_row_of_the_page_is_shown_by_something_that_exists() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/compatibility.md");
    let page = fs::read_to_string(path).unwrap();
    let (rows, shown) = page.split_once(TABLE[0]).unwrap();
    let (by_goldens, otherwise) = shown.split_once("<!-- shown otherwise -->\n").unwrap();
    let files: BTreeSet<String> = cases().into_iter().map(|case| case.name).collect();
    let sources = sources(&telemetry_tests::fixture::workspace());
    let mut known: BTreeSet<String> = BTreeSet::new();
    for line in by_goldens.lines().chain(otherwise.lines()).filter(|line| line.starts_with("| ")) {
        let Some((ids, evidence)) = line.trim_matches(['|', ' ']).split_once(" | ") else { continue };
        let names: Vec<&str> = evidence.split('`').skip(1).step_by(2).collect();
        for name in &names {
            assert!(files.contains(*name) || sources.contains(&format!("fn {name}(")), "{ids}: there is no {name}");
        }
        if !names.is_empty() || evidence == "by the types" {
            known.extend(ids.split(", ").flat_map(identifiers));
        }
    }
    let is_row = |id: &&String| id.len() < 5 && id.ends_with(|letter: char| letter.is_ascii_digit());
    let all = identifiers_of(rows);
    let without: Vec<_> = all.iter().filter(is_row).filter(|id| !known.contains(*id)).collect();
    assert!(without.is_empty(), "nothing shows {without:?}");
    let gone: Vec<_> = known.iter().filter(is_row).filter(|id| !all.contains(*id)).collect();
    assert!(gone.is_empty(), "the page has no row {gone:?}");
}

/// All source text of the packages.
fn sources(folder: &Path) -> String {
    let mut text = String::new();
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() && !path.ends_with("target") && !path.ends_with(".git") {
            text += &sources(&path);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            text += &fs::read_to_string(&path).unwrap();
        }
    }
    text
}

/// Debug mode by a word that the model does not take for true, and with the key of a production instance, where it says that nothing would be sent.
#[test]
fn a12_debug_mode_by_yes_sends_nothing_and_with_a_live_key_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let name = |case: &Case, value: &str, live: bool| {
        let mut value = {
            let mut golden = case.value.clone();
            golden["input"]["env"]["CLERK_TELEMETRY_DEBUG"] = value.into();
            golden
        };
        if live {
            value["input"]["steps"][0]["options"]["publishableKey"] = "pk_live_Y2xlcmsuZXhhbXBsZS5jb20k".into();
        }
        let path = folder.path().join("debug.json");
        fs::write(&path, value.to_string()).unwrap();
        Case::load(path)
    };
    let sent = cases().into_iter().find(|case| case.name == "clerk_env_debug_0").unwrap();
    for word in ["yes", "on", "abc"] {
        let case = name(&sent, word, false);
        assert_eq!(classify(&case, &case.replay()), Ok(Class::Different(["X7".to_owned()].into())), "{word}");
    }
    let printed = cases().into_iter().find(|case| case.name == "clerk_env_debug_1").unwrap();
    let case = name(&printed, "1", true);
    let sandbox = telemetry_tests::Sandbox::new();
    let mut command = sandbox.command(telemetry_tests::example("golden_replay"));
    let output =
        telemetry_tests::run(command.arg(&case.path).args(["2", "-", "1500"]).env("CLERK_TELEMETRY_DEBUG", "1"));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && output.stdout.is_empty(), "{stderr}");
    for said in
        ["COMPONENT_MOUNTED {", "nothing would be sent either: off by layer 8 (development): production instance key"]
    {
        assert!(stderr.contains(said), "{stderr}");
    }
    assert!(sandbox.server.requests().is_empty());
}
