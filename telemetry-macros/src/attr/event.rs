//! `#[telemetry_event(…)]`.

use proc_macro2::TokenStream;
use syn::{Ident, Token, parse::ParseStream};

use super::{At, Common, Fault, Words, choice, group};
use crate::{errors::Errors, near};

/// What an event struct reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EventKind {
    Event,
    Command,
    Start,
    Counter,
}

/// The arguments of `#[telemetry_event]`.
#[derive(Default)]
pub(crate) struct EventArgs {
    pub(crate) common: Common,
    pub(crate) kind: Option<At<EventKind>>,
}

impl EventArgs {
    /// Reads what can be read; the derive reports the mistakes.
    pub(crate) fn peek(tokens: &TokenStream) -> Self {
        let mut args = Self::default();
        super::parse(tokens.clone(), &mut args, &mut Vec::new(), &mut Errors::default());
        args
    }
}

impl Words for EventArgs {
    const KNOWN: &'static [(&'static str, &'static str)] = &[
        ("name", "name = \"component_mounted\""),
        ("rename_all", "rename_all = \"camelCase\""),
        ("sample", "sample = 0.1"),
        ("throttle", "throttle = Rolling(24 h)"),
        ("level", "level = Basic"),
        ("kind", "kind = Event"),
        ("owner", "owner = \"ui-team\""),
        ("purpose", "purpose = \"which components to keep\""),
        ("reviewed", "reviewed = \"https://acme.example/reviews/1\""),
        ("since", "since = \"1.2.0\""),
        ("expires", "expires = \"2027-06-30\""),
        ("sdk", "sdk = crate::TELEMETRY"),
        ("crate", "crate = telemetry_runtime"),
    ];

    fn elsewhere(word: &str) -> Option<String> {
        super::on_a_field(word)
    }

    fn word(&mut self, word: &Ident, input: ParseStream<'_>, _: &mut Errors) -> Result<(), Fault> {
        if self.common.word(word, input)? {
            return Ok(());
        }
        input.parse::<Token![=]>()?;
        let known = [
            ("Event", EventKind::Event),
            ("Command", EventKind::Command),
            ("Start", EventKind::Start),
            ("Counter", EventKind::Counter),
        ];
        self.kind = Some(choice(input, "kind", &known)?);
        Ok(())
    }
}

/// The `#[telemetry(event(…))]` in which the attribute hands its arguments to the derive.
#[derive(Default)]
pub(crate) struct EventHelper(pub(crate) EventArgs);

impl Words for EventHelper {
    const KNOWN: &'static [(&'static str, &'static str)] = &[(super::EVENT, "event(…)")];

    fn elsewhere(word: &str) -> Option<String> {
        let known = super::example::<EventArgs>(word).or_else(|| {
            let known = EventArgs::KNOWN.iter().map(|(known, _)| *known);
            near::closest(word, known).and_then(super::example::<EventArgs>)
        });
        let on_a_field = super::on_a_field(word);
        on_a_field.or_else(|| {
            known.map(|known| format!("`{word}` goes into the other attribute: `#[telemetry_event({known})]`"))
        })
    }

    fn word(&mut self, _: &Ident, input: ParseStream<'_>, errors: &mut Errors) -> Result<(), Fault> {
        let content = group::parenthesized(input)?;
        super::parse(content.parse()?, &mut self.0, &mut Vec::new(), errors);
        Ok(())
    }
}
