use super::*;

const STRICT: Wire = Wire::EventBatch { strict: true };
const EXTENDED: Wire = Wire::EventBatch { strict: false };
const TARGET: Target<'static> =
    Target { endpoint: "https://t.example", user_agent: "acme-ui/1.2.3 telemetry-runtime/0.1.0" };

fn mounted() -> EventEnvelope<'static> {
    EventEnvelope {
        event: "COMPONENT_MOUNTED",
        declared: "clerk-core",
        cv: "5.110.0",
        sdk: "@clerk/nextjs",
        sdkv: "6.35.0",
        pk: Some("pk_test_Zm9vLWJhci0xMy5jbGVyay5hY2NvdW50cy5kZXYk"),
        ts_hour: 498_699,
        rate: Some(1.0),
        actor: "human",
        ephemeral: false,
        installation: None,
    }
}

const PAYLOAD: &str =
    "{\"component\":\"SignIn\",\"appearanceProp\":false,\"theme\":false,\"elements\":false,\"variables\":false}";

fn envelope(wire: Wire, event: &EventEnvelope<'_>, payload: &str) -> String {
    Envelope::new(wire, event).around(payload)
}

/// An event without the digits of its id; all but those of the hour are random.
fn without_id(event: &str) -> String {
    let (before, behind) = event.split_once("\"id\":\"").unwrap();
    let (id, after) = behind.split_at(36);
    assert_eq!(crate::base::uuid::unix_ms_of(id), Some(498_699 * 60 * 60 * 1_000));
    format!("{before}\"id\":\"{after}")
}

fn text(bytes: &[u8]) -> &str {
    str::from_utf8(bytes).unwrap()
}

fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.headers().iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
}

