//! The page, asked over HTTP and read by a parser of HTML: who sees what, and that its numbers are those of `query`.

use std::process::{Command, Output};

use scraper::{ElementRef, Html, Selector};
use serde_json::{Value, json};
use telemetry_collector::{
    config::{Right, Token},
    page::token_digest,
};
use telemetry_runtime::schema::Manifest;

use crate::harness::{Answer, Running, batch, extended, manifest};

/// An SDK with a component, an active event and a field of each kind that is counted in its own way.
fn described(sdk: &str, path: &str) -> Manifest {
    let fields = json!([{ "name": "on", "type": "bool", "doc": "Whether <b>it</b> is on & \"lit\"." }]);
    let mut manifest = manifest(
        sdk,
        "1.0.0",
        &format!("https://t.example{path}"),
        json!({ "event_batch": { "strict": false } }),
        fields,
    );
    let mut events = manifest.events.clone();
    let mut mounted = events[0].clone();
    mounted.event = "component_mounted".to_owned();
    mounted.discriminant = Some("SignIn".to_owned());
    mounted.kind = serde_json::from_value(json!("mount")).unwrap();
    mounted.sample = 0.1;
    mounted.fields = serde_json::from_value(json!([
        { "name": "component", "type": { "enum": ["SignIn"] } },
        { "name": "size", "type": { "int": { "min": 0, "max": 20 } } },
    ]))
    .unwrap();
    let mut active = events[0].clone();
    active.event = "active".to_owned();
    active.doc = "Counts installations.".to_owned();
    active.fields = serde_json::from_value(json!([
        { "name": "first_in_week", "type": "bool" },
        { "name": "first_in_month", "type": "bool" },
        { "name": "first_ever", "type": "bool" },
    ]))
    .unwrap();
    events.extend([mounted, active]);
    manifest = Manifest::new(manifest.sdks.clone(), events);
    manifest
}

fn on_day(mut event: Value, name: &str, day: &str, payload: Value) -> Value {
    event["event"] = json!(name);
    event["ts"] = json!(format!("{day}T04:00:00Z"));
    event["payload"] = payload;
    event
}

/// Two SDKs; one has sent three weeks of events with a gap, a refused one, a repeat and one of a version that nobody has added.
fn running() -> Running {
    let running = Running::configured(&[&described("acme", ""), &described("other", "/other")], |config| {
        let token = |name: &str, sdks: &[&str], rights: &[Right]| Token {
            name: name.to_owned(),
            sha256: token_digest(&format!("{name}'s own")),
            sdks: sdks.iter().map(|sdk| (*sdk).to_owned()).collect(),
            rights: rights.to_vec(),
        };
        config.tokens = vec![token("team", &["acme"], &[Right::Read]), token("job", &[], &[Right::Add])];
    });
    let mut events = Vec::new();
    let of = |number: u64| extended(number, "acme", json!({}));
    for number in 0..9 {
        let day = ["2026-11-09", "2026-11-10", "2026-11-22"][number as usize % 3];
        let flags = json!({ "first_in_week": number < 6, "first_in_month": number < 3, "first_ever": number == 0 });
        events.push(on_day(of(number), "active", day, flags));
        events.push(on_day(of(100 + number), "thing_used", day, json!({ "on": number % 2 == 0 })));
        let mut mounted =
            on_day(of(200 + number), "component_mounted", day, json!({ "component": "SignIn", "size": number }));
        mounted["rate"] = json!(0.1);
        events.push(mounted);
    }
    let mut unknown = on_day(of(300), "thing_used", "2026-11-22", json!({ "on": true }));
    unknown["cv"] = json!("2.0.0");
    events.extend([unknown, extended(301, "acme", json!({ "on": true, "more": 1 })), events[1].clone()]);
    let answer = running.post("/v1/event", &batch(&events));
    assert_eq!(
        (answer.json()["accepted"].as_u64(), answer.json()["rejected"].as_u64()),
        (Some(28), Some(1)),
        "{answer:?}"
    );
    assert!(running.outcomes("acme").iter().any(|(word, _)| word == "unknown_field"));
    running
}

fn all<'a>(of: ElementRef<'a>, selector: &str) -> Vec<ElementRef<'a>> {
    let selector = Selector::parse(selector).unwrap();
    of.select(&selector).collect::<Vec<_>>()
}

fn text(of: ElementRef<'_>) -> String {
    of.text().collect::<String>().trim().to_owned()
}

