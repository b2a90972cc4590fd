//! What watchers see of a request: events as their records have them, and of what was refused the reason alone.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    reason::Reason,
    store::{Event, When, Written},
};

/// A line for each event, without what became of it.
pub(super) fn events(sdk: &str, events: &[Event]) -> Vec<Value> {
    let line = |event: &Event| {
        let day = match event.when {
            When::On(day) => day.to_string(),
            When::TooOld => "too_old".to_owned(),
            When::TooNew => "too_new".to_owned(),
        };
        let payload: Value = serde_json::from_str(&event.payload).unwrap_or_default();
        json!({
            "sdk": sdk, "event": event.name, "discriminant": event.discriminant, "version": event.version,
            "is_version_known": event.is_version_known, "day": day, "payload": payload,
        })
    };
    events.iter().map(line).collect()
}

/// The same with the answer. Which events of a request came before, or are of somebody who asked for deletion, is known of all of
/// them or none: where there are any of the latter, none is shown.
pub(super) fn answered(events: Vec<Value>, written: Written) -> Vec<String> {
    let answer = match written {
        Written { deleted: 1.., .. } => return Vec::new(),
        Written { duplicate: 0, .. } => "accepted",
        Written { accepted: 0, .. } => "duplicate",
        Written { .. } => "accepted_or_duplicate",
    };
    events
        .into_iter()
        .map(|mut line| {
            line.as_object_mut().map(|keys| keys.insert("answer".to_owned(), answer.into()));
            format!("{line}\n")
        })
        .collect()
}

/// A line for each reason.
pub(super) fn refused(sdk: &str, refused: &BTreeMap<Reason, u64>) -> Vec<String> {
    refused
        .iter()
        .map(|(reason, n)| format!("{}\n", json!({ "sdk": sdk, "answer": "refused", "reason": reason.word(), "n": n })))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_shown_with_their_answer_and_none_of_a_request_with_deleted_ones() {
        let shown = |accepted, duplicate, deleted| {
            let events = vec![json!({ "payload": { "on": true } }); 3];
            answered(events, Written { accepted, duplicate, deleted })
        };
        for (written, answer) in
            [(shown(3, 0, 0), "accepted"), (shown(0, 3, 0), "duplicate"), (shown(1, 2, 0), "accepted_or_duplicate")]
        {
            let line = format!("{}\n", json!({ "payload": { "on": true }, "answer": answer }));
            assert_eq!(written, vec![line; 3]);
        }
        for written in [shown(0, 0, 3), shown(2, 0, 1), shown(0, 2, 1), shown(1, 1, 1)] {
            assert_eq!(written, Vec::<String>::new());
        }
    }
}
