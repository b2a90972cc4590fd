//! `#[telemetry_event]` and the derive behind it.

use proc_macro2::TokenStream;
use syn::ext::IdentExt as _;

use super::{
    Meta, Told, choose, declare_sdk,
    field::{self, Sent},
    mention_sdk, ours, private, quiet,
    record::{self, Head, Text},
    sdk_path, statics,
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

    let (sdk, declared) = (sdk_path(), declare_sdk(&private, common));
    let meta = Meta::new(kind(&event.args), common);
    let is_counter = event.args.kind.is_some_and(|kind| kind.value == EventKind::Counter);
    let head = Head {
        event: event_name(&private, common, &event.ident.unraw().to_string(), &sdk),
        sdk: sdk_name(&private, &sdk),
        discriminant: None,
        doc: &event.doc,
        at: &event.at,
    };
    let text = record::event(&private, head, &meta, common, |text| {
        for (index, sent) in sent.iter().enumerate() {
            sent.describe(text, &private, index == 0, case);
        }
        if is_counter {
            count_field(text, sent.is_empty());
        }
    });

    let count_digest = is_counter.then(|| count_digest(&private));
    let told = Told {
        sdk: ours!(#sdk.info.name_digest),
        event: event_digest(&private, common, &event.ident.unraw().to_string(), &sdk),
        discriminant: 0,
        fields: sent.iter().map(|sent| sent.digest(&private, case)).chain(count_digest).collect(),
        texts: sent.iter().filter_map(|sent| sent.texts(&private)).collect(),
    };
    let statics = statics(&private, &sdk, &text.parts(), &meta, &told);
    let questions = field::questions(sent.iter().filter_map(|sent| sent.question(&private)));
    // Each is one; whoever keeps the sum replaces it.
    let count = is_counter.then(|| ours!(#private::Sink::variant(__telemetry_sink, 1);));
    let writes = sent.iter().zip(places).map(|(sent, place)| sent.write(&ours!(&self.#place)));
    let implementation = implementation(
        event,
        &ours! {
            const HANDLE: #private::Handle = {
                #declared
                #questions
                #statics
                #private::Handle { state: #sdk.state, meta: &__TELEMETRY_META }
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
