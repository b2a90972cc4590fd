//! `#[derive(TrackCommand)]`.
//!
//! A struct of arguments is a list of fields: `{"optional":"bool"}` for each flag, there with `true` where the flag was passed, and
//! `command` for the command below. An enum of commands is a list of variants. Types that clap flattens bring lists of their own,
//! which are put together by the compiler.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote_spanned};
use syn::{Type, ext::IdentExt as _};

use super::{
    Meta, choose, declare_sdk,
    event::{event_digest, event_name, sdk_name},
    field::{place, question},
    mention_sdk, ours, private, quiet,
    record::{self, Head, Text},
    sdk_path,
    value::schema,
};
use crate::{
    ast::{Command, CommandBody, Doc, Flag, Given, OTHER, Part, PartBody, Spelt, Subcommand, SubcommandBody},
    attr::CommandEvent,
    digest, json,
};

/// The key of the command below a struct of arguments; no flag is called so.
const COMMAND: &str = "command";

/// The implementations; a build without telemetry only reads what would be reported.
pub(crate) fn derive(command: &Command) -> TokenStream {
    let private = private(command.args.crate_path.as_ref());
    let names = match &command.body {
        CommandBody::Args(parts) => args(&private, command, parts),
        CommandBody::Commands(commands) => enumeration(&private, command, commands),
        CommandBody::Tuple(_) | CommandBody::Union(_) => TokenStream::new(),
    };
    let root = command.args.event.as_ref().map(|event| root(&private, command, event));
    let mentioned = command.args.event.as_ref().map(|event| mention_sdk(&private, &event.common));
    let (ends, read) = (ends(&private, command), read(command));
    choose(&private, &ours!(const _: () = { #names #root };), &ours!(#mentioned #ends #read))
}

/// How the command may fail, in a build without telemetry: there the type of an outcome is known by nothing else.
fn ends(private: &TokenStream, command: &Command) -> Option<TokenStream> {
    let failure = command.args.event.as_ref()?.outcome.as_ref()?;
    let (ident, allowed) = (quiet(&command.ident), &command.allowed);
    let (parameters, arguments, bounds) = command.generics.split_for_impl();
    Some(ours! {
        #[automatically_derived]
        #(#allowed)*
        impl #parameters #private::Ends for #ident #arguments #bounds {
            type Failure = #failure;
        }
    })
}

/// What stands in for the implementations where there is a mistake, so that their use adds no message of its own.
pub(crate) fn stand_in(command: &Command) -> TokenStream {
    let private = private(command.args.crate_path.as_ref());
    let kind = match &command.body {
        CommandBody::Args(_) | CommandBody::Tuple(_) | CommandBody::Union(_) => Kind::ARGS,
        CommandBody::Commands(_) => Kind::COMMANDS,
    };
    let names = implementation(&private, command, &kind, &Lists::default(), &TokenStream::new(), &ours!(true));
    choose(&private, &ours!(const _: () = { #names };), &TokenStream::new())
}

/// Which of the two traits.
struct Kind {
    name: &'static str,
    list: &'static str,
    takes_base: bool,
}

impl Kind {
    const ARGS: Self = Self { name: "TrackedArgs", list: "FIELDS", takes_base: false };
    const COMMANDS: Self = Self { name: "TrackedCommands", list: "VARIANTS", takes_base: true };
}

/// Expressions of type `&'static Node` and `&'static Digests`, as many and in the same order.
#[derive(Default)]
struct Lists {
    nodes: Vec<TokenStream>,
    digests: Vec<TokenStream>,
}

impl Lists {
    fn node(&self, private: &TokenStream) -> TokenStream {
        let nodes = &self.nodes;
        ours!(&#private::Node::listed(&[#(#nodes),*]))
    }

    fn digests(&self, private: &TokenStream) -> TokenStream {
        let digests = &self.digests;
        ours!(&#private::Digests::All(&[#(#digests),*]))
    }
}

fn implementation(
    private: &TokenStream,
    command: &Command,
    kind: &Kind,
    lists: &Lists,
    write: &TokenStream,
    is_reported: &TokenStream,
) -> TokenStream {
    let ident = quiet(&command.ident);
    let allowed = &command.allowed;
    let (parameters, arguments, bounds) = command.generics.split_for_impl();
    let Kind { name, list, takes_base } = kind;
    let (name, list) = (format_ident!("{name}"), format_ident!("{list}"));
    let base = takes_base.then(|| ours!(__telemetry_base: #private::core::primitive::u16,));
    let (node, digests) = (lists.node(private), lists.digests(private));
    ours! {
        #[automatically_derived]
        #(#allowed)*
        impl #parameters #private::#name for #ident #arguments #bounds {
            const #list: &'static #private::Node = #node;
            const DIGESTS: &'static #private::Digests = #digests;

            fn write(&self, #base __telemetry_sink: &mut #private::Sink<'_>) { #write }

            fn is_reported(&self) -> #private::core::primitive::bool { #is_reported }
        }
    }
}

/// `<Type as Trait>`; the type checker speaks of the type where it stands.
fn qualified(private: &TokenStream, ty: &Type, kind: &Kind) -> TokenStream {
    let name = format_ident!("{}", kind.name);
    quote_spanned!(place(ty)=> <#ty as #private::#name>)
}

fn args(private: &TokenStream, command: &Command, parts: &[Part]) -> TokenStream {
    let place = |part: &Part| {
        let ident = quiet(&part.ident);
        ours!(&self.#ident)
    };
    let (lists, writes) = fields(private, parts, place);
    let is_reported = all_reported(private, parts, place);
    implementation(private, command, &Kind::ARGS, &lists, &ours!(#(#writes)*), &is_reported)
}

/// Whether nothing of it is left out, an expression of type `bool`.
fn all_reported(private: &TokenStream, parts: &[Part], place: impl Fn(&Part) -> TokenStream) -> TokenStream {
    let all = parts.iter().filter_map(|part| {
        let place = place(part);
        match &part.body {
            PartBody::Flag(_) => None,
            PartBody::Flattened => {
                let of = qualified(private, &part.ty, &Kind::ARGS);
                Some(ours!(#of::is_reported(#place)))
            }
            PartBody::Subcommand { optional: None } => {
                let of = qualified(private, &part.ty, &Kind::COMMANDS);
                Some(ours!(#of::is_reported(#place)))
            }
            PartBody::Subcommand { optional: Some(ty) } => {
                let of = qualified(private, ty, &Kind::COMMANDS);
                Some(ours!(match #place {
                    #private::core::option::Option::Some(__telemetry_command) => #of::is_reported(__telemetry_command),
                    #private::core::option::Option::None => true,
                }))
            }
        }
    });
    ours!(true #(&& #all)*)
}

/// The fields of a struct or of a command, and the statements that write them.
fn fields(private: &TokenStream, parts: &[Part], place: impl Fn(&Part) -> TokenStream) -> (Lists, Vec<TokenStream>) {
    let (mut lists, mut writes) = (Lists::default(), Vec::new());
    for part in parts {
        let place = place(part);
        match &part.body {
            PartBody::Flag(flag) => {
                let (name, passed) = (sent(&flag.name), passed(private, flag, &place));
                let mut text = Text::default();
                record::field_start(&mut text, true, &name);
                text.push("{\"optional\":\"bool\"}");
                record::doc(&mut text, private, &flag.doc);
                text.push("}");
                let node = schema(private, &text);
                lists.nodes.push(ours!(&#node));
                let bool = digest::literal("bool");
                lists.digests.push(member_digest(private, &name, &ours!(#private::optional(#bool))));
                writes.push(ours!(#private::Sink::passed(__telemetry_sink, #passed);));
            }
            PartBody::Flattened => {
                let of = qualified(private, &part.ty, &Kind::ARGS);
                lists.nodes.push(ours!(#of::FIELDS));
                lists.digests.push(ours!(#of::DIGESTS));
                writes.push(ours!(#of::write(#place, __telemetry_sink);));
            }
            PartBody::Subcommand { optional } => {
                let of = qualified(private, optional.as_ref().unwrap_or(&part.ty), &Kind::COMMANDS);
                lists.nodes.push(command_node(private, &of, "{\"optional\":", "}"));
                let held = ours!(#private::optional(#private::Digests::variants(#of::DIGESTS)));
                lists.digests.push(member_digest(private, COMMAND, &held));
                let write = |command: &TokenStream| {
                    ours! {
                        #private::Sink::bool(__telemetry_sink, true);
                        #of::write(#command, 0, __telemetry_sink);
                    }
                };
                writes.push(match optional {
                    None => write(&place),
                    Some(_) => {
                        let write = write(&ours!(__telemetry_command));
                        ours! {
                            match #place {
                                #private::core::option::Option::Some(__telemetry_command) => { #write }
                                #private::core::option::Option::None => #private::Sink::bool(__telemetry_sink, false),
                            }
                        }
                    }
                });
            }
        }
    }
    (lists, writes)
}

/// The field that says which command, an expression of type `&'static Node`; `of` is `<Type as TrackedCommands>`.
fn command_node(private: &TokenStream, of: &TokenStream, before: &str, after: &str) -> TokenStream {
    let before = format!("{{\"name\":\"{COMMAND}\",\"type\":{before}{{\"variants\":[");
    let after = format!("]}}{after},\"doc\":\"Which command, with the names of the flags that were passed.\"}}");
    ours!(&#private::Node::wrap(#before, #of::VARIANTS, #after))
}

/// An expression of type `bool`; `place` is a reference.
fn passed(private: &TokenStream, flag: &Flag, place: &TokenStream) -> TokenStream {
    match flag.passed {
        Given::True => ours!(*(#place)),
        Given::False => ours!(!*(#place)),
        Given::Counted => ours!(*(#place) != 0),
        Given::Present => ours!(#private::IsPresent::is_present(#place)),
    }
}

/// The name that is sent; validation has refused one that nobody knows.
fn sent(name: &Spelt) -> String {
    match name {
        Spelt::As(text, _) => text.clone(),
        Spelt::Computed(_) => String::new(),
    }
}

fn enumeration(private: &TokenStream, command: &Command, commands: &[Subcommand]) -> TokenStream {
    let mut lists = Lists::default();
    let (mut arms, mut reported) = (Vec::new(), Vec::new());
    // The index of a command: so many of its own before it, and all of the flattened ones.
    let (mut own, mut flattened) = (0_usize, Vec::new());
    let index = |own: usize, flattened: &[TokenStream]| {
        let own = Literal::usize_unsuffixed(own);
        ours!(__telemetry_base + const { #own #(+ #private::Digests::count(#flattened::DIGESTS) as #private::core::primitive::u16)* })
    };
    for one in commands {
        let ident = quiet(&one.ident);
        let name = sent(&one.name);
        let here = index(own, &flattened);
        let variant = ours!(#private::Sink::variant(__telemetry_sink, #here););
        match &one.body {
            SubcommandBody::Other => {
                reported.push(ours!(Self::#ident { .. } => true,));
                continue;
            }
            SubcommandBody::LeftOut => {
                reported.push(ours!(Self::#ident { .. } => false,));
                arms.push(ours!(Self::#ident { .. } => {}));
                continue;
            }
            SubcommandBody::Flattened(ty) => {
                let of = qualified(private, ty, &Kind::COMMANDS);
                lists.nodes.push(ours!(#of::VARIANTS));
                lists.digests.push(ours!(#of::DIGESTS));
                arms.push(ours!(Self::#ident(__telemetry_command) => #of::write(__telemetry_command, #here, __telemetry_sink),));
                reported.push(ours!(Self::#ident(__telemetry_command) => #of::is_reported(__telemetry_command),));
                flattened.push(of);
                continue;
            }
            SubcommandBody::Nothing => {
                let described = format!("{{\"name\":{}}}", json::string(&name));
                lists.nodes.push(ours!(&#private::Node::leaf(#described)));
                lists.digests.push(member_digest(private, &name, &ours!(0)));
                reported.push(ours!(Self::#ident { .. } => true,));
                arms.push(ours!(Self::#ident { .. } => { #variant }));
            }
            SubcommandBody::Fields(parts) => {
                let (fields, writes) = fields(private, parts, binding);
                holding(private, &mut lists, &name, &fields.node(private), &fields.digests(private));
                let below = parts.iter().filter(|part| !matches!(part.body, PartBody::Flag(_)));
                let below: Vec<_> = below.map(bound).collect();
                let all_reported = all_reported(private, parts, binding);
                reported.push(ours!(Self::#ident { #(#below)* .. } => #all_reported,));
                let bound = parts.iter().map(bound);
                arms.push(ours!(Self::#ident { #(#bound)* .. } => { #variant #(#writes)* }));
            }
            SubcommandBody::Args(ty) => {
                let of = qualified(private, ty, &Kind::ARGS);
                holding(private, &mut lists, &name, &ours!(#of::FIELDS), &ours!(#of::DIGESTS));
                reported.push(ours!(Self::#ident(__telemetry_args) => #of::is_reported(__telemetry_args),));
                arms.push(ours!(Self::#ident(__telemetry_args) => { #variant #of::write(__telemetry_args, __telemetry_sink); }));
            }
            SubcommandBody::Nested(ty) => {
                let of = qualified(private, ty, &Kind::COMMANDS);
                let before = format!("{{\"name\":{},\"type\":{{\"variants\":[", json::string(&name));
                lists.nodes.push(ours!(&#private::Node::wrap(#before, #of::VARIANTS, "]}}")));
                let held = ours!(#private::Digests::variants(#of::DIGESTS));
                lists.digests.push(member_digest(private, &name, &held));
                reported.push(ours!(Self::#ident(__telemetry_command) => #of::is_reported(__telemetry_command),));
                arms.push(ours!(Self::#ident(__telemetry_command) => { #variant #of::write(__telemetry_command, 0, __telemetry_sink); }));
            }
        }
        own += 1;
    }
    if commands.iter().any(|one| matches!(one.body, SubcommandBody::Other)) {
        let described = format!("{{\"name\":{}}}", json::string(OTHER));
        lists.nodes.push(ours!(&#private::Node::leaf(#described)));
        lists.digests.push(member_digest(private, OTHER, &ours!(0)));
        let here = index(own, &flattened);
        let others = commands.iter().filter(|one| matches!(one.body, SubcommandBody::Other)).map(|one| {
            let ident = quiet(&one.ident);
            ours!(Self::#ident { .. })
        });
        arms.push(ours!(#(#others)|* => #private::Sink::variant(__telemetry_sink, #here),));
    }
    let (write, is_reported) = (ours!(match self { #(#arms)* }), ours!(match self { #(#reported)* }));
    implementation(private, command, &Kind::COMMANDS, &lists, &write, &is_reported)
}

/// A command with these fields, or its name alone where there are none: only the compiler knows.
fn holding(private: &TokenStream, lists: &mut Lists, name: &str, node: &TokenStream, digests: &TokenStream) {
    let alone = format!("{{\"name\":{}", json::string(name));
    let with = format!("{alone},\"type\":{{\"struct\":[");
    lists.nodes.push(ours!(&#private::holding(#alone, #with, #node)));
    lists.digests.push(member_digest(private, name, &ours!(#private::held(#digests))));
}

/// The digest of a named part, whose own digest is `held`.
fn member_digest(private: &TokenStream, name: &str, held: &TokenStream) -> TokenStream {
    let name = digest::literal(name);
    ours!(&#private::Digests::One(#private::combine(#name, #held)))
}

/// The local name of a field of a command.
fn binding(part: &Part) -> TokenStream {
    let name = format_ident!("__telemetry_field_{}", part.ident.unraw(), span = proc_macro2::Span::mixed_site());
    ours!(#name)
}

/// `ident: binding,`
fn bound(part: &Part) -> TokenStream {
    let (ident, binding) = (quiet(&part.ident), binding(part));
    ours!(#ident: #binding,)
}

/// The event of the whole command line: its record, its registration, and how it is written.
fn root(private: &TokenStream, command: &Command, event: &CommandEvent) -> TokenStream {
    let common = &event.common;
    let (ident, allowed) = (quiet(&command.ident), &command.allowed);
    let (sdk, declared) = (sdk_path(), declare_sdk(private, common));
    let mut lists = Lists::default();
    let (write, is_reported) = match &command.body {
        CommandBody::Commands(_) => {
            let of = ours!(<#ident as #private::TrackedCommands>);
            lists.nodes.push(command_node(private, &of, "", ""));
            lists.digests.push(member_digest(private, COMMAND, &ours!(#private::Digests::variants(#of::DIGESTS))));
            (ours!(#of::write(self, 0, __telemetry_sink)), ours!(#of::is_reported(self)))
        }
        CommandBody::Args(_) | CommandBody::Tuple(_) | CommandBody::Union(_) => {
            let of = ours!(<#ident as #private::TrackedArgs>);
            lists.nodes.push(ours!(#of::FIELDS));
            lists.digests.push(ours!(#of::DIGESTS));
            (ours!(#of::write(self, __telemetry_sink)), ours!(#of::is_reported(self)))
        }
    };
    let (failure, texts) = match &event.outcome {
        None => (ours!(#private::SuccessOnly), None),
        Some(failure) => {
            let of = quote_spanned!(place(failure)=> <#private::CommandOutcome<#failure> as #private::TelemetryValue>);
            let (before, after) = ("{\"name\":\"outcome\",\"type\":", ",\"doc\":\"How the command ended.\"}");
            lists.nodes.push(ours!(&#private::Node::wrap(#before, #of::SCHEMA, #after)));
            lists.digests.push(member_digest(private, "outcome", &ours!(#of::DIGEST)));
            (ours!(#failure), Some(ours!(#private::Node::texts(#of::SCHEMA))))
        }
    };
    let timed = event.duration;
    if timed {
        let described = "{\"name\":\"duration\",\"type\":\"duration_bucket\",\"doc\":\"How long the command took.\"}";
        lists.nodes.push(ours!(&#private::Node::leaf(#described)));
        let held = digest::literal("duration_bucket");
        lists.digests.push(member_digest(private, "duration", &ours!(#held)));
    }

    let meta = Meta::new("Command", common);
    let (name, doc) = match event.outcome {
        None => ("CommandSucceeded", "A command has succeeded."),
        Some(_) => ("CommandEnded", "A command has ended."),
    };
    let head = Head {
        event: event_name(private, common, name, &sdk),
        sdk: sdk_name(private, &sdk),
        discriminant: None,
        is_struct: false,
        doc: &Doc::Text(doc.to_owned()),
        at: &command.at,
    };
    let (node, digests) = (lists.node(private), lists.digests(private));
    let parts = record::event(private, head, &meta, common, |text| text.push_node(node)).parts();
    let event_digest = event_digest(private, common, name, &sdk);
    let key = ours!(#private::event_key(#sdk.info.name_digest, #event_digest, 0));
    let key = match texts {
        None => key,
        Some(texts) => ours!(#private::fits(#sdk.info.wire, &[#texts], #key)),
    };
    let asked = event.outcome.as_ref().map(|failure| {
        let question = question(private, failure);
        ours!(const _: () = #question;)
    });
    let (told, throttle) = meta.told();
    let (sample, expires) = (meta.sample, meta.expires_day);
    let told_count = Literal::usize_unsuffixed(told.len());
    ours! {
        #[automatically_derived]
        #(#allowed)*
        impl #private::TrackCommand for #ident {
            type Failure = #failure;
            const TIMED: #private::core::primitive::bool = #timed;
            const HANDLE: #private::Handle = {
                #declared
                #asked
                const __TELEMETRY_FIELDS: &#private::Digests = #digests;
                const __TELEMETRY_TOLD: [#private::core::primitive::u128; #told_count + #private::Digests::count(__TELEMETRY_FIELDS)] =
                    #private::Digests::behind(__TELEMETRY_FIELDS, &[#(#told),*]);
                #private::record_static!(__TELEMETRY_RECORD, __TELEMETRY_PARTS = #parts);
                static __TELEMETRY_META: #private::EventMeta = #private::EventMeta::new(
                    #sdk,
                    &__TELEMETRY_RECORD,
                    #private::Kind::Command,
                    #private::Throttle::#throttle,
                    #sample,
                    #expires,
                    #key,
                    &__TELEMETRY_TOLD,
                );
                #private::inventory::submit! { #private::EventRegistration(&__TELEMETRY_META) }
                #private::Handle { state: #sdk.state, meta: &__TELEMETRY_META }
            };

            fn write_command(&self, __telemetry_sink: &mut #private::Sink<'_>) { #write }

            fn is_reported(&self) -> #private::core::primitive::bool { #is_reported }
        }
    }
}

/// Reads the flags in a build without telemetry, so that nobody is told that they are unused; no code comes of it.
fn read(command: &Command) -> TokenStream {
    let name = quiet(&command.ident);
    let body = match &command.body {
        CommandBody::Args(parts) => {
            let fields = parts.iter().map(|part| quiet(&part.ident));
            ours!(let _ = (#(&__telemetry_value.#fields,)*);)
        }
        CommandBody::Commands(commands) => {
            let arms: Vec<_> = commands
                .iter()
                .filter_map(|one| {
                    let SubcommandBody::Fields(parts) = &one.body else { return None };
                    let ident = quiet(&one.ident);
                    let bound = parts.iter().map(bound);
                    let used = parts.iter().map(binding);
                    Some(ours!(#name::#ident { #(#bound)* .. } => { let _ = (#(#used,)*); }))
                })
                .collect();
            let rest = (arms.len() < commands.len()).then(|| ours!(_ => {}));
            if arms.is_empty() {
                return TokenStream::new();
            }
            ours!(match __telemetry_value { #(#arms)* #rest })
        }
        CommandBody::Tuple(_) | CommandBody::Union(_) => return TokenStream::new(),
    };
    ours!(const _: fn(&#name) = |__telemetry_value| { #body };)
}
