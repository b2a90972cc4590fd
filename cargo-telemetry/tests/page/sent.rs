//! What these SDKs really send, against their schemas and the examples of their pages.

use std::{process::Command, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value};
use telemetry_runtime::{
    CountBucket, DurationBucket, OneOf, Options, Os, OsVersion, Packages, Pseudonym, Version,
    instance::PublishableKey,
    record,
    testing::{LoopbackServer, Received},
};

use crate::{
    errors, own_manifest,
    sdks::{
        all::*,
        beacon::*,
        otlp::{AppOpened, Halved, Pages, Theme, footer, menu},
        report::*,
    },
    validator,
};

const PORT: &str = "PAGE_TEST_PORT";

/// Runs in a process of its own, started by [`sent`]: telemetry is off in tests, and state is per user.
#[test]
#[ignore = "the other half of a test, which starts it"]
fn sender() {
    let Some(port) = std::env::var(PORT).ok().and_then(|port| port.parse().ok()) else { return };
    let options = Options::new().loopback().loopback_port(port);
    let key = PublishableKey::parse("pk_test_ZGVtby5hY21lLmV4YW1wbGUk").unwrap();
    crate::sdks::all::TELEMETRY.configure(options.clone().instance(key.clone()));
    crate::sdks::otlp::TELEMETRY.configure(options.clone().instance(key));
    crate::sdks::beacon::TELEMETRY.configure(options.clone());
    crate::sdks::report::TELEMETRY.configure(options);

    let full = |step, full, number: Option<u16>| Everything {
        yes_no: true,
        component: Component::SignIn,
        layout: Layout { cells: [-9, 9], dark: Some(true) },
        step,
        full,
        one_full: OneFull::Only(true),
        maybe: Some([Some(true), None]),
        list: [Component::SignIn, Component::SignUp].into_iter().collect(),
        layouts: [Layout { cells: [0, 0], dark: None }].into_iter().collect(),
        theme: OneOf::parse("sign-up"),
        count: CountBucket::of(1000),
        took: DurationBucket::of(Duration::from_secs(u64::MAX)),
        version: Version::parse("15.0.0-canary.3"),
        node_version: Some(Version::parse("v20.1.0-nightly")),
        os: Os::current(),
        os_version: OsVersion::parse("6.18.3"),
        packages: [("@acme/core", Some("1.2.3")), ("vite", None)].into_iter().collect::<Packages>(),
        named_packages: Packages::default(),
        project: Pseudonym::of("project"),
        number,
        port: usize::MAX,
        offset: i64::MIN,
        small: -128,
        plugin: Some("ééééé".to_owned()),
    };
    record!(full(Step::Start, OnlyFull::One(Component::SignUp), Some(7)));
    record!(full(Step::Chosen(Component::SignIn), OnlyFull::Two(false), Some(0)));
    record!(full(Step::Counted(200), OnlyFull::Two(true), None));
    record!(full(Step::Moved { from: Component::SignIn, to: None }, OnlyFull::Two(true), Some(u16::MAX)));
    record!(Everything {
        layout: Layout { cells: [1, 1], dark: None },
        maybe: None,
        list: std::iter::empty().collect(),
        layouts: std::iter::empty().collect(),
        theme: OneOf::parse("unheard of"),
        count: CountBucket::of(0),
        version: Version::parse(""),
        node_version: None,
        os_version: OsVersion::parse("bookworm"),
        offset: i64::MAX,
        plugin: None,
        ..full(Step::Start, OnlyFull::Two(true), None)
    });
    record!(Rare {});
    sign_in(Some("dark"));
    sign_up(None, true);
    get_auth();
    let opened = |theme: &str, port, maybe| AppOpened {
        dark: theme == "Dark",
        theme: OneOf::parse(theme),
        pages: Pages { changes: -2, themes: [Theme::Dark, Theme::Light].into_iter().take(port as usize).collect() },
        maybe,
        port,
        plugin: maybe.map(|_| "\"é\\".to_owned()),
    };
    record!(opened("Dark", 0, None));
    record!(opened("unheard of", u64::MAX, Some([Some(true), None])));
    record!(Halved {});
    menu(Some("dark"));
    footer(None);
    record!(Started { mode: Mode::Fast });
    record!(Succeeded { files: true });
    if std::env::var_os("PAGE_TEST_WATCHED").is_some() {
        eprintln!("of the program itself");
        sign_in(Some("dark"));
        std::process::exit(3);
    }
    telemetry_runtime::flush(Duration::from_secs(30)).unwrap();
}

