//! The check at the end of every fault: delivered ∪ waiting ∪ counted = recorded, and nothing twice.

use std::collections::BTreeMap;

use serde_json::Value;
use telemetry_runtime::testing::Received;

/// What an accepted event can end as without having arrived; beside it, `sent` and `waiting`.
pub const LOSSES: [&str; 13] = [
    "unknown",
    "queue_full",
    "oversize",
    "disk",
    "evicted",
    "expired",
    "corrupt",
    "rejected",
    "conflict",
    "vetoed",
    "opted_out",
    "gate_closed",
    "other_destination",
];

/// The counts of a ledger by their words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ledger(BTreeMap<String, u64>);

impl Ledger {
    /// Reads the ledger of `status()`. Both sums must hold.
    #[track_caller]
    pub fn of(json: &Value) -> Self {
        let counts = json.as_object().unwrap_or_else(|| panic!("no ledger: {json}"));
        let count = |word: &str, count: &Value| count.as_u64().unwrap_or_else(|| panic!("{word} is no count: {json}"));
        let ledger = Self(counts.iter().map(|(word, value)| (word.clone(), count(word, value))).collect());
        let early = ["before_notice", "awaiting_consent", "above_level", "sampled_out", "throttled", "accepted"];
        assert_eq!(ledger.of_word("offered"), ledger.sum(&early), "{ledger:?}");
        let ended = ledger.sum(&["waiting", "counted", "sent"]) + ledger.lost();
        assert_eq!(ledger.sum(&["accepted", "recovered"]), ended, "{ledger:?}");
        ledger
    }

    /// One count.
    #[track_caller]
    pub fn of_word(&self, word: &str) -> u64 {
        *self.0.get(word).unwrap_or_else(|| panic!("no {word} in {self:?}"))
    }

    /// The events that ended in another way than by arriving.
    #[track_caller]
    pub fn lost(&self) -> u64 {
        self.sum(&LOSSES)
    }

    #[track_caller]
    fn sum(&self, words: &[&str]) -> u64 {
        words.iter().map(|word| self.of_word(word)).sum()
    }
}

/// The events of these requests, each once for each event id. Whatever came twice came the same.
#[track_caller]
pub fn delivered<'a>(requests: impl IntoIterator<Item = &'a Received>) -> BTreeMap<String, Value> {
    let mut events = BTreeMap::new();
    for request in requests {
        let batch: Value = serde_json::from_slice(&request.body).expect("a batch is whole JSON");
        for event in batch["events"].as_array().expect("a batch holds events") {
            let id = event["id"].as_str().expect("extended events have ids").to_owned();
            if let Some(known) = events.insert(id, event.clone()) {
                assert_eq!(&known, event, "one id for two events");
            }
        }
    }
    events
}

/// Asserts that of `recorded` accepted events each is delivered, waits or is counted under one reason, and none is two of
/// these. `total` is the ledger of all programs of a state folder (`total` in `status()`); `delivered` holds what a server
/// has confirmed, after dedupe by id.
#[track_caller]
pub fn check(total: &Ledger, delivered: &BTreeMap<String, Value>, recorded: u64) {
    // Whoever was killed before it wrote its ledger down has left events that others found.
    let known = total.of_word("accepted") + total.of_word("recovered");
    assert_eq!(known, recorded, "recorded and accepted: {total:?}");
    assert_eq!(total.of_word("sent"), delivered.len() as u64, "counted as sent and delivered: {total:?}");
    let accounted = delivered.len() as u64 + total.of_word("waiting") + total.lost();
    assert_eq!(accounted, recorded, "delivered, waiting or counted: {total:?}");
}
