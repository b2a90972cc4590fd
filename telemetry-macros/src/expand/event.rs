//! `#[telemetry_event]` and the derive behind it.

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt as _;

use super::{
    Meta, choose, declare_sdk, declared_sdk,
    field::{self, Sent},
    mention_sdk, ours, private, quiet,
    record::{self, Head, Text},
    sdk_path,
};
use crate::{
    ast::Event,
    attr::{COUNT, Common, EventArgs, EventKind},
    case, digest,
};

/// The attribute only hands its item to the derive, which sees it after `cfg` was applied and makes `#[telemetry]` on
/// fields legal.
pub(crate) fn attribute(args: &EventArgs, tokens: &TokenStream, item: &TokenStream) -> TokenStream {
    let private = private(args.common.crate_path.as_ref());
    ours! {
        #[derive(#private::DeriveEvent)]
        #[telemetry(event(#tokens))]
        #item
    }
}

/// The implementation of `Event`, its record and its registration.
pub(crate) fn derive(event: &Event) -> TokenStream {
    let common = &event.args.common;
    let private = private(common.crate_path.as_ref());
    let case = common.rename_all.map(|case| case.value);
    let (sent, skipped): (Vec<_>, Vec<_>) = event.fields().iter().partition(|field| field.is_sent());
    let skipped = skipped.iter().map(|field| quiet(&field.ident));
    let places: Vec<_> = sent.iter().map(|field| quiet(&field.ident)).collect();
    let sent: Vec<_> = sent.iter().map(|field| Sent::new(&private, field)).collect();

    let meta = Meta::new(kind(&event.args), common);
    let is_counter = event.args.kind.is_some_and(|kind| kind.value == EventKind::Counter);
    let head = Head {
        // They are the constant's, beside the text.
        event: TokenStream::new(),
        sdk: TokenStream::new(),
        discriminant: None,
        is_struct: true,
        doc: &event.doc,
        at: &event.at,
    };
    let text = record::event(&private, head, &meta, common, |text| {
        for (index, sent) in sent.iter().enumerate() {
            sent.declare(text, &private, index == 0, case);
        }
        if is_counter {
            count_field(text, sent.is_empty());
        }
    });

    let statics = statics(&private, event, &meta, &sent, &text, is_counter);
    // Each is one; whoever keeps the sum replaces it.
    let count = is_counter.then(|| ours!(#private::Sink::variant(__telemetry_sink, 1);));
    let writes = sent.iter().zip(places).map(|(sent, place)| sent.write(&ours!(&self.#place)));
    let implementation = implementation(
        event,
        &ours! {
            const HANDLE: #private::Handle = {
                #statics
                #private::Handle { state: __TELEMETRY_EVENT.sdk.state, meta: &__TELEMETRY_META }
            };

            #[inline]
            fn write(&self, __telemetry_sink: &mut #private::Sink<'_>) {
                #(let _ = &self.#skipped;)*
                #(#writes)*
                #count
            }
        },
    );
    let ident = quiet(&event.ident);
    let fields = event.fields().iter().map(|field| quiet(&field.ident));
    let mentioned = mention_sdk(&private, common);
    // Nobody reads the fields there, and nobody shall be told so.
    let compiled_out = ours! {
        #mentioned
        const _: fn(&#ident) = |__telemetry_event| { let _ = (#(&__telemetry_event.#fields,)*); };
    };
    choose(&private, &implementation, &compiled_out)
}

/// The statics of the event and its registration, `__TELEMETRY_EVENT` and `__TELEMETRY_META`.
fn statics(
    private: &TokenStream,
    event: &Event,
    meta: &Meta<'_>,
    sent: &[Sent<'_>],
    text: &Text,
    is_counter: bool,
) -> TokenStream {
    let common = &event.args.common;
    let name = match &common.name {
        Some(name) => {
            let name = name.value();
            let digest = digest::literal(&name);
            ours!(Written(#name, #digest))
        }
        None => {
            let names = case::spellings(&event.ident.unraw().to_string());
            let digests = names.each_ref().map(|name| digest::literal(name));
            ours!(Spelled(&[#(#names),*], &[#(#digests),*]))
        }
    };
    let (told, throttle) = meta.told();
    let count = is_counter.then(|| count_digest(private));
    let told = told.iter().map(ToTokens::to_token_stream).chain(count);
    let (text, keys) = text.event(private);
    let (sdk, kind) = (declared_sdk(private, common), Ident::new(meta.kind, Span::mixed_site()));
    let (sample, expires_day) = (meta.sample, meta.expires_day);
    let questions = sent.iter().filter_map(|sent| sent.question(private));
    ours! {
        #private::declared_statics! {
            __TELEMETRY_RECORD, __TELEMETRY_META, __TELEMETRY_EVENT = {
                #(#questions;)*
                &#private::Declared {
                    sdk: #sdk,
                    name: #private::EventName::#name,
                    text: #text,
                    keys: &[#(#keys),*],
                    told: &[#(#told),*],
                    kind: #private::Kind::#kind,
                    throttle: #private::Throttle::#throttle,
                    sample: #sample,
                    expires_day: #expires_day,
                }
            }
        }
    }
}

/// What stands in for the implementation of an event with a mistake, so that its use adds no message of its own.
pub(crate) fn stand_in(event: &Event) -> TokenStream {
    let private = private(event.args.common.crate_path.as_ref());
    let (sdk, declared) = (sdk_path(), declare_sdk(&private, &event.args.common));
    let implementation = implementation(
        event,
        &ours! {
            const HANDLE: #private::Handle = {
                #declared
                static META: #private::EventMeta = #private::EventMeta::new(
                    #sdk,
                    &[],
                    #private::Kind::Event,
                    #private::Throttle::None,
                    1.0,
                    0,
                    0,
                    &[],
                );
                #private::Handle { state: #sdk.state, meta: &META }
            };

            fn write(&self, _: &mut #private::Sink<'_>) {}
        },
    );
    let types = field::types(&private, &event.generics, event.fields());
    choose(&private, &ours!(const _: () = { #implementation #types };), &TokenStream::new())
}

fn implementation(event: &Event, items: &TokenStream) -> TokenStream {
    let private = private(event.args.common.crate_path.as_ref());
    let ident = quiet(&event.ident);
    let allowed = &event.allowed;
    let (parameters, arguments, bounds) = event.generics.split_for_impl();
    ours! {
        #[automatically_derived]
        #(#allowed)*
        impl #parameters #private::Event for #ident #arguments #bounds { #items }
    }
}

fn kind(args: &EventArgs) -> &'static str {
    match args.kind.map(|kind| kind.value) {
        None | Some(EventKind::Event) => "Event",
        Some(EventKind::Command) => "Command",
        Some(EventKind::Start) => "Start",
        Some(EventKind::Counter) => "Counter",
    }
}

/// The last field of a counter.
pub(super) fn count_field(text: &mut Text, is_first: bool) {
    record::field_start(text, is_first, COUNT);
    text.push("\"count_bucket\"");
    record::field_end(text, "How often it was recorded on the day.", None, None);
}

/// The digest of the same.
pub(super) fn count_digest(private: &TokenStream) -> TokenStream {
    let (key, of) = (digest::literal(COUNT), digest::literal("count_bucket"));
    ours!(#private::combine(#key, #of))
}

/// The SDK's name as a node.
pub(super) fn sdk_name(private: &TokenStream, sdk: &TokenStream) -> TokenStream {
    ours!(&#private::Node::leaf(#sdk.info.name))
}

/// The name that is written, or `name` in the case of `sdk`, which only the compiler knows; as a node.
pub(super) fn event_name(private: &TokenStream, common: &Common, name: &str, sdk: &TokenStream) -> TokenStream {
    let name = match &common.name {
        Some(name) => {
            let name = name.value();
            ours!(#name)
        }
        None => {
            let names = case::spellings(name);
            ours!(#private::EventCase::pick(#sdk.info.event_case, &[#(#names),*]))
        }
    };
    ours!(&#private::Node::leaf(#name))
}

/// The digest of [`event_name`], an expression of type `u128`.
pub(super) fn event_digest(private: &TokenStream, common: &Common, name: &str, sdk: &TokenStream) -> TokenStream {
    if let Some(name) = &common.name {
        let digest = digest::literal(&name.value());
        return ours!(#digest);
    }
    let digests = case::spellings(name).map(|name| digest::literal(&name));
    ours!(#private::EventCase::pick(#sdk.info.event_case, &[#(#digests),*]))
}