/// The numbers of a figure as the page's table shows them, by the heading of the figure.
fn rows(page: &Html, figure: &str) -> Vec<Vec<String>> {
    let head = page.select(&Selector::parse(&format!("#{figure}-head")).unwrap()).next().expect(figure);
    let section = ElementRef::wrap(head.parent().unwrap()).unwrap();
    all(section, "tbody tr").into_iter().map(|row| all(row, "th, td").into_iter().map(text).collect()).collect()
}

fn query(running: &Running, arguments: &[&str]) -> Vec<Value> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_telemetry-collector-tested"));
    command.arg("query").args(arguments).args(["--sdk", "acme", "--format", "json", "--data"]).arg(running.data.path());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice::<Value>(&output.stdout).unwrap()["rows"].as_array().unwrap().clone()
}

/// Without the last column, the state: that of `query` follows the clock of the system, that of the page the test's.
fn without_state(rows: Vec<Vec<String>>) -> Vec<Vec<String>> {
    rows.into_iter().map(|mut row| row.drain(..row.len() - 1).collect()).collect()
}

/// The values of a row in the order of the columns, as the page writes them; the SDK stands above.
fn shown(row: &Value, columns: &[&str]) -> Vec<String> {
    let cell = |column: &&str| match &row[*column] {
        Value::Null => "–".to_owned(),
        Value::String(text) => text.clone(),
        Value::Number(number) => format!("{:.0}", number.as_f64().unwrap()),
        other => panic!("{column}: {other}"),
    };
    columns.iter().map(cell).collect()
}

fn page(running: &Running, query: &str) -> (Answer, Html) {
    let answer = running.get_with(&running.operator_token(), &format!("/sdk/acme{query}"));
    assert_eq!(answer.status, 200, "{answer:?}");
    let html = Html::parse_document(&answer.body);
    assert!(html.errors.is_empty(), "{:?}", html.errors);
    (answer, html)
}

#[test]
fn the_numbers_of_the_page_are_those_of_query() {
    let running = running();
    let days = ["--from", "2026-11-01", "--to", "2026-11-22"];
    let (_, html) = page(&running, "?by=day&from=2026-11-01&to=2026-11-22");
    let ask = |arguments: &[&str]| query(&running, &[arguments, &days].concat());
    for by in ["day", "week", "month"] {
        let columns: &[&str] = match by {
            "day" => &["day", "active", "new", "human", "ci", "agent", "unknown"],
            by => &[by, "active", "new"],
        };
        let expected: Vec<_> = ask(&["active", "--by", by]).iter().map(|row| shown(row, columns)).collect();
        assert!(expected.len() > 1 || by == "month");
        assert_eq!(without_state(rows(&html, &format!("active-{by}"))), expected, "{by}");
    }
    let columns = ["day", "event", "of", "received", "rate", "estimate", "low", "high"];
    let is_of = |row: &&Value, name: &str| row["event"] == name;
    let events = ask(&["events", "--by", "day"]);
    for (figure, name) in [("components", "component_mounted"), ("other-events", "thing_used")] {
        let of: Vec<_> = events.iter().filter(|row| is_of(row, name)).collect();
        // The rate is a text, as there can be several.
        let is_told = |column: &&&str| **column != "of" || !of[0]["of"].as_str().unwrap().is_empty();
        let columns: Vec<&str> = columns.iter().filter(is_told).copied().collect();
        let expected: Vec<_> = of.iter().map(|row| shown(row, &columns)).collect();
        assert_eq!(without_state(rows(&html, figure)), expected);
        assert_eq!(expected.len(), 3);
    }
    let versions: Vec<_> = ask(&["versions", "--by", "day"])
        .iter()
        .map(|row| shown(row, &["day", "version", "known", "active", "adoptions", "events"]))
        .collect();
    assert_eq!(without_state(rows(&html, "versions-figure")), versions);
    let fields = ask(&["fields", "--by", "day"]);
    let mut found = Vec::new();
    for number in 1.. {
        let selector = Selector::parse(&format!("#field-{number}-head")).unwrap();
        if html.select(&selector).next().is_none() {
            break;
        }
        found.extend(rows(&html, &format!("field-{number}")));
    }
    // Event and field are the heading.
    let columns = ["value", "received", "rate", "estimate", "low", "high"];
    let is_shown = |row: &&Value| !is_of(row, "active");
    let expected: Vec<_> = fields.iter().filter(is_shown).map(|row| shown(row, &columns)).collect();
    assert!(expected.len() > 10);
    assert_eq!(found, expected);
    let losses = ask(&["losses", "--by", "day"]);
    let columns = ["day", "counted_by", "what", "events", "meaning"];
    let refused: Vec<_> =
        losses.iter().filter(|row| row["meaning"] == "refused").map(|row| shown(row, &columns)).collect();
    assert_eq!(without_state(rows(&html, "refused")), refused);
    let arrived: Vec<_> =
        losses.iter().filter(|row| row["meaning"] != "refused").map(|row| shown(row, &columns)).collect();
    assert_eq!(without_state(rows(&html, "arrived")), arrived);
    assert!(refused.len() == 1 && arrived.len() == 3, "{losses:?}");
}

