//! Rules for `#[derive(TrackCommand)]`.

use std::collections::BTreeSet;

use proc_macro2::Span;
use syn::LitStr;

use super::{MAX_NAME, common, field::key_is_free, is_key, no_generics, only_one};
use crate::{
    ast::{Command, CommandBody, OTHER, Part, PartBody, Spelt, Subcommand, SubcommandBody},
    errors::Errors,
};

pub(crate) fn check(command: &Command, errors: &mut Errors) {
    is_what_clap_takes(command, errors);
    no_generics(&command.generics, "a command line", errors);
    match &command.body {
        CommandBody::Args(parts) => check_parts(parts, errors),
        CommandBody::Commands(commands) => {
            names_of_commands(commands, errors);
            for command in commands {
                if let SubcommandBody::Fields(parts) = &command.body {
                    check_parts(parts, errors);
                }
            }
        }
        CommandBody::Tuple(_) | CommandBody::Union(_) => {}
    }
    if let Some(event) = &command.args.event {
        common::check(&event.common, errors);
        if errors.is_empty() {
            only_one::command(command, errors);
        }
    }
}

/// clap's derives take enums and structs with names.
fn is_what_clap_takes(command: &Command, errors: &mut Errors) {
    match &command.body {
        CommandBody::Args(_) | CommandBody::Commands(_) => {}
        CommandBody::Tuple(fields) => {
            errors.on(fields, "arguments need names, as clap has it: `struct Build { release: bool }`");
        }
        CommandBody::Union(token) => {
            errors.on(token, "a command line is an enum or a struct: write `struct` for `union`")
        }
    }
}

/// The keys that a report has beside its flags.
const REPORT: [&str; 3] = ["command", "outcome", "duration"];

fn check_parts(parts: &[Part], errors: &mut Errors) {
    let mut seen = BTreeSet::new();
    for part in parts {
        if let PartBody::Flag(flag) = &part.body {
            if let Spelt::As(text, written) = &flag.name
                && REPORT.contains(&text.as_str())
            {
                let span = written.as_ref().map_or_else(|| part.ident.span(), LitStr::span);
                errors.at(
                    span,
                    format!("`{text}` is a key of the report itself; call the flag by another name: `--{text}`"),
                );
                continue;
            }
            if let Spelt::As(text, written) = &flag.name {
                key_is_free(text, written.as_ref().map_or_else(|| part.ident.span(), LitStr::span), errors);
            }
            name(&flag.name, part.ident.span(), "flag", is_key, &mut seen, errors);
        }
    }
}

fn names_of_commands(commands: &[Subcommand], errors: &mut Errors) {
    let mut seen = BTreeSet::new();
    if commands.iter().any(|command| matches!(command.body, SubcommandBody::Other)) {
        seen.insert(OTHER.to_owned());
    }
    for command in commands {
        match command.body {
            SubcommandBody::Other | SubcommandBody::LeftOut | SubcommandBody::Flattened(_) => {}
            SubcommandBody::Nothing
            | SubcommandBody::Fields(_)
            | SubcommandBody::Args(_)
            | SubcommandBody::Nested(_) => {
                name(&command.name, command.ident.span(), "command", is_name, &mut seen, errors);
            }
        }
    }
}

/// As for variants of any enum.
fn is_name(name: &str) -> bool {
    (1..=MAX_NAME).contains(&name.len()) && !name.chars().any(char::is_control)
}

/// What is sent is known to the macro, can be sent, and tells one from another.
fn name(
    name: &Spelt,
    ident: Span,
    what: &str,
    fits: impl Fn(&str) -> bool,
    seen: &mut BTreeSet<String>,
    errors: &mut Errors,
) {
    match name {
        Spelt::Computed(expression) => errors.on(
            expression,
            format!("the name of this {what} is sent and stands in the binary: add `#[telemetry(rename = \"name\")]`"),
        ),
        Spelt::As(text, written) => {
            let span = written.as_ref().map_or(ident, LitStr::span);
            if !fits(text) {
                let message = format!(
                    "the name of this {what} cannot be sent: 1 to {MAX_NAME} of the characters A-Z a-z 0-9 _ . -; \
                     add `#[telemetry(rename = \"name\")]`"
                );
                errors.at(span, message);
            } else if !seen.insert(text.clone()) {
                errors.at(span, format!("two {what}s are called `{text}`; rename one: `#[telemetry(rename = \"…\")]`"));
            }
        }
    }
}
