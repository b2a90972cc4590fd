//! Rules for `#[track_mount]` and `#[track_call]`.

mod parameter;

use std::collections::HashSet;

use syn::{Attribute, LitStr, Meta, Path};

use super::{common, field, only_one};
use crate::{
    ast::{Function, Track, key},
    attr::{COUNT, Prop},
    errors::Errors,
};

pub(crate) fn check(function: &Function, errors: &mut Errors) {
    let args = &function.args;
    runs_at_run_time(function, errors);
    has_a_prologue(function, errors);
    stands_alone(function, errors);
    common::check(&args.common, errors);
    common::name_is_plain(args.discriminant.as_ref(), discriminant(function.track), errors);
    default_name_is_plain(function, errors);
    keys_differ(function, errors);
    parameter::props_are_parameters(function, errors);
    if args.is_counter {
        common::counter_has_no_throttle(&args.common, errors);
        count_is_free(function, errors);
    }
    if errors.is_empty() {
        only_one::function(function, errors);
    }
}

fn discriminant(track: Track) -> &'static str {
    match track {
        Track::Mount => "a component's name",
        Track::Call => "a method's name",
    }
}

/// The compiler may run a `const fn`, and the compiler has no user to ask.
fn runs_at_run_time(function: &Function, errors: &mut Errors) {
    if let Some(span) = function.constness {
        let attribute = function.track.attribute();
        errors.at(span, format!("`#[{attribute}]` records at run time and cannot go on a `const fn`; remove `const`, or `#[{attribute}]`"));
    }
}

/// A naked function consists of assembly alone.
fn has_a_prologue(function: &Function, errors: &mut Errors) {
    if let Some(naked) = function.attributes.iter().find(|attribute| is_naked(attribute)) {
        let attribute = function.track.attribute();
        errors.on(naked, format!("a naked function holds assembly only; remove `#[{attribute}]`"));
    }
}

/// `#[naked]` or `#[unsafe(naked)]`.
fn is_naked(attribute: &Attribute) -> bool {
    attribute.path().is_ident("naked")
        || matches!(&attribute.meta, Meta::List(list)
            if list.path.is_ident("unsafe") && list.tokens.to_string() == "naked")
}

/// One call of a function is one event.
fn stands_alone(function: &Function, errors: &mut Errors) {
    let ours = |path: &Path| {
        let last = path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
        [Track::Mount, Track::Call].iter().any(|track| track.attribute() == last)
    };
    if let Some(second) = function.attributes.iter().find(|attribute| ours(attribute.path())) {
        errors.on(second, "a function records one event; remove `#[track_mount]` or `#[track_call]`");
    }
}

/// A name made from the function's is held to the same rule as one that is written.
fn default_name_is_plain(function: &Function, errors: &mut Errors) {
    if function.args.discriminant.is_none() {
        let name = function.discriminant();
        let key = function.track.key();
        let name = LitStr::new(&name, function.ident.span());
        if !super::is_event_name(&name.value()) {
            errors.on(&name, format!("this name cannot be sent as it is; give another one: `{key} = \"…\"`"));
        }
    }
}

/// What a prop under another key would be: the parameter, or the expression that stands there.
fn value(prop: &Prop) -> String {
    prop.passed.as_ref().map_or_else(|| prop.key.to_string(), |_| "…".to_owned())
}

/// The last key of a counter is its own.
fn count_is_free(function: &Function, errors: &mut Errors) {
    let case = function.args.common.rename_all.map(|case| case.value);
    if let Some(prop) = function.args.props.iter().find(|prop| key(&prop.key, case) == COUNT) {
        let message =
            format!("`{COUNT}` is the key of the counter itself; give the prop another one: `items = {}`", value(prop));
        errors.at(prop.key.span(), message);
    }
}

/// The first key is taken.
fn keys_differ(function: &Function, errors: &mut Errors) {
    let case = function.args.common.rename_all.map(|case| case.value);
    let first = function.track.key();
    let mut keys = HashSet::new();
    for prop in &function.args.props {
        let (name, span) = (key(&prop.key, case), prop.key.span());
        field::key_is_plain(&name, span, errors);
        if name == first || prop.key == first {
            errors.at(
                span,
                format!(
                    "`{first}` is the key of the event itself; call the prop by another name: `{first}_passed = {}`",
                    value(prop)
                ),
            );
        } else if keys.contains(&name) {
            errors.at(span, format!("two props have the key `{name}`; remove one, or call it `other = …`"));
        }
        keys.insert(name);
    }
}