#[test]
fn every_figure_says_all_that_belongs_to_it() {
    let running = running();
    let token = running.operator_token();
    let (_, html) = page(&running, "?from=2026-11-01&to=2026-11-22");
    let root = html.root_element();
    let figures = all(root, "section.figure");
    assert!(figures.len() >= 9);
    for figure in figures {
        let title = text(all(figure, "h3")[0]);
        for svg in all(figure, "svg") {
            let named: Vec<_> = svg.value().attr("aria-labelledby").unwrap().split(' ').collect();
            for (name, element) in named.iter().zip(["title", "desc"]) {
                let of = all(svg, element);
                assert_eq!(of[0].value().attr("id"), Some(*name), "{title}");
                assert!(!text(of[0]).is_empty(), "{title}");
            }
            assert_eq!(svg.value().attr("role"), Some("img"));
            assert_eq!(all(figure, ".numbers table").len(), 1, "{title}: a table beside the plot");
        }
        let regions = all(figure, ".numbers");
        assert_eq!(regions.len() + all(figure, ".none").len(), 1, "{title}: numbers, or that there are none");
        for region in regions {
            assert_eq!(region.value().attr("tabindex"), Some("0"), "{title}: what scrolls is reached by keyboard");
        }
        assert!(!text(all(figure, "details")[0]).is_empty());
        let source = text(all(figure, ".source")[0]);
        assert!(["sampled", "ecorded", "counted"].iter().any(|word| source.contains(word)), "{title}: {source}");
        let links: Vec<_> = all(figure, ".source a").iter().map(|link| link.value().attr("href").unwrap()).collect();
        let [csv, json] = links[..] else { panic!("{title}: {links:?}") };
        let table = running.get_with(&token, json);
        assert!(table.status == 200 && table.json()["rows"].is_array(), "{json}");
        let lines = running.get_with(&token, csv);
        assert!(lines.body.lines().count() == 1 + table.json()["rows"].as_array().unwrap().len(), "{csv}");
        assert_eq!(lines.header("content-type").as_deref(), Some("text/csv; charset=utf-8"));
    }
    let components = &rows(&html, "components")[0];
    assert!(components.contains(&"0.1".to_owned()), "its rate: {components:?}");
    let whole = text(root);
    assert!(whole.contains("Counts installations.") && whole.contains("10 % of machine-days"));
    assert!(whole.contains("Whether <b>it</b> is on & \"lit\"."), "the words of the manifest, escaped");
    assert!(whole.contains("Nobody has added: 2.0.0."));
    assert!(all(root, "main b").is_empty());
    // One heading of the first rank, and no rank is left out.
    let ranks: Vec<u32> =
        all(root, "h1, h2, h3").iter().map(|head| head.value().name()[1..].parse().unwrap()).collect();
    assert!(ranks[0] == 1 && ranks[1..].iter().all(|rank| *rank > 1));
    assert!(ranks.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{ranks:?}");
    let ids: Vec<_> = all(root, "[id]").iter().map(|element| element.value().attr("id").unwrap()).collect();
    let distinct: std::collections::BTreeSet<_> = ids.iter().collect();
    assert_eq!(ids.len(), distinct.len(), "an id stands once");
    for link in all(root, "nav a, .skip") {
        let to = link.value().attr("href").unwrap().trim_start_matches('#');
        assert!(ids.contains(&to), "{to}");
    }
}

#[test]
fn s15_nothing_runs_and_nothing_is_loaded() {
    let running = running();
    let (answer, html) = page(&running, "");
    let policy = answer.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    assert_eq!(answer.header("cache-control").as_deref(), Some("no-store"));
    let root = html.root_element();
    assert!(all(root, "script, link, img, iframe, object, [style], [onclick], [onload]").is_empty());
    for link in all(root, "[href], [src], [action]") {
        let to = ["href", "src", "action"].iter().find_map(|name| link.value().attr(name)).unwrap();
        assert!(to.starts_with('/') || to.starts_with('#'), "{to}");
    }
}

#[test]
fn s15_a_token_sees_its_sdks_and_nothing_else() {
    let running = running();
    let operator = running.operator_token();
    for path in ["/", "/sdk/acme", "/sdk/acme/active.csv", "/health.csv"] {
        for answer in [running.get_admin(path), running.get_with("wrong", path), running.get_with("", path)] {
            assert_eq!(answer.status, 401, "{path}");
            assert!(answer.header("www-authenticate").unwrap().starts_with("basic "), "{path}");
            assert!(!answer.body.contains("acme"), "{path}");
        }
        assert_eq!(running.get_with("job's own", path).status, 403, "{path}: it may add, not read");
        assert_eq!(running.get_with(&operator, path).status, 200, "{path}");
    }
    let team = "team's own";
    let index = running.get_with(team, "/");
    assert!(index.status == 200 && index.body.contains("/sdk/acme") && !index.body.contains("other"), "{}", index.body);
    assert!(running.get_with(&operator, "/").body.contains("/sdk/other"));
    assert_eq!(running.get_with(team, "/sdk/acme").status, 200);
    assert!(!running.get_with(team, "/sdk/acme").body.contains("free on its disk"));
    // What it may not see and what is not there are answered alike.
    for path in [
        "/sdk/other",
        "/sdk/other/active.csv",
        "/sdk/nobody",
        "/health.csv",
        "/sdk/acme/active.xml",
        "/sdk/acme/all.csv",
    ] {
        let answer = running.get_with(team, path);
        assert!(answer.status == 404 && answer.body == running.get_with(&operator, "/sdk/nobody").body, "{path}");
    }
    assert_eq!(running.get_with(&operator, "/sdk/acme?from=yesterday").status, 400);
    // What docs/operating.md has a proxy keep back, and what it has it pass.
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(running.get_admin(path).status, 200, "{path}");
    }
    for path in ["/", "/sdk/acme", "/sdk/acme/active.csv", "/sdk/nobody", "/health.csv", "/health.json"] {
        assert_eq!(running.get_admin(path).status, 401, "{path}");
    }
    assert_eq!(running.ask_admin("POST", "/sdks", &[("content-type", "application/json")], b"{}").status, 401);
}

