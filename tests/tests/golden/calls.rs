//! What a case records, call by call, and what the throttle of the model makes of it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{case::Case, compare::Item};

/// The window of the model's throttle, in milliseconds.
const WINDOW: u64 = 86_400_000;

/// What an event's own keys replace in a payload, for the key of the model's throttle.
const ENVELOPE: [&str; 5] = ["event", "cv", "it", "sdk", "sdkv"];

/// One call that records an event.
#[derive(Debug)]
pub struct Call<'a> {
    /// The memory that its throttle has: collectors of one storage share it.
    memory: u64,
    /// Milliseconds of 1970, where the case sets the clock.
    now: Option<u64>,
    /// The draw at this time, where the case sets it.
    draw: Option<f64>,
    /// The event's rate and that of the collector, where there are such.
    rates: [Option<f64>; 2],
    event: &'a Value,
    payload: &'a Value,
}

/// The calls of a case, in their order. A helper's event is what the observer noted.
pub fn of(case: &Case) -> Vec<Call<'_>> {
    let shared = case.input()["window"]["localStorage"].is_object();
    let (mut collectors, mut now, mut draw, mut calls) = (Vec::new(), None::<u64>, None, Vec::new());
    for (number, step) in case.steps().iter().enumerate() {
        match step["op"].as_str().unwrap_or_default() {
            "new" => collectors.push(&step["options"]),
            "random" => draw = step["value"].as_f64().or(draw),
            "now" => now = step["value"].as_u64(),
            "advance" => now = now.zip(step["ms"].as_i64()).map(|(now, by)| now.saturating_add_signed(by)).or(now),
            op @ ("helper" | "record") => {
                let collector = step["collector"].as_u64().unwrap_or((collectors.len() as u64).saturating_sub(1));
                let options = collectors.get(collector as usize).copied().unwrap_or(&Value::Null);
                let event =
                    if op == "record" { &step["event"] } else { &case.value["observed"]["steps"][number]["event"] };
                let call = || Call {
                    memory: if shared { 0 } else { collector },
                    now,
                    draw,
                    rates: [event["eventSamplingRate"].as_f64(), options["samplingRate"].as_f64()],
                    event: &event["event"],
                    payload: &event["payload"],
                };
                calls.extend((0..step["repeat"].as_u64().unwrap_or(1)).map(|_| call()));
            }
            _ => {}
        }
    }
    calls
}

impl Call<'_> {
    /// Whether this call is what the item tells of.
    pub fn tells(&self, item: &Item) -> bool {
        let json = item.json();
        self.event.is_string() && json["event"] == *self.event && json["payload"] == *self.payload
    }

    /// Whether the draw is a rate to the last of the 32 bits in which we keep both, and not above it.
    pub fn at_the_rate(&self) -> bool {
        let bits = |share: f64| (share * 4_294_967_296.0) as u64;
        let Some(draw) = self.draw else { return false };
        self.rates.iter().flatten().any(|rate| draw <= *rate && bits(draw) == bits(*rate))
    }

    /// What the model takes for the event: its values by the order of their names, with the envelope over the payload.
    fn key(&self) -> Vec<String> {
        let payload = self.payload.as_object().into_iter().flatten();
        let mut values: BTreeMap<&str, String> =
            payload.map(|(key, value)| (key.as_str(), value.to_string())).collect();
        values.extend(ENVELOPE.map(|key| (key, if key == "event" { self.event.to_string() } else { key.to_owned() })));
        values.into_values().collect()
    }

    fn same(&self, other: &Self) -> bool {
        (self.memory, self.event, self.payload) == (other.memory, other.event, other.payload)
    }
}

/// Whether, of the calls that the item tells of, the model lets one pass that the day holds back, and the other way round.
pub fn decided_by_time(case: &Case, item: Option<&Item>) -> (bool, bool) {
    let Some(item) = item else { return (false, false) };
    let calls: Vec<Call<'_>> = of(case).into_iter().filter(|call| call.tells(item)).collect();
    let (mut only_there, mut only_here) = (false, false);
    for (number, first) in calls.iter().enumerate() {
        if calls.iter().take(number).any(|earlier| earlier.same(first)) {
            continue;
        }
        let (mut sent, mut day) = (None::<u64>, None::<u64>);
        for now in calls.iter().filter(|call| call.same(first)).filter_map(|call| call.now) {
            let there = sent.is_none_or(|sent| now.saturating_sub(sent) > WINDOW);
            let here = day != Some(now / WINDOW);
            only_there |= there && !here;
            only_here |= here && !there;
            sent = if there { Some(now) } else { sent };
            day = Some(now / WINDOW);
        }
    }
    (only_there, only_here)
}

/// Whether an earlier event hides this one from the model, which is another one for us.
pub fn hidden_by_another(case: &Case, item: &Item) -> bool {
    let calls = of(case);
    calls.iter().enumerate().filter(|(_, call)| call.tells(item)).any(|(number, call)| {
        let before = calls.iter().take(number).filter(|earlier| earlier.memory == call.memory);
        before.into_iter().any(|earlier| !earlier.same(call) && earlier.key() == call.key())
    })
}

/// Whether two calls of one memory tell the same, of payloads one of which has a key without a value.
pub fn differ_in_nothing(case: &Case, item: &Item) -> bool {
    let of_event = |call: &&Call<'_>| item.json()["event"] == *call.event;
    let calls = of(case);
    let calls: Vec<&Call<'_>> = calls.iter().filter(of_event).collect();
    let empty = |call: &&&Call<'_>| call.payload.as_object().is_some_and(|payload| payload.values().any(nothing));
    calls.iter().any(|call| call.tells(item))
        && calls
            .iter()
            .filter(empty)
            .any(|one| calls.iter().any(|other| other.memory == one.memory && !other.same(one)))
}

/// What `JSON.stringify` leaves out.
fn nothing(value: &Value) -> bool {
    value["$js"].as_str().is_some_and(|source| source.trim() == "undefined")
}
