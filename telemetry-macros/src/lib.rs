//! The macros of `telemetry-runtime`: use them from there, where they are documented with examples.
//!
//! Each entry point takes the same way: `groups` makes ordinary tokens of fragments, `attr` and `ast` parse, `valid` checks every rule and gathers all mistakes,
//! `expand` writes code. An item with mistakes is emitted as it was, with a message for each mistake and, where code
//! elsewhere relies on an implementation, a stand-in for it.
//!
//! This crate has no features and no `cfg`: it is compiled for the build host, where neither the features nor the flags
//! of the target arrive. Whether telemetry is compiled in is decided by `telemetry_veto::choose!` in the expansion.

mod ast;
mod attr;
mod case;
mod conditional;
mod date;
mod digest;
mod errors;
mod expand;
mod groups;
mod json;
mod leaves;
mod location;
mod near;
mod prop_sets;
mod record;
mod runtime_name;
mod valid;

use proc_macro::TokenStream;
use proc_macro2::TokenStream as Tokens;

use crate::errors::Errors;

#[doc = include_str!("../docs/sdk.md")]
#[proc_macro]
pub fn sdk(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let args = attr::SdkArgs::of(groups::resolved(input.into()), &mut errors);
    let start = location::start(proc_macro2::Span::call_site());
    runtime_name::check(args.crate_path.as_ref(), start, |name| format!("crate: {name},"), &mut errors);
    valid::sdk(&args, &mut errors);
    let at = location::of(proc_macro2::Span::call_site());
    match expand::sdk(&args, &at) {
        Some(expression) if errors.is_empty() => expression.into(),
        _ => {
            let errors = errors.render();
            quote::quote!({ #errors }).into()
        }
    }
}

/// The expansion of `record!`.
#[doc(hidden)]
#[proc_macro]
pub fn record_event(input: TokenStream) -> TokenStream {
    record::expand(groups::resolved(input.into())).into()
}

#[doc = include_str!("../docs/telemetry_event.md")]
#[doc = include_str!("../docs/fields.md")]
#[doc = include_str!("../docs/telemetry_event_examples.md")]
#[proc_macro_attribute]
pub fn telemetry_event(args: TokenStream, item: TokenStream) -> TokenStream {
    let (args, item) = (groups::resolved(args.into()), groups::resolved(item.into()));
    let mut errors = Errors::default();
    ast::Event::check_item(&item, &mut errors);
    if errors.is_empty() {
        return expand::event_attribute(&attr::EventArgs::peek(&args), &args, &item).into();
    }
    with_item(&errors, item)
}

/// Implements `Event`; `#[telemetry_event]` puts it on its item.
#[doc(hidden)]
#[proc_macro_derive(DeriveEvent, attributes(telemetry))]
pub fn derive_event(item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let Some(event) = ast::Event::parse(groups::resolved(item.into()), &mut errors) else {
        return errors.render().into();
    };
    valid::event(&event, &mut errors);
    let written = |name: &str| format!("#[telemetry_event(crate = {name})]");
    runtime_name::check(event.args.common.crate_path.as_ref(), proc_macro2::Span::call_site(), written, &mut errors);
    if errors.is_empty() { expand::event(&event).into() } else { with_item(&errors, expand::event_stand_in(&event)) }
}

#[doc = include_str!("../docs/telemetry_value.md")]
#[doc = include_str!("../docs/fields.md")]
#[doc = include_str!("../docs/telemetry_value_examples.md")]
#[proc_macro_derive(TelemetryValue, attributes(telemetry))]
pub fn derive_telemetry_value(item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let Some(value) = ast::Value::parse(groups::resolved(item.into()), &mut errors) else {
        return errors.render().into();
    };
    valid::value(&value, &mut errors);
    let written = |name: &str| format!("#[telemetry(crate = {name})]");
    runtime_name::check(value.args.crate_path.as_ref(), proc_macro2::Span::call_site(), written, &mut errors);
    if errors.is_empty() { expand::value(&value).into() } else { with_item(&errors, expand::value_stand_in(&value)) }
}

#[doc = include_str!("../docs/track_command.md")]
#[doc = include_str!("../docs/track_command_examples.md")]
#[proc_macro_derive(TrackCommand, attributes(telemetry))]
pub fn derive_track_command(item: TokenStream) -> TokenStream {
    if runtime_name::is_build_script() {
        return TokenStream::new();
    }
    let mut errors = Errors::default();
    let Some(command) = ast::Command::parse(groups::resolved(item.into()), &mut errors) else {
        return errors.render().into();
    };
    valid::command(&command, &mut errors);
    let written = |name: &str| format!("#[telemetry(crate = {name})]");
    runtime_name::check(command.args.crate_path.as_ref(), proc_macro2::Span::call_site(), written, &mut errors);
    if errors.is_empty() {
        expand::command(&command).into()
    } else {
        with_item(&errors, expand::command_stand_in(&command))
    }
}

#[doc = include_str!("../docs/track_mount.md")]
#[proc_macro_attribute]
pub fn track_mount(args: TokenStream, item: TokenStream) -> TokenStream {
    track(ast::Track::Mount, args.into(), item.into())
}

#[doc = include_str!("../docs/prop_set.md")]
#[proc_macro]
pub fn prop_set(input: TokenStream) -> TokenStream {
    prop_sets::declare(groups::resolved(input.into())).into()
}

#[doc = include_str!("../docs/track_call.md")]
#[proc_macro_attribute]
pub fn track_call(args: TokenStream, item: TokenStream) -> TokenStream {
    track(ast::Track::Call, args.into(), item.into())
}

fn track(track: ast::Track, args: Tokens, item: Tokens) -> TokenStream {
    let (args, item) = (groups::resolved(args), groups::resolved(item));
    if let Some(item) = prop_sets::ask(track, &args, &item) {
        return item.into();
    }
    let args = prop_sets::answered(&args, &item);
    if let Some(item) = conditional::split(track, &args, &item) {
        return item.into();
    }
    let mut errors = Errors::default();
    if let Some(function) = ast::Function::parse(track, args.clone(), &item, &mut errors) {
        valid::function(&function, &mut errors);
        let written = |name: &str| format!("#[{}(crate = {name})]", track.attribute());
        let span = proc_macro2::Span::call_site();
        runtime_name::check(function.args.common.crate_path.as_ref(), span, written, &mut errors);
        if errors.is_empty() {
            return expand::function(&function).into();
        }
        return with_item(&errors, expand::function_stand_in(&function, &args));
    }
    if ast::Function::is_closure(&item) {
        // The message alone before it would be one expression with it.
        let errors = errors.render();
        return quote::quote!({ #errors #item }).into();
    }
    with_item(&errors, item)
}

/// The mistakes, and the item that has them.
fn with_item(errors: &Errors, item: Tokens) -> TokenStream {
    let mut tokens = errors.render();
    tokens.extend(item);
    tokens.into()
}
