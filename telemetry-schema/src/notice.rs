//! What a user is told before anything is recorded, in the words of the program itself.
//!
//! The running program prints this text, and `cargo telemetry docs --notice` makes the same from the records in the
//! binary.

mod nature;

pub use nature::Nature;

use crate::{DefaultConsent, EventDescriptor, SdkDescriptor};

/// The notice of one SDK with these events: a few lines without a final line end.
pub fn text(sdk: &SdkDescriptor, events: &[EventDescriptor]) -> String {
    text_with_news(sdk, events, &[])
}

/// The notice for a user who was told before: `news` names what was not told then, and stands in the second line.
pub fn text_with_news(sdk: &SdkDescriptor, events: &[EventDescriptor], news: &[String]) -> String {
    let mut names: Vec<_> = events.iter().map(|event| event.event.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let nature = Nature::of(sdk, events);
    let mut lines = vec![format!("{} collects {}: {}.", sdk.sdk, nature.kind(), names.join(", "))];
    if !news.is_empty() {
        lines.push(format!("New since you were last told: {}.", nature::named(news)));
    }
    lines.extend(nature.sentences());
    lines.push(format!(
        "It goes to {} ({}; region: {}; kept: {}; shared with: {}).",
        sdk.endpoint, sdk.operator, sdk.region, sdk.retention, sdk.shared_with
    ));
    let off = format!("{}_TELEMETRY_DISABLED=1 or DO_NOT_TRACK=1", sdk.env);
    lines.push(match sdk.default {
        DefaultConsent::On => format!("Turn it off: {off}."),
        DefaultConsent::Off => format!(
            "It is off unless you turn it on, where the program asks you or in its settings. \
             Turn it off again: there, or {off}."
        ),
    });
    if let Some(last) = lines.last_mut() {
        last.push_str(&format!(" See it without sending: {}_TELEMETRY_DEBUG=1.", sdk.env));
    }
    lines.push(format!("Everything that is collected: {}. Questions: {}.", sdk.docs, sdk.contact));
    lines.join("\n")
}

#[cfg(test)]
mod tests;
