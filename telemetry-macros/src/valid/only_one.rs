//! Names that a crate may use once.
//!
//! Two events of one name, or two functions of one component or method, are counted as one, and recorded not at all where
//! their fields differ. They may stand anywhere in a crate, in bodies and in `impl` blocks, where no item that an expansion
//! writes can meet another one without becoming part of the author's API. So the macros remember what they have expanded:
//! a compiler is one process for one crate. Programs that expand macros of many crates, as editors do, are told nothing.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use syn::{LitStr, ext::IdentExt as _};

use crate::{
    ast::{Command, Event, Function, Track},
    attr::Common,
    case::Case,
    errors::Errors,
};

/// Where each key of this crate was first seen.
static SEEN: Mutex<BTreeMap<String, String>> = Mutex::new(BTreeMap::new());

/// The programs that compile one crate and end.
const COMPILERS: [&str; 3] = ["rustc", "clippy-driver", "rustdoc"];

/// Refuses a second event of this name in the crate.
pub(super) fn event(event: &Event, errors: &mut Errors) {
    let common = &event.args.common;
    let name = event_name(event);
    let span = common.name.as_ref().map_or(event.ident.span(), LitStr::span);
    if let Some(other) = first_place(key_of_event(event), &event.at) {
        let message = format!(
            "two events of this crate are called `{name}`, the other one at {other}; \
             call this one something else: `#[telemetry_event(name = \"…\")]`"
        );
        errors.at(span, message);
    }
}

/// Refuses a second command line of this name in the crate: each report would count for both.
pub(super) fn command(command: &Command, errors: &mut Errors) {
    let Some(event) = &command.args.event else { return };
    let own = if event.outcome.is_some() { "command_ended" } else { "command_succeeded" };
    let name = event.common.name.as_ref().map_or_else(|| own.to_owned(), LitStr::value);
    let span = event.common.name.as_ref().map_or(command.ident.span(), LitStr::span);
    if let Some(other) = first_place(format!("event {} {}", words(&name), sdk(&event.common)), &command.at) {
        let message = format!(
            "two events of this crate are called `{name}`, the other one at {other}; \
             call this one something else: `#[telemetry(event(name = \"…\"))]`"
        );
        errors.at(span, message);
    }
}

/// Refuses a second function of this component or method in the crate. The attribute cannot see the type that would tell two
/// methods apart.
pub(super) fn function(function: &Function, errors: &mut Errors) {
    let key = function.track.key();
    let name = function.discriminant();
    let span = function.args.discriminant.as_ref().map_or(function.ident.span(), LitStr::span);
    if let Some(other) = first_place(key_of_function(function), &function.at) {
        let attribute = function.track.attribute();
        let message = format!(
            "two {key}s of this crate are called `{name}` and would be counted as one, the other one at {other}; \
             call this one something else: `#[{attribute}({key} = \"…\")]`"
        );
        errors.at(span, message);
    }
}

/// The place of an earlier one of this key; the first one is remembered.
fn first_place(key: String, at: &str) -> Option<String> {
    if !is_a_compiler() {
        return None;
    }
    let mut seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    let other = seen.get(&key).cloned();
    seen.entry(key).or_insert_with(|| at.to_owned());
    other
}

fn is_a_compiler() -> bool {
    let program = std::env::current_exe().unwrap_or_default();
    let name = program.file_stem().unwrap_or_default().to_string_lossy();
    COMPILERS.iter().any(|compiler| name == *compiler)
}

/// Names that differ in case or separators only may meet on the wire; those with other characters cannot.
fn event_name(event: &Event) -> String {
    let name = match &event.args.common.name {
        Some(name) => name.value(),
        None => event.ident.unraw().to_string(),
    };
    words(&name)
}

fn words(name: &str) -> String {
    let words = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if words { Case::Snake.spell(name) } else { name.to_owned() }
}

fn key_of_event(event: &Event) -> String {
    format!("event {} {}", event_name(event), sdk(&event.args.common))
}

/// Events of other names have keys of their own.
pub(crate) fn key_of_function(function: &Function) -> String {
    let own = match function.track {
        Track::Mount => "component_mounted",
        Track::Call => "method_called",
    };
    let event = function.args.common.name.as_ref().map_or_else(|| own.to_owned(), LitStr::value);
    let key = function.track.key();
    format!("{key} {} {event} {}", function.discriminant(), sdk(&function.args.common))
}

/// Two SDKs of one crate may use one name; they are told apart by their paths as far as these say more than where to look.
fn sdk(common: &Common) -> String {
    let segments = common.sdk.iter().flat_map(|path| &path.segments);
    let names = segments.map(|segment| segment.ident.unraw().to_string());
    let telling = names.filter(|name| !["crate", "$crate", "self", "super", "TELEMETRY"].contains(&name.as_str()));
    telling.collect::<Vec<_>>().join("::")
}
