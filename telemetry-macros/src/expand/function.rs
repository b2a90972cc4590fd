//! `#[track_mount]` and `#[track_call]`: one statement at the start of a body that otherwise stays as it is.

use proc_macro2::{Delimiter, Group, Ident, Literal, Spacing, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, quote_spanned};
use syn::{Path, ext::IdentExt as _};

use super::{
    Meta, Told, choose, declare_sdk,
    event::{count_digest, count_field, event_digest, event_name, sdk_name},
    mention_sdk, ours, private,
    record::{self, Head, Text},
    sdk_path, statics,
};
use crate::{
    ast::{Function, Track, in_future, key},
    attr::{Prop, TrackArgs},
    digest, json,
};

/// The function with the statement in it.
pub(crate) fn expand(function: &Function) -> TokenStream {
    let statement = statement(function);
    let Function { inner, rest, .. } = function;
    let is_async = function.head.iter().any(|tree| matches!(tree, TokenTree::Ident(word) if word == "async"));
    let future = if is_async { None } else { in_future(rest, &statement) };
    let body = future.map_or_else(|| ours!(#inner #statement #rest), |future| ours!(#inner #future));
    with_body(function, body)
}

/// The function with another body in the braces of its own.
fn with_body(function: &Function, content: TokenStream) -> TokenStream {
    let mut body = Group::new(function.body.delimiter(), content);
    body.set_span(function.body.span());
    function.head.iter().cloned().chain([TokenTree::Group(body)]).collect()
}

/// The function beside its mistakes. It mentions the parameters that `args` mention, so that nobody is told as well that one is unused.
pub(crate) fn stand_in(function: &Function, args: &TokenStream) -> TokenStream {
    let Function { inner, rest, .. } = function;
    let mut mentioned = function.parameters.iter().filter(|parameter| mentions(args.clone(), parameter)).peekable();
    let statement = mentioned.peek().is_some().then(|| ours!(if false { let _ = (#(&#mentioned,)*); }));
    with_body(function, ours!(#inner #statement #rest))
}

fn statement(function: &Function) -> TokenStream {
    let common = &function.args.common;
    let private = private(common.crate_path.as_ref());
    let (kind, name) = match function.track {
        Track::Mount => ("Mount", "component_mounted"),
        Track::Call => ("Call", "method_called"),
    };
    let is_counter = function.args.is_counter;
    let kind = if is_counter { "Counter" } else { kind };
    let (sdk, declared) = (sdk_path(), declare_sdk(&private, common));
    let discriminant = function.discriminant();
    let meta = Meta::new(kind, common);
    let head = Head {
        event: event_name(&private, common, name, &sdk),
        sdk: sdk_name(&private, &sdk),
        discriminant: Some(&discriminant),
        is_struct: false,
        doc: &function.doc,
        at: &function.at,
    };
    let text = record::event(&private, head, &meta, common, |text| fields(text, function, &discriminant));
    let told = Told {
        sdk: ours!(#sdk.info.name_digest),
        event: event_digest(&private, common, name, &sdk),
        discriminant: digest::text(&discriminant),
        fields: field_digests(&private, function, &discriminant),
        texts: Vec::new(),
    };
    let statics = statics(&private, &sdk, &text.parts(), &meta, &told);
    let props = &function.args.props;
    // Two bytes for the discriminant and for a count, one for each prop.
    let bytes = if is_counter { 4 } else { 2 };
    let room = Literal::usize_unsuffixed((bytes + props.len()).div_ceil(8));
    // Each is one; whoever keeps the sum replaces it.
    let count = is_counter.then(|| ours!(#private::Sink::variant(&mut __telemetry_sink, 1);));
    let present = props.iter().map(|prop| is_present(&private, &function.args, prop));
    let handle = ours! {
        // The items stand in a block of their own, where the author's expressions cannot meet their names.
        let __telemetry_handle = const {
            #declared
            #statics
            #private::Handle { state: #sdk.state, meta: &__TELEMETRY_META }
        };
    };
    let (mentioned, unused) = (mention_sdk(&private, common), unused(&private, function));
    let Some(on_mount) = &function.args.on_mount else {
        let live = ours! {
            {
                #handle
                if let #private::Some(__telemetry_admitted) = #private::admits(&__telemetry_handle) {
                    let mut __telemetry_room = [[0; 8]; #room];
                    let mut __telemetry_sink = #private::Sink::over(__telemetry_admitted, &mut __telemetry_room);
                    #private::Sink::variant(&mut __telemetry_sink, 0);
                    #(#private::Sink::bool(&mut __telemetry_sink, #present);)*
                    #count
                    #private::submit(__telemetry_handle.meta, __telemetry_sink);
                }
            }
        };
        return choose(&private, &live, &ours!(#mentioned #unused));
    };
    let count = Literal::usize_unsuffixed(props.len());
    let live = ours! {
        {
            #handle
            let __telemetry_passed: #private::core::option::Option<[bool; #count]> =
                if #private::is_off(&__telemetry_handle) {
                    #private::core::option::Option::None
                } else {
                    #private::core::option::Option::Some([#(#present),*])
                };
            move || #private::mounted(__telemetry_handle, __telemetry_passed)
        }
    };
    // A function and no closure where telemetry is compiled out: a closure would have a number.
    let mount = choose(&private, &live, &ours!(#private::nothing));
    let gone = choose(&private, &TokenStream::new(), &ours!(#mentioned #unused break '__telemetry_mount;));
    let handed = hand(&private, on_mount, &mount);
    // The framework is handed the mount each time, off or not: hooks are told apart by their order. The call stands outside of macros, under no
    // condition: Yew rewrites the calls of hooks that it finds in a body. Where telemetry is compiled out it is behind a `break`, without a mark
    // on unoptimized code.
    ours! {
        '__telemetry_mount: {
            #gone
            #[allow(unreachable_code)]
            let () = #handed;
        }
    }
}

/// The descriptors: the component or method as an enum of one name, then a boolean for each prop.
fn fields(text: &mut Text, function: &Function, discriminant: &str) {
    let first = function.track.key();
    record::field_start(text, true, first);
    text.push(&format!("{{\"enum\":{}}}", json::strings([discriminant])));
    record::field_end(text, &format!("Which {first}."), None, None);
    let case = function.args.common.rename_all.map(|case| case.value);
    for prop in &function.args.props {
        record::field_start(text, false, &key(&prop.key, case));
        text.push("\"bool\"");
        record::field_end(text, &format!("Whether `{}` was passed.", prop.key.unraw()), None, None);
    }
    if function.args.is_counter {
        count_field(text, false);
    }
}

/// The digests of the same fields.
fn field_digests(private: &TokenStream, function: &Function, discriminant: &str) -> Vec<TokenStream> {
    let case = function.args.common.rename_all.map(|case| case.value);
    let digest = |key: &str, of: &str| {
        let (key, of) = (digest::literal(key), digest::literal(of));
        ours!(#private::combine(#key, #of))
    };
    let which = digest(function.track.key(), &format!("enum{}", digest::lengths_and_names([discriminant])));
    let props = function.args.props.iter().map(|prop| digest(&key(&prop.key, case), "bool"));
    let count = function.args.is_counter.then(|| count_digest(private));
    std::iter::once(which).chain(props).chain(count).collect()
}

fn passed(prop: &Prop) -> TokenStream {
    prop.passed.as_ref().map_or_else(|| prop.key.to_token_stream(), |expression| expression.to_token_stream())
}

/// Whether a prop was passed, as an expression: by `present_with` where it is a parameter and the author has one, else by the trait.
fn is_present(private: &TokenStream, args: &TrackArgs, prop: &Prop) -> TokenStream {
    let passed = reference(&passed(prop));
    match &args.present_with {
        Some(present_with) if prop.passed.is_none() => {
            let asked = call(present_with, &passed);
            ours!(#private::Presence::passed(#asked))
        }
        _ => ours!(#private::IsPresent::is_present(#passed)),
    }
}

/// The mount, handed to the author's function.
fn hand(private: &TokenStream, on_mount: &Path, mount: &TokenStream) -> TokenStream {
    let called = call(on_mount, mount);
    ours!(#private::handed(#called))
}

/// `path(argument)`, so that the type checker speaks of the path.
fn call(path: &Path, argument: &TokenStream) -> TokenStream {
    let place = path.segments.last().map_or_else(Span::mixed_site, |last| last.ident.span());
    let mut argument = Group::new(Delimiter::Parenthesis, argument.clone());
    argument.set_span(Span::mixed_site().located_at(place));
    ours!(#path #argument)
}

/// `&(expression)` with the author's places, so that the type checker speaks of the expression.
fn reference(expression: &TokenStream) -> TokenStream {
    let spans: Vec<_> = expression.clone().into_iter().map(|tree| tree.span()).collect();
    let place = |span: Option<&Span>| Span::mixed_site().located_at(span.copied().unwrap_or_else(Span::mixed_site));
    let mut group = Group::new(Delimiter::Parenthesis, expression.clone());
    group.set_span(place(spans.last()));
    quote_spanned!(place(spans.first())=> &#group)
}

/// Mentions what the props mention, so that nobody is told that it is unused; no code comes of it in any profile.
///
/// A call under `if false` would still leave its mark on unoptimized code, as a flag for what is dropped when it unwinds.
/// So only parameters are mentioned there, and the expressions behind a `break`, where they are gone before such flags
/// are made. Closures are numbered within their function, and one more would rename the author's own: a prop with a
/// closure is mentioned by its parameters alone.
fn unused(private: &TokenStream, function: &Function) -> TokenStream {
    let TrackArgs { props, present_with, .. } = &function.args;
    let passed: Vec<_> = props.iter().map(passed).collect();
    let asked = props.iter().filter(|prop| present_with.is_some() && prop.passed.is_none()).map(|prop| {
        let present = is_present(private, &function.args, prop);
        ours!(let _ = #present;)
    });
    let behind: Vec<_> = asked.collect();
    if passed.is_empty() {
        return TokenStream::new();
    }
    let mentioned = |parameter: &&Ident| passed.iter().any(|passed| mentions(passed.clone(), parameter));
    let parameters = function.parameters.iter().filter(mentioned);
    let expressions = passed.iter().filter(|passed| !has_closure((*passed).clone()));
    ours! {
        if false {
            let _ = (#(&#parameters,)*);
            'unreachable: {
                break 'unreachable;
                // The one thing that a crate may not forbid, where telemetry is compiled out and a prop is an expression.
                #[allow(unreachable_code)]
                let _ = (#(&(#expressions),)*);
                #(#[allow(unreachable_code)] #behind)*
            }
        }
    }
}

/// Says whether an expression holds a closure: a `|` where no operand stands before it.
fn has_closure(expression: TokenStream) -> bool {
    let mut after_operand = false;
    expression.into_iter().any(|tree| match tree {
        TokenTree::Punct(punct) if punct.as_char() == '|' && !after_operand => true,
        TokenTree::Punct(punct) => {
            // `||` after an operand is two of these: the second one starts nothing.
            after_operand =
                matches!(punct.as_char(), '?') || (punct.as_char() == '|' && punct.spacing() == Spacing::Joint);
            false
        }
        TokenTree::Ident(ident) => {
            after_operand = ident != "move" && ident != "return";
            false
        }
        TokenTree::Literal(_) => {
            after_operand = true;
            false
        }
        TokenTree::Group(group) => {
            after_operand = true;
            has_closure(group.stream())
        }
    })
}

/// Says whether `name` occurs in an expression, or where that is a keyword and `name` is raw, the keyword, which is a mistake.
fn mentions(expression: TokenStream, name: &Ident) -> bool {
    expression.into_iter().any(|tree| match tree {
        TokenTree::Ident(ident) => ident == *name || *name == format!("r#{ident}"),
        TokenTree::Group(group) => mentions(group.stream(), name),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

#[cfg(test)]
mod tests;
