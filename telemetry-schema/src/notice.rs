//! What a user is told before anything is recorded, in the words of the program itself.
//!
//! The running program prints this text, and `cargo telemetry docs --notice` makes the same from the records in the
//! binary.

mod names;
mod nature;
mod subject;

pub use nature::Nature;
pub use subject::Subject;

use std::borrow::Cow;

use crate::{DefaultConsent, EventDescriptor, Level, SdkDescriptor, cut, order, shown};

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
    let names = events.iter().map(|event| event.event.as_str()).collect();
    let nature = Nature::of(sdk, events);
    let (kind, mut more) = (nature.kind(), nature.sentences());
    more.extend(levels(sdk, events));
    text_by_parts(sdk, names, kind, more, news, &in_a_program(sdk), Some(shown::clean))
}

/// How it is turned off in a web page, which has no variables, and what the browser adds by itself.
pub const IN_A_PAGE: &str = "Turn it off: where this page asks you or in its settings, or in your browser by Global Privacy Control or Do Not Track. \
                             Your browser adds the origin of the page, and its own name, version and language.";

/// How it is turned off in a program.
fn in_a_program(sdk: &Subject<'_>) -> String {
    let env = &sdk.env;
    let is_off = "It is off unless you turn it on";
    let off = match (sdk.default, sdk.command.as_deref()) {
        (DefaultConsent::On, None) => "Turn it off: ".to_owned(),
        (DefaultConsent::On, Some(command)) => cut::joined(&["Turn it off: `", command, " off`, "]),
        (DefaultConsent::Off, None) => {
            cut::joined(&[is_off, ", where the program asks you or in its settings. Turn it off again: there, or "])
        }
        (DefaultConsent::Off, Some(command)) => {
            cut::joined(&[is_off, ": `", command, " on`. Turn it off again: `", command, " off`, "])
        }
    };
    let see = match sdk.command.as_deref() {
        None => String::new(),
        Some(command) => cut::joined(&["`", command, " preview` or "]),
    };
    cut::joined(&[
        &off,
        env,
        "_TELEMETRY_DISABLED=1 or DO_NOT_TRACK=1. See it without sending: ",
        &see,
        env,
        "_TELEMETRY_DEBUG=1.",
    ])
}

/// The same, where somebody knows the names of the events, [`Nature::kind`] of them, and what more is to be said: the sentences of
/// [`Nature::sentences`] and [`levels`]. `stop` says how it is turned off, as [`IN_A_PAGE`] does. `clean` is [`shown::clean`], or nothing where every word is known to need none.
pub fn text_by_parts(
    sdk: &Subject<'_>,
    mut names: Vec<&str>,
    kind: &str,
    more: Vec<String>,
    news: &[String],
    stop: &str,
    clean: Option<fn(&str) -> Cow<'_, str>>,
) -> String {
    order::set(&mut names);
    let mut text = String::new();
    let mut line = |parts: &[&str]| {
        text.push_str(if text.is_empty() { "" } else { "\n" });
        let line = cut::joined(parts);
        // The words are those of a binary, which a tool may have read from anywhere.
        text.push_str(&clean.map_or(Cow::Borrowed(line.as_str()), |clean| clean(&line)));
    };
    line(&[&sdk.sdk, " collects ", kind, ": ", &names::events(&names), "."]);
    if !news.is_empty() {
        line(&["New since you were last told: ", &names::news(news), "."]);
    }
    more.iter().for_each(|sentence| line(&[sentence]));
    let goes_to = if sdk.custom_transport { "The vendor names as its destination " } else { "It goes to " };
    let Subject { endpoint, operator, region, retention, shared_with, .. } = sdk;
    line(&[
        goes_to,
        endpoint,
        " (",
        operator,
        "; region: ",
        region,
        "; kept: ",
        retention,
        "; shared with: ",
        shared_with,
        ").",
    ]);
    line(&[stop]);
    line(&["Everything that is collected: ", &sdk.docs, ". Questions: ", &sdk.contact, "."]);
    text
}

/// Whether the user of these events has levels to choose from: one of them says so.
pub fn has_levels<'a>(events: impl IntoIterator<Item = &'a EventDescriptor>) -> bool {
    events.into_iter().any(|event| event.declared_level.is_some())
}

/// The levels, where there are any; off first.
pub fn levels(sdk: &Subject<'_>, events: &[EventDescriptor]) -> Option<String> {
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