#[test]
fn a_strict_batch_equals_the_captured_one() {
    let event = envelope(STRICT, &mounted(), PAYLOAD);
    let request = request(STRICT, &TARGET, "key", 20_779, &[event.as_bytes()]).unwrap();
    assert_eq!(
        text(request.body()),
        "{\"events\":[{\"event\":\"COMPONENT_MOUNTED\",\"cv\":\"5.110.0\",\"it\":\"development\",\"sdk\":\"@clerk/nextjs\",\
         \"sdkv\":\"6.35.0\",\"pk\":\"pk_test_Zm9vLWJhci0xMy5jbGVyay5hY2NvdW50cy5kZXYk\",\
         \"payload\":{\"component\":\"SignIn\",\"appearanceProp\":false,\"theme\":false,\"elements\":false,\"variables\":false}}]}"
    );
    assert_eq!(request.body().len(), 275, "as captured");
    assert_eq!((request.method(), request.url()), (Method::Post, "https://t.example/v1/event"));
    assert_eq!(
        request.headers(),
        [
            ("user-agent", "acme-ui/1.2.3 telemetry-runtime/0.1.0"),
            ("content-type", "application/json"),
            ("idempotency-key", "key"),
            ("telemetry-day", "2026-11-22"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
    );
}

#[test]
fn an_extended_event_adds_its_keys_behind_the_payload() {
    let mut event = mounted();
    event.pk = None;
    event.rate = Some(0.1);
    event.ephemeral = true;
    assert_eq!(
        without_id(&envelope(EXTENDED, &event, "{}")),
        "{\"event\":\"COMPONENT_MOUNTED\",\"cv\":\"5.110.0\",\"sdk\":\"@clerk/nextjs\",\
         \"sdkv\":\"6.35.0\",\"payload\":{},\"id\":\"\",\
         \"ts\":\"2026-11-22T03:00:00Z\",\"rate\":0.1,\"actor\":\"human\",\"ephemeral\":true}"
    );
    event.rate = Some(1.0);
    assert!(!envelope(EXTENDED, &event, "{}").contains("rate"));
    let request = request(EXTENDED, &TARGET, "key", 1, &[b"{}", b"{\"a\":1}"]).unwrap();
    assert_eq!(text(request.body()), "{\"events\":[{},{\"a\":1}]}");
    assert_eq!(header(&request, "telemetry-day"), None, "the events carry their time");
}

#[test]
fn text_is_escaped_as_in_javascript() {
    let mut event = mounted();
    event.sdk = "\u{0}\u{1f}\n\t\"\\/\u{7f}\u{2028}<é";
    let rendered = envelope(STRICT, &event, "{}");
    assert!(rendered.contains("\"sdk\":\"\\u0000\\u001f\\n\\t\\\"\\\\/\u{7f}\u{2028}<é\""), "{rendered}");
}

#[test]
fn a_beacon_is_base64_in_the_address_unescaped() {
    let beacon = |payload: &str| {
        let payload = envelope(Wire::Beacon, &mounted(), payload);
        request(Wire::Beacon, &TARGET, "key", 0, &[payload.as_bytes()]).unwrap()
    };
    let sent = beacon("{\"projectId\":\"~~~~???>>>ÿÿÿ\"}");
    // The end of the captured query: one byte per character.
    assert!(sent.url().ends_with("+fn5+Pz8/Pj4+////In0="), "{}", sent.url());
    assert_eq!((sent.method(), sent.body(), header(&sent, "content-type")), (Method::Get, &[][..], None));
    assert_eq!(header(&sent, "telemetry-day"), Some("1970-01-01"));
    assert_eq!(
        beacon("{\"projectId\":\"日本\"}").url(),
        "https://t.example/telemetry?payload=eyJwcm9qZWN0SWQiOiLml6XmnKwifQ=="
    );
}

#[test]
fn a_report_is_the_payload_itself() {
    let payload = envelope(Wire::Report, &mounted(), PAYLOAD);
    let request = request(Wire::Report, &TARGET, "key", 1, &[payload.as_bytes()]).unwrap();
    assert_eq!(text(request.body()), PAYLOAD);
    assert_eq!((request.method(), request.url()), (Method::Post, "https://t.example/cli"));
    assert_eq!(header(&request, "content-type"), Some("application/json"));
}

#[test]
fn nothing_makes_no_request() {
    assert_eq!(request(STRICT, &TARGET, "key", 1, &[]), None);
}

/// As `docs/wire-protocol.md` shows it, and as another implementation of the format reads it (`telemetry-collector/tests`).
#[test]
fn a_record_of_a_log_says_all_that_an_extended_event_says() {
    let mut event = mounted();
    event.rate = Some(0.25);
    let payload = "{\"component\":\"SignIn\",\"theme\":true,\"rules\":[3,null],\"app\":{\"pages\":-7}}";
    let (before, behind) =
        ("{\"key\":\"log.record.uid\",\"value\":{\"stringValue\":\"", "\"}},{\"key\":\"telemetry.rate\"");
    let rendered = envelope(Wire::Otlp, &event, payload);
    let (head, rest) = rendered.split_once(before).unwrap();
    let (id, tail) = rest.split_once(behind).unwrap();
    assert_eq!(crate::base::uuid::unix_ms_of(id), Some(498_699 * 60 * 60 * 1_000));
    assert_eq!(
        format!("{head}{before}{behind}{tail}"),
        include_str!("otlp.json").replace("\n", ""),
        "the golden file has an event without the digits of its id"
    );
    event.rate = Some(1.0);
    event.pk = None;
    event.ephemeral = true;
    let plain = envelope(Wire::Otlp, &event, "{}");
    assert!(!plain.contains("telemetry.rate") && !plain.contains("telemetry.instance"), "{plain}");
    assert!(plain.contains("\"attributes\":[{\"key\":\"log.record.uid\""), "{plain}");
    assert!(plain.ends_with("{\"key\":\"telemetry.ephemeral\",\"value\":{\"boolValue\":true}}]}]}]}"), "{plain}");
    assert_eq!(name(plain.as_bytes()).as_deref(), Some("COMPONENT_MOUNTED"));
}

#[test]
fn records_of_one_source_stand_in_one_list() {
    let record = |version: &str, name: &str| {
        let mut event = mounted();
        (event.cv, event.event) = (version, name);
        envelope(Wire::Otlp, &event, "{\"text\":\"\\\"logRecords\\\":[\"}")
    };
    let events = [record("1.0.0", "a"), record("1.0.0", "b"), record("2.0.0", "c"), record("1.0.0", "d")];
    let bytes: Vec<_> = events.iter().map(|event| event.as_bytes()).collect();
    let request = request(Wire::Otlp, &TARGET, "key", 1, &bytes).unwrap();
    assert_eq!((request.method(), request.url()), (Method::Post, "https://t.example/v1/logs"));
    assert_eq!((header(&request, "content-type"), header(&request, "telemetry-day")), (Some("application/json"), None));
    let body: serde_json::Value = serde_json::from_slice(request.body()).unwrap();
    let sources: Vec<(&str, Vec<&str>)> = body["resourceLogs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|source| {
            let scope = &source["scopeLogs"][0];
            let records = scope["logRecords"].as_array().unwrap();
            let names = records.iter().map(|record| record["eventName"].as_str().unwrap()).collect();
            (scope["scope"]["version"].as_str().unwrap(), names)
        })
        .collect();
    assert_eq!(sources, [("1.0.0", vec!["a", "b"]), ("2.0.0", vec!["c"]), ("1.0.0", vec!["d"])]);
    let list = format!("[{}]", text(listed(Wire::Otlp, &request).unwrap()));
    assert_eq!(serde_json::from_str::<serde_json::Value>(&list).unwrap(), body["resourceLogs"]);
    let alone = super::request(Wire::Otlp, &TARGET, "key", 1, &bytes[..1]).unwrap();
    assert_eq!(text(alone.body()), format!("{{\"resourceLogs\":[{}]}}", events[0]), "one event is as it lies on disk");
}

#[test]
fn an_event_that_is_cut_before_its_number_is_whole_again_with_another_one() {
    for wire in [STRICT, EXTENDED, Wire::Otlp] {
        let envelope = Envelope::new(wire, &mounted());
        let mut before = envelope.before().to_vec();
        before.extend_from_slice(b"{\"n\":11,\"count\":1}");
        let behind = envelope.cut(&mut before, envelope.before().len()).unwrap();
        let event = [&before, &b"64"[..], &behind, envelope.after()].concat();
        let expected = envelope.around("{\"n\":11,\"count\":64}");
        if wire == STRICT {
            assert_eq!(text(&event), expected);
            continue;
        }
        let id_of =
            |event: &str| event.match_indices("-7").next().map(|(at, _)| event[at - 13..at + 23].to_owned()).unwrap();
        let (event, ids) = (text(&event), [id_of(text(&event)), id_of(&expected)]);
        assert_eq!(event.replace(&ids[0], ""), expected.replace(&ids[1], ""), "{wire:?}");
    }
}