/// What the server received.
pub(crate) fn sent() -> Vec<Received> {
    crate::sdks::link();
    let (server, home) = (LoopbackServer::start().unwrap(), tempfile::tempdir().unwrap());
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "sent::sender", "--ignored", "--nocapture"])
        .env_clear()
        .env("HOME", home.path())
        .env("XDG_STATE_HOME", home.path())
        .env(PORT, server.port().to_string())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    server.requests()
}

/// The SDK that a request comes from, and what its schema is about.
pub(crate) fn content(request: &Received) -> (String, Vec<Value>) {
    let agent = request.header("user-agent").unwrap();
    let sdk = agent.split('/').next().unwrap().to_owned();
    let json = match request.path.split_once("payload=") {
        Some((_, encoded)) => STANDARD.decode(encoded).unwrap(),
        None => request.body.clone(),
    };
    let body: Value = serde_json::from_slice(&json).unwrap();
    (sdk, if body["resourceLogs"].is_array() { records(&body) } else { vec![body] })
}

/// Each record of a body of OTLP, as its schema says: what goes with it by name, its fields as `attributes`.
fn records(body: &Value) -> Vec<Value> {
    let mut records = Vec::new();
    for source in body["resourceLogs"].as_array().unwrap() {
        for scope in source["scopeLogs"].as_array().unwrap() {
            for record in scope["logRecords"].as_array().unwrap() {
                let mut decoded = decoded_attributes(&source["resource"]["attributes"]);
                let mut fields = Map::new();
                for (key, value) in decoded_attributes(&record["attributes"]) {
                    let beside = key.starts_with("telemetry.") || key == "log.record.uid";
                    if beside {
                        decoded.insert(key, value)
                    } else {
                        fields.insert(key, value)
                    };
                }
                decoded.insert("attributes".to_owned(), fields.into());
                for key in ["name", "version"] {
                    decoded.insert(format!("scope.{key}"), scope["scope"][key].clone());
                }
                for key in ["timeUnixNano", "eventName"] {
                    decoded.insert(key.to_owned(), record[key].clone());
                }
                assert_eq!(record.as_object().unwrap().len(), 3, "{record}");
                records.push(decoded.into());
            }
        }
    }
    records
}

fn decoded_attributes(attributes: &Value) -> Map<String, Value> {
    let attributes = attributes.as_array().unwrap();
    let decoded: Map<_, _> = attributes
        .iter()
        .map(|attribute| (attribute["key"].as_str().unwrap().to_owned(), decoded_value(&attribute["value"])))
        .collect();
    assert_eq!(decoded.len(), attributes.len(), "each key once");
    decoded
}

fn decoded_value(value: &Value) -> Value {
    let Some((kind, value)) = value.as_object().unwrap().iter().next() else { return Value::Null };
    match kind.as_str() {
        "intValue" => value.as_str().unwrap().parse::<i64>().unwrap().into(),
        "arrayValue" => value["values"].as_array().unwrap().iter().map(decoded_value).collect(),
        "kvlistValue" => decoded_attributes(&value["values"]).into(),
        _ => value.clone(),
    }
}

