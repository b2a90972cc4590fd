//! Generated code: absolute paths, names nobody else uses, and the author's spans on the author's types only.
//!
//! Everything ends in `choose!`, which takes the live tokens or those of a compiled-out build.

mod active;
mod command;
mod event;
mod field;
mod function;
mod health;
mod record;
mod sdk;
mod value;

pub(crate) use command::{derive as command, stand_in as command_stand_in};
pub(crate) use event::{attribute as event_attribute, derive as event, stand_in as event_stand_in};
pub(crate) use function::{expand as function, stand_in as function_stand_in};
pub(crate) use sdk::expand as sdk;
pub(crate) use value::{derive as value, stand_in as value_stand_in};

use proc_macro2::{Group, Ident, Literal, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::Path;

use crate::{
    attr::{Common, Level, Throttle},
    date, digest, runtime_name,
};

/// A quotation whose local names are hidden from the author's code.
macro_rules! ours {
    ($($tokens:tt)*) => { ::quote::quote_spanned! { ::proc_macro2::Span::mixed_site() => $($tokens)* } };
}
pub(crate) use ours;

/// The author's tokens at their places, but out of reach of the lints of the author's crate, which have looked at them where
/// they were written: nothing here can need an `#[allow]`, which a crate may forbid. `$crate` keeps its meaning.
fn quiet(tokens: &impl ToTokens) -> TokenStream {
    let quiet_tree = |tree: TokenTree| {
        let span = tree.span().resolved_at(Span::mixed_site());
        match tree {
            TokenTree::Ident(ident) if ident == "$crate" => ident.into(),
            TokenTree::Group(group) => {
                let mut quiet = Group::new(group.delimiter(), quiet(&group.stream()));
                quiet.set_span(span);
                quiet.into()
            }
            mut other => {
                other.set_span(span);
                other
            }
        }
    };
    tokens.to_token_stream().into_iter().map(quiet_tree).collect()
}

/// The path to what generated code uses. Interpolated as one stream: every token that a procedural macro writes costs the
/// author's build, where it runs unoptimized.
pub(crate) fn private(crate_path: Option<&Path>) -> TokenStream {
    match (crate_path, runtime_name::other()) {
        (Some(path), _) => ours!(#path::__private),
        (None, None) => ours!(::telemetry_runtime::__private),
        // The author is told to say so; until then the rest of the expansion adds no message of its own.
        (None, Some(name)) => {
            let name = Ident::new(name, Span::mixed_site());
            ours!(::#name::__private)
        }
    }
}

/// The name of the SDK in generated code.
fn sdk_path() -> TokenStream {
    ours!(__TELEMETRY_SDK)
}

/// The constant of that name: the author's SDK.
fn declare_sdk(private: &TokenStream, common: &Common) -> TokenStream {
    let sdk = declared_sdk(private, common);
    ours!(const __TELEMETRY_SDK: #private::Sdk = #sdk;)
}

/// The author's SDK as an expression.
///
/// At the root it is looked for through a glob import, behind which a stand-in of the same name waits: where there is none, the
/// compiler finds the stand-in, and its words say what to do. Where something else is found, it has the method from a trait only,
/// whose condition says what is wrong.
fn declared_sdk(private: &TokenStream, common: &Common) -> TokenStream {
    let (name, root, place) = match &common.sdk {
        None => (Ident::new("TELEMETRY", Span::mixed_site()), ours!(crate), Span::call_site()),
        Some(path) => match in_root(path) {
            Some(name) => (name.clone(), ours!(crate), name.span()),
            None => {
                let name = path.segments.last().map_or_else(Span::mixed_site, |segment| segment.ident.span());
                let place = Span::mixed_site().located_at(name);
                return quote_spanned! {place=> { use #private::NotAnSdk as _; #path.declared_by_sdk_macro() } };
            }
        },
    };
    let place = Span::mixed_site().located_at(place);
    quote_spanned! {place=>
        {
            use #private::NO_SDK as #name;
            { use #private::NotAnSdk as _; use #root::*; #name.declared_by_sdk_macro() }
        }
    }
}

/// The name of `crate::NAME`.
fn in_root(path: &Path) -> Option<&Ident> {
    let mut segments = path.segments.iter();
    let (first, last) = (segments.next()?, segments.next()?);
    (first.ident == "crate" && segments.next().is_none()).then_some(&last.ident)
}

/// `live`, or `compiled_out` in a build without telemetry.
fn choose(private: &TokenStream, live: &TokenStream, compiled_out: &TokenStream) -> TokenStream {
    ours!(#private::choose! { { #live } { #compiled_out } })
}

/// Uses the SDK in a build without telemetry, so that nobody is told that it is unused; no code comes of it.
fn mention_sdk(private: &TokenStream, common: &Common) -> TokenStream {
    let sdk = declared_sdk(private, common);
    ours!(const _: #private::Sdk = #sdk;)
}

/// What an event's metadata says beside its record.
struct Meta<'a> {
    kind: &'a str,
    throttle: Throttle,
    sample: f64,
    expires_day: u32,
    /// Also users who have chosen the lowest level send it.
    is_basic: bool,
}

impl<'a> Meta<'a> {
    fn new(kind: &'a str, common: &Common) -> Self {
        // The defaults are those of `Throttle::default_for` in the schema.
        let default = if matches!(kind, "Command" | "Start") { Throttle::None } else { Throttle::Daily };
        Self {
            kind,
            throttle: common.throttle.map_or(default, |throttle| throttle.value),
            sample: common.sample.map_or(1.0, |sample| sample.value),
            is_basic: common.level.is_some_and(|level| level.value == Level::Basic),
            expires_day: common.expires.as_ref().and_then(|day| date::expires_day(&day.value())).unwrap_or(u32::MAX),
        }
    }

    /// The digests of what a user is told beside the fields, and the variant of `Throttle`.
    fn told(&self) -> (Vec<Literal>, TokenStream) {
        let throttle = match self.throttle {
            Throttle::None => ours!(None),
            Throttle::Daily => ours!(Daily),
            Throttle::Rolling(hours) => {
                let hours = u32::try_from(hours).unwrap_or(u32::MAX);
                ours!(RollingHours(#hours))
            }
        };
        let told = [digest::literal("event"), digest::sampling(self.sample), digest::throttle(self.throttle)];
        let level = self.is_basic.then(|| digest::literal("level;basic"));
        (told.into_iter().chain(level).collect(), throttle)
    }

    /// `(sdk, kind, throttle, sample, last day, key, [digests])`
    fn tuple(&self, private: &TokenStream, sdk: &TokenStream, told: &Told) -> TokenStream {
        let Self { kind, throttle: _, sample, expires_day, is_basic: _ } = self;
        let Told { sdk: told_sdk, event, discriminant, fields, texts } = told;
        let discriminant = Literal::u128_unsuffixed(*discriminant);
        let key = ours!(#private::event_key(#told_sdk, #event, #discriminant));
        let key = match texts.is_empty() {
            true => key,
            false => ours!(#private::fits(#sdk.info.wire, &[#(#texts),*], #key)),
        };
        let key = match *kind {
            "Counter" => ours!(#private::may_count(#sdk.info.wire, #key)),
            _ => key,
        };
        let (told, throttle) = self.told();
        let kind = Ident::new(kind, Span::mixed_site());
        ours!((#sdk, #kind, #throttle, #sample, #expires_day, #key, [#(#told,)* #(#fields),*]))
    }
}

/// What a user is told of an event, as digests.
struct Told {
    /// That of the SDK's name and of the event's name, expressions of type `u128`.
    sdk: TokenStream,
    event: TokenStream,
    /// That of the discriminant, or 0.
    discriminant: u128,
    /// Those of the fields, expressions of type `u128`.
    fields: Vec<TokenStream>,
    /// How long the free text of each field can be, expressions of type `usize`.
    texts: Vec<TokenStream>,
}

/// The statics of one event and its registration, for a block of its own: `__TELEMETRY_META` and what it needs.
fn statics(private: &TokenStream, sdk: &TokenStream, parts: &TokenStream, meta: &Meta<'_>, told: &Told) -> TokenStream {
    let meta = meta.tuple(private, sdk, told);
    ours! {
        #private::event_statics! {
            __TELEMETRY_RECORD, __TELEMETRY_PARTS = #parts, __TELEMETRY_META = #meta
        }
    }
}

#[cfg(test)]
mod tests;