/// `sdk add --url`, with this token.
fn add(running: &Running, token: &str, more: &[&str], manifest: &Manifest) -> Output {
    let file = tempfile::NamedTempFile::with_suffix(".json").unwrap();
    serde_json::to_writer(&file, manifest).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_telemetry-collector-tested"));
    command.args(["sdk", "add", "--url", &format!("http://{}", running.admin())]).args(more).arg(file.path());
    command.env("TELEMETRY_COLLECTOR_TOKEN", token).output().unwrap()
}

#[test]
fn a_job_of_ci_adds_a_version_over_http() {
    let running = running();
    let mut next = described("acme", "");
    for (sdk, event) in next.sdks.iter_mut().zip(0..) {
        sdk.version = format!("1.{}.0", event + 1);
    }
    let outcome = |output: &Output| {
        let told = [&output.stdout[..], &output.stderr[..]].concat();
        (output.status.code(), String::from_utf8(told).unwrap())
    };
    for (token, expected) in [("wrong", "does not know the token"), ("team's own", "may not add"), (" ", "is not set")]
    {
        let (code, told) = outcome(&add(&running, token, &[], &next));
        assert!(code == Some(64) && told.contains(expected), "{token}: {told}");
    }
    assert_eq!(
        outcome(&add(&running, "job's own", &[], &next)),
        (Some(0), "acme 1.1.0: 3 events at /, added\n".to_owned())
    );
    assert!(outcome(&add(&running, "job's own", &[], &next)).1.contains("known already"));
    let mut event = extended(900, "acme", json!({ "on": true }));
    event["cv"] = json!("1.1.0");
    assert_eq!(running.post("/v1/event", &batch(&[event])).json()["accepted"], 1);
    let versions = running.get_with(&running.operator_token(), "/sdk/acme/versions.json").json();
    let is_known = |version: &str| {
        versions["rows"].as_array().unwrap().iter().any(|row| row["version"] == version && row["known"] == "yes")
    };
    assert!(is_known("1.1.0") && !is_known("2.0.0"), "{versions}");
    // Another SDK at the same path is refused here as it is on the machine itself.
    let (code, told) = outcome(&add(&running, "job's own", &[], &described("third", "")));
    assert!(code == Some(1) && told.contains("would both be reached at") && told.contains("help: "), "{told}");
    let (code, _) = outcome(&add(&running, "job's own", &["--prefix", "/third"], &described("third", "")));
    assert_eq!((code, running.get_with(&running.operator_token(), "/sdk/third").status), (Some(0), 200));
    // In plain text a token goes to this machine alone.
    let mut command = Command::new(env!("CARGO_BIN_EXE_telemetry-collector-tested"));
    let output = command.args(["sdk", "add", "--url", "http://t.example", "acme"]).output().unwrap();
    assert!(outcome(&output).1.contains("plain text"), "{output:?}");
}

