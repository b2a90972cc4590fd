//! S6, S8, S10, S11: hostile bodies, one batch a thousand times, one address that takes all, clocks.

use std::{io::Write as _, sync::Arc, thread};

use proptest::{prelude::*, test_runner::TestRunner};
use serde_json::json;
use telemetry_collector::store::{Days, Read as _};

use crate::{
    harness::{NOON, Running, batch, extended, read_answer, request, taken},
    process::numbered,
    slow::from,
};

#[test]
fn s06_changed_bytes_are_answered_and_never_kept_as_what_they_are_not() {
    let running = Running::with(&[&numbered()]);
    let body = batch(&[extended(1, "acme", json!({ "n": 7 }))]).into_bytes();
    let connection = std::cell::RefCell::new(running.connect());
    let strategy = proptest::collection::vec((0..body.len(), any::<u8>()), 1..6);
    let mut runner =
        TestRunner::new(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() });
    runner
        .run(&strategy, |changes| {
            let mut changed = body.clone();
            changes.iter().for_each(|(place, byte)| changed[*place] = *byte);
            let mut connection = connection.borrow_mut();
            connection.write_all(&request("POST", "/v1/event", &[], &changed)).unwrap();
            let answer = read_answer(&mut connection);
            prop_assert!([200, 400].contains(&answer.status), "{answer:?}");
            Ok(())
        })
        .unwrap();
    for row in running.rows() {
        let payload: serde_json::Value = serde_json::from_str(&row.payload).unwrap();
        assert!(payload["n"].is_u64() && payload.as_object().unwrap().len() == 1, "{}", row.payload);
    }
}

/// Text that would do harm somewhere is refused, or is free text and is stored and exported as text.
#[test]
fn s06_text_for_other_readers_stays_text() {
    let fields = json!([{ "name": "text", "type": { "text": { "max_len": 100 } }, "reason": "r" }]);
    let manifest = crate::harness::manifest(
        "acme",
        "1.0.0",
        "https://t.example",
        json!({ "event_batch": { "strict": false } }),
        fields,
    );
    let running = Running::with(&[&manifest]);
    let wicked = [
        "'); DROP TABLE events; --",
        "<script>alert(1)</script>",
        "=1+1",
        "\u{0}\u{1}",
        "a,b\"c\nd",
        "\u{202e}txt.exe",
    ];
    for (number, text) in wicked.iter().enumerate() {
        let event = extended(number as u64, "acme", json!({ "text": text }));
        assert_eq!(running.post("/v1/event", &batch(&[event])).json(), taken(1, 0), "{text:?}");
    }
    let texts: Vec<String> = running
        .rows()
        .iter()
        .map(|row| {
            serde_json::from_str::<serde_json::Value>(&row.payload).unwrap()["text"].as_str().unwrap().to_owned()
        })
        .collect();
    assert!(wicked.iter().all(|text| texts.contains(&(*text).to_owned())), "{texts:?}");
    // Counts hold no free text.
    let values = running.reader().values("acme", "thing_used", Days::ALL).unwrap();
    assert!(values.iter().all(|value| value.value == "(text)"), "{values:?}");
}

#[test]
fn s08_one_batch_at_once_from_everywhere_is_kept_once() {
    let running = Arc::new(Running::with(&[&numbered()]));
    let body =
        Arc::new(batch(&(0..10).map(|number| extended(number, "acme", json!({ "n": number }))).collect::<Vec<_>>()));
    let threads: Vec<_> = (0..16)
        .map(|_| {
            let (running, body) = (Arc::clone(&running), Arc::clone(&body));
            thread::spawn(move || {
                let mut connection = running.connect();
                (0..60)
                    .map(|_| {
                        connection.write_all(&request("POST", "/v1/event", &[], body.as_bytes())).unwrap();
                        let answer = read_answer(&mut connection).json();
                        assert_eq!(answer["accepted"].as_u64().unwrap() + answer["duplicate"].as_u64().unwrap(), 10);
                        answer["accepted"].as_u64().unwrap()
                    })
                    .sum::<u64>()
            })
        })
        .collect();
    let accepted: u64 = threads.into_iter().map(|thread| thread.join().unwrap()).sum();
    assert_eq!((accepted, running.stored()), (10, 10));
    let counts = running.reader().counts("acme", Days::ALL).unwrap();
    assert_eq!(counts.iter().map(|count| count.n).sum::<u64>(), 10);
    assert_eq!(running.outcomes("acme"), [("accepted".to_owned(), 10), ("duplicate".to_owned(), 16 * 60 * 10 - 10)]);
}

#[test]
fn s10_one_address_does_not_take_the_place_of_another_and_cannot_hide_behind_a_header() {
    let running = Running::configured(&[&numbered()], |config| {
        config.rate.per_second = 1;
        config.rate.burst = 5;
        config.server.trusted_proxies = vec!["127.0.0.3".parse().unwrap()];
    });
    let ask = |own: [u8; 4], forwarded: &str, number: u64| {
        let mut stream = from((own, 0).into(), running.listen())?;
        let body = batch(&[extended(number, "acme", json!({ "n": number }))]);
        stream.write_all(&request("POST", "/v1/event", &[("x-forwarded-for", forwarded)], body.as_bytes())).unwrap();
        Some(read_answer(&mut stream).status)
    };
    if ask([127, 0, 0, 2], "", 0).is_none() {
        return; // A system with one loopback address.
    }
    // An address that is no proxy says what it likes, and is still itself.
    let answers: Vec<_> =
        (1..40).map(|number| ask([127, 0, 0, 2], &format!("198.51.100.{number}"), number).unwrap()).collect();
    assert!(answers.iter().filter(|status| **status == 429).count() > 25, "{answers:?}");
    assert_eq!(ask([127, 0, 0, 4], "", 100), Some(200), "others are untouched");
    // Behind the proxy each client has its own limit, whatever it wrote into the header before.
    let answers: Vec<_> =
        (200..220).map(|number| ask([127, 0, 0, 3], &format!("198.51.100.{number}"), number).unwrap()).collect();
    assert!(answers.iter().all(|status| *status == 200), "{answers:?}");
    let answers: Vec<_> = (300..330)
        .map(|number| ask([127, 0, 0, 3], &format!("203.0.113.{}, 198.51.100.1", number % 200), number).unwrap())
        .collect();
    assert!(answers.iter().filter(|status| **status == 429).count() > 15, "{answers:?}");
}

#[test]
fn s11_the_collectors_clock_may_jump() {
    let running = Running::with(&[&numbered()]);
    let ask = |number| running.post("/v1/event", &batch(&[extended(number, "acme", json!({ "n": number }))])).json();
    assert_eq!(ask(1), taken(1, 0));
    for (days, number) in [(-1, 2), (1, 3), (0, 4)] {
        running.clock.set(NOON + days * 86_400);
        assert_eq!(ask(number), taken(1, 0), "{days}");
        assert_eq!(ask(1), taken(0, 1), "{days}");
    }
    // Far off, events are counted apart, and repeats are known still.
    for seconds in [0, i64::from(i32::MAX) * 86_400, i64::MAX, i64::MIN] {
        running.clock.set(seconds);
        assert_eq!(ask(1), taken(0, 1));
    }
    running.clock.set(NOON);
    assert_eq!(running.stored(), 4);
}