#[test]
fn r30_every_type_of_field_validates_as_it_is_sent() {
    let mut seen = Vec::new();
    for request in sent() {
        let (sdk, documents) = content(&request);
        let schema = cargo_telemetry::json_schema::of(own_manifest(), &sdk).unwrap();
        for body in documents {
            let errors = errors(&validator(&schema), &body);
            assert!(errors.is_empty(), "{sdk}: {errors:#?}\n{body:#}");
            let events = body["events"].as_array().cloned().unwrap_or_else(|| vec![body]);
            seen.extend(events.iter().map(|event| match event["event"].as_str().or(event["eventName"].as_str()) {
                Some(event) => format!("{sdk}/{event}"),
                None => sdk.clone(),
            }));
        }
    }
    seen.sort();
    let rare = ["page-all/rare", "page-otlp/halved"];
    assert_eq!(
        seen.iter().filter(|key| !key.ends_with("/active") && !rare.contains(&key.as_str())).collect::<Vec<_>>(),
        [
            "page-all/component_mounted",
            "page-all/component_mounted",
            "page-all/everything",
            "page-all/everything",
            "page-all/everything",
            "page-all/everything",
            "page-all/everything",
            "page-all/method_called",
            "page-beacon",
            "page-otlp/app_opened",
            "page-otlp/app_opened",
            "page-otlp/component_mounted",
            "page-otlp/component_mounted",
            "page-report",
        ]
    );
}

/// The example of a page has the keys of a real request, in their order, and the same address.
#[test]
fn examples_of_pages_look_like_what_is_sent() {
    let page = cargo_telemetry::page::markdown(own_manifest(), &cargo_telemetry::page::Options::default());
    for request in sent() {
        let (sdk, documents) = content(&request);
        let path = request.path.split('=').next().unwrap();
        let address = format!("{} http://127.0.0.1:1{path}", request.method);
        let shown = examples(&page, &sdk);
        assert!(shown.iter().any(|(caption, _)| caption.contains(&address)), "{address}: {shown:#?}");
        let text = match request.path.split_once("payload=") {
            Some(_) => documents[0].to_string(),
            None => request.text(),
        };
        // Each from its name on, to its end.
        let real: Vec<&str> = match path {
            "/v1/event" => text.split("{\"event\":").skip(1).collect(),
            "/v1/logs" => {
                let records = text.split("\"eventName\":").skip(1);
                records.map(|record| record.split(",{\"timeUnixNano\"").next().unwrap()).collect()
            }
            _ => vec![&text],
        };
        for event in real {
            let name = event.split('"').nth(1).unwrap();
            let keys = keys_of(event);
            let similar = shown.iter().map(|(_, json)| json).filter(|json| json.contains(&format!("\"{name}\"")));
            // The example shows all keys that can be there; a real event may lack some, and has none besides.
            let found = similar.map(|json| keys_of(json)).any(|example| is_subsequence(&keys, &example));
            assert!(found, "{sdk}: no example of {name} has the keys {keys:?}\n{shown:#?}");
        }
    }
}

/// Captions and texts of the listings of one SDK.
fn examples(page: &str, sdk: &str) -> Vec<(String, String)> {
    let start = page.find(&format!("\n## {sdk}\n")).unwrap();
    let rest = &page[start + 1..];
    let section = &rest[..rest[1..].find("\n## ").map_or(rest.len(), |end| end + 1)];
    let mut listings = Vec::new();
    let parts: Vec<_> = section.split("\n```").collect();
    for pair in parts.chunks(2) {
        if let [before, listing] = pair {
            let caption = before.trim_end().rsplit('\n').next().unwrap();
            let text = listing.trim_start_matches("text\n");
            listings.push((format!("{caption} {text}"), text.to_owned()));
        }
    }
    listings
}

/// Everything that is followed by a colon, but for what stands below the variants, of which an example shows one.
fn keys_of(json: &str) -> Vec<&str> {
    let variants = ["Chosen", "Counted", "Moved", "from", "to", "One", "Two"];
    let mut keys = Vec::new();
    for (at, _) in json.match_indices("\":") {
        let key = &json[json[..at].rfind('"').unwrap() + 1..at];
        if !variants.contains(&key) && !key.contains('-') {
            // A number beyond 64 bits with a sign is another kind of value in OTLP.
            keys.push(if key == "doubleValue" { "intValue" } else { key });
        }
    }
    keys.dedup();
    keys
}

fn is_subsequence(part: &[&str], whole: &[&str]) -> bool {
    let mut rest = whole.iter();
    part.iter().all(|key| rest.any(|other| other == key))
}
