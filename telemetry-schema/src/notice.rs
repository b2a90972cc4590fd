//! What a user is told before anything is recorded, in the words of the program itself.
//!
//! The running program prints this text, and `cargo telemetry docs --notice` makes the same from the records in the
//! binary.

mod names;
mod nature;
mod subject;

pub use nature::Nature;
pub use subject::Subject;

use crate::{DefaultConsent, EventDescriptor, Level, SdkDescriptor, order, shown};

/// Bytes of a notice that is printed, two for each line end. An empty terminal of Linux takes 4 KiB at once; a longer notice
/// is not printed, and does not count as told. What follows from the events stays below 2.8 KB, however many there are.
pub const MAX_BYTES: usize = 4_000;

/// Bytes that are left for the texts of the SDK's author: endpoint, page, operator, contact, region, retention, with whom it is
/// shared, twice the stem of its variables and three times its command. `sdk!` refuses longer ones.
pub const AUTHOR_BYTES: usize = 1_200;

/// The notice of one SDK with these events: a few lines without a final line end.
///
/// A list of names that is too long for it says how many it leaves out; the last line says where all of them stand.
pub fn text(sdk: &SdkDescriptor, events: &[EventDescriptor]) -> String {
    text_with_news(&Subject::from(sdk), events, &[])
}

/// The notice for a user who was told before: `news` names what was not told then, and stands in the second line.
pub fn text_with_news(sdk: &Subject<'_>, events: &[EventDescriptor], news: &[String]) -> String {
    let mut names: Vec<_> = events.iter().map(|event| event.event.as_str()).collect();
    order::set(&mut names);
    let nature = Nature::of(sdk, events);
    let mut lines = vec![format!("{} collects {}: {}.", sdk.sdk, nature.kind(), names::events(&names))];
    if !news.is_empty() {
        lines.push(format!("New since you were last told: {}.", names::news(news)));
    }
    lines.extend(nature.sentences());
    lines.extend(levels(sdk, events));
    let goes_to = if nature.custom_transport { "The vendor names as its destination" } else { "It goes to" };
    lines.push(format!(
        "{goes_to} {} ({}; region: {}; kept: {}; shared with: {}).",
        sdk.endpoint, sdk.operator, sdk.region, sdk.retention, sdk.shared_with
    ));
    let (env, command) = (sdk.env, sdk.command);
    let variables = format!("{env}_TELEMETRY_DISABLED=1 or DO_NOT_TRACK=1");
    let off = match (sdk.default, command) {
        (DefaultConsent::On, None) => format!("Turn it off: {variables}."),
        (DefaultConsent::On, Some(command)) => format!("Turn it off: `{command} off`, {variables}."),
        (DefaultConsent::Off, None) => format!(
            "It is off unless you turn it on, where the program asks you or in its settings. \
             Turn it off again: there, or {variables}."
        ),
        (DefaultConsent::Off, Some(command)) => {
            format!("It is off unless you turn it on: `{command} on`. Turn it off again: `{command} off`, {variables}.")
        }
    };
    let see = match command {
        None => format!("{env}_TELEMETRY_DEBUG=1"),
        Some(command) => format!("`{command} preview` or {env}_TELEMETRY_DEBUG=1"),
    };
    lines.push(format!("{off} See it without sending: {see}."));
    lines.push(format!("Everything that is collected: {}. Questions: {}.", sdk.docs, sdk.contact));
    // The words are those of a binary, which a tool may have read from anywhere.
    let mut text = String::new();
    for line in &lines {
        text.push_str(if text.is_empty() { "" } else { "\n" });
        text.push_str(&shown::clean(line));
    }
    text
}

/// Whether the user of these events has levels to choose from: one of them says so.
pub fn has_levels<'a>(events: impl IntoIterator<Item = &'a EventDescriptor>) -> bool {
    events.into_iter().any(|event| event.declared_level.is_some())
}

/// The levels, where there are any; off first.
fn levels(sdk: &Subject<'_>, events: &[EventDescriptor]) -> Option<String> {
    if !has_levels(events) {
        return None;
    }
    let mut basic: Vec<_> = events
        .iter()
        .filter(|event| sdk.declares().level_of(event) == Level::Basic)
        .map(|event| event.event.as_str())
        .collect();
    order::set(&mut basic);
    let basic = if basic.is_empty() { "nothing".to_owned() } else { names::events(&basic) };
    let how = match sdk.command {
        Some(_) => "; the commands are `off`, `on --level basic` and `on --level usage`",
        None => "",
    };
    Some(format!(
        "You choose how much: off, nothing; basic, {basic}; usage, all of it, which holds if you choose nothing{how}."
    ))
}

#[cfg(test)]
mod tests;
