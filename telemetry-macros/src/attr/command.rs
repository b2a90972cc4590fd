//! `#[telemetry(…)]` on what derives `TrackCommand`.

use syn::{Ident, LitStr, Path, Type, parse::ParseStream};

use super::{Common, Fault, Words, group, path, text};
use crate::errors::Errors;

/// The attributes of the item.
#[derive(Default)]
pub(crate) struct CommandArgs {
    /// What is reported of the whole command line; only its root says so.
    pub(crate) event: Option<CommandEvent>,
    pub(crate) crate_path: Option<Path>,
}

impl Words for CommandArgs {
    const KNOWN: &'static [(&'static str, &'static str)] =
        &[("event", "event"), ("crate", "crate = telemetry_runtime")];

    fn elsewhere(word: &str) -> Option<String> {
        let example = super::example::<CommandEvent>(word)?;
        Some(format!("`{word}` belongs to the event: `#[telemetry(event({example}))]`"))
    }

    fn word(&mut self, word: &Ident, input: ParseStream<'_>, errors: &mut Errors) -> Result<(), Fault> {
        if word == "crate" {
            self.crate_path = Some(path(input)?);
            return Ok(());
        }
        let mut event = CommandEvent::default();
        if input.peek(syn::token::Paren) {
            let content = group::parenthesized(input)?;
            super::parse(content.parse()?, &mut event, &mut Vec::new(), errors);
        }
        self.event = Some(event);
        Ok(())
    }
}

/// `event(…)`: the words of events, and what a report may say of the end of a command.
#[derive(Default)]
pub(crate) struct CommandEvent {
    pub(crate) common: Common,
    /// The author's enum of failures.
    pub(crate) outcome: Option<Type>,
    pub(crate) duration: bool,
}

impl Words for CommandEvent {
    const KNOWN: &'static [(&'static str, &'static str)] = &[
        ("name", "name = \"command_succeeded\""),
        ("outcome", "outcome = Failure"),
        ("duration", "duration"),
        ("sample", "sample = 0.1"),
        ("throttle", "throttle = Rolling(24 h)"),
        ("level", "level = Basic"),
        ("owner", "owner = \"cli-team\""),
        ("purpose", "purpose = \"which commands to keep\""),
        ("reviewed", "reviewed = \"https://acme.example/reviews/1\""),
        ("since", "since = \"1.2.0\""),
        ("expires", "expires = \"2027-06-30\""),
        ("sdk", "sdk = crate::TELEMETRY"),
    ];

    fn word(&mut self, word: &Ident, input: ParseStream<'_>, _: &mut Errors) -> Result<(), Fault> {
        match word.to_string().as_str() {
            "outcome" => {
                input.parse::<syn::Token![=]>()?;
                self.outcome = Some(input.parse()?);
            }
            "duration" => self.duration = true,
            _ => {
                self.common.word(word, input)?;
            }
        }
        Ok(())
    }
}

/// The attributes of a command.
#[derive(Default)]
pub(crate) struct SubcommandArgs {
    pub(crate) rename: Option<LitStr>,
    pub(crate) skip: bool,
}

impl Words for SubcommandArgs {
    const KNOWN: &'static [(&'static str, &'static str)] = &[("rename", "rename = \"name\""), ("skip", "skip")];

    fn word(&mut self, word: &Ident, input: ParseStream<'_>, _: &mut Errors) -> Result<(), Fault> {
        if word == "skip" {
            self.skip = true;
        } else {
            self.rename = Some(text(input)?);
        }
        Ok(())
    }
}