#[test]
fn a_browser_adds_nothing_and_a_team_only_its_own() {
    let running = running();
    let body = serde_json::to_vec(&described("third", "/third")).unwrap();
    let ask = |authorization: &str, path: &str, body: &[u8]| {
        running.ask_admin("POST", path, &[("authorization", authorization)], body)
    };
    let basic = format!("Basic {}", base64::Engine::encode(&base64::prelude::BASE64_STANDARD, "job:job's own"));
    assert_eq!(ask(&basic, "/sdks", &body).status, 403, "a browser sends it by itself, for pages of others too");
    assert_eq!(ask("Bearer job's own", "/sdks?sdk=fourth", &body).status, 400);
    assert_eq!(ask("Bearer job's own", "/sdks?name=third", &body).status, 400);
    assert_eq!(ask("Bearer job's own", "/sdks", b"no manifest").status, 400);
    assert_eq!(ask("Bearer job's own", "/sdks", &body).json()[0]["sdk"], "third");
    let mut command = Command::new(env!("CARGO_BIN_EXE_telemetry-collector-tested"));
    let output = command.args(["token", "ui", "--sdk", "acme", "--may", "add"]).output().unwrap();
    let token =
        String::from_utf8(output.stderr).unwrap().lines().next().unwrap().rsplit(' ').next().unwrap().to_owned();
    let tokens = telemetry_collector::config::Config::parse(&String::from_utf8(output.stdout).unwrap()).unwrap().tokens;
    let running = Running::configured(&[], |config| config.tokens = tokens);
    let refused = running.ask_admin("POST", "/sdks", &[("authorization", &format!("Bearer {token}"))], &body);
    assert!(refused.status == 400 && refused.body.contains("does not hold for `third`"), "{refused:?}");
}

#[test]
fn a_damaged_list_is_no_fault_of_what_is_added() {
    let running = running();
    let token = running.operator_token();
    let body = serde_json::to_vec(&described("third", "/third")).unwrap();
    let ask = || running.ask_admin("POST", "/sdks", &[("authorization", &format!("Bearer {token}"))], &body);
    let file = running.data.path().join("sdks/acme.json");
    let whole = std::fs::read(&file).unwrap();
    std::fs::write(&file, "{ torn").unwrap();
    let answer = ask();
    assert!(answer.status == 503 && answer.body.contains("acme.json"), "{answer:?}");
    std::fs::write(&file, whole).unwrap();
    assert_eq!(ask().status, 200);
}

#[test]
fn a_token_that_was_made_is_taken() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_telemetry-collector-tested"));
    let output =
        command.args(["token", "team \"ui\"", "--sdk", "acme", "--may", "read", "--may", "add"]).output().unwrap();
    let (table, told) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    let token = told.lines().next().unwrap().rsplit(' ').next().unwrap().to_owned();
    assert!(!table.contains(&token) && token.len() == 43);
    let config = telemetry_collector::config::Config::parse(&table).unwrap();
    assert_eq!(config.tokens[0].rights, [Right::Read, Right::Add]);
    let running = Running::configured(&[&described("acme", "")], |mine| mine.tokens = config.tokens);
    assert_eq!(running.get_with(&token, "/sdk/acme").status, 200);
    assert!(running.get_with(&token, "/sdk/acme").body.contains("There is nothing in these days."));
}
