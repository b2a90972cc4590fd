//! `sdk!`.

mod record_keys;

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens as _;
use syn::LitStr;

use super::{
    active, choose, health, ours, private,
    record::{self, cargo},
};
use crate::{
    attr::{At, Environment, Exit, Identity, Instance, Notice, On, Role, SdkArgs, Wire, WriteOn},
    case::Case,
    digest, valid,
};

/// The declaration after validation: every key has a value.
struct Declaration<'a> {
    args: &'a SdkArgs,
    name: String,
    role: Role,
    default: On,
    env: String,
    endpoint: String,
    wire: Wire,
    docs: String,
    event_case: Case,
    notice: Notice,
    write_on: WriteOn,
    exit: Exit,
    browser: bool,
    sample: f64,
}

impl<'a> Declaration<'a> {
    /// `None` if a required key is missing, which validation has reported.
    fn new(args: &'a SdkArgs) -> Option<Self> {
        let value = LitStr::value;
        let exit = or(args.exit, Exit::Later);
        // A program that says how it delivers at its end is short: it may be over before any other thread has run.
        let is_short = args.role?.value == Role::Application && exit != Exit::Later;
        Some(Self {
            name: args.name.as_ref().map(value)?,
            role: args.role?.value,
            default: args.default?.value,
            env: args.env.as_ref().map(value)?,
            endpoint: valid::endpoint(args.endpoint.as_ref()?)?,
            wire: args.wire?.value,
            docs: args.docs.as_ref().map(value)?,
            event_case: or(args.event_case, Case::Snake),
            notice: or(args.notice, Notice::NextRun),
            write_on: or(args.write_on, if is_short { WriteOn::Caller } else { WriteOn::Worker }),
            exit,
            browser: or(args.browser, false),
            sample: or(args.sample, 1.0),
            args,
        })
    }
}

fn or<T>(written: Option<At<T>>, default: T) -> T {
    written.map_or(default, |written| written.value)
}

/// The declaration as an expression of type `Sdk`.
pub(crate) fn expand(args: &SdkArgs, at: &str) -> Option<TokenStream> {
    let sdk = Declaration::new(args)?;
    let private = private(args.crate_path.as_ref());
    let value = ours!(#private::Sdk { info: &__TELEMETRY_INFO, state: &__TELEMETRY_STATE });
    let active = args.active.map(|_| active::statics(&private, &sdk.name, &value, sdk.event_case, at));
    let health = args.health.map(|_| health::statics(&private, &sdk.name, &value, sdk.event_case, at));
    let keys = record_keys::render(&sdk);
    let parts = record::sdk(&sdk.name, &keys, at).parts();
    let info = info(&private, &sdk);
    let live = ours! {{
        #private::record_static!(__TELEMETRY_RECORD, __TELEMETRY_PARTS = #parts);
        static __TELEMETRY_INFO: #private::SdkInfo = #info;
        static __TELEMETRY_STATE: #private::SdkState = #private::SdkState::new();
        #private::inventory::submit! { #private::SdkRegistration(#value) }
        #active
        #health
        #value
    }};
    Some(choose(&private, &live, &ours!(#private::Sdk::compiled_out())))
}

fn info(private: &TokenStream, sdk: &Declaration<'_>) -> TokenStream {
    let Declaration {
        args,
        name,
        role,
        default,
        env,
        endpoint,
        wire,
        docs,
        event_case,
        notice,
        write_on,
        exit,
        browser,
        sample,
    } = sdk;
    let version = cargo("CARGO_PKG_VERSION");
    let name_digest = digest::literal(name);
    let (destination, digest) = record_keys::digests(private, sdk);
    let env_aliases = &args.env_aliases;
    let variant = |text: &str| Ident::new(text, Span::mixed_site());
    let (role, default) = (variant(&format!("{role:?}")), variant(&format!("{default:?}")));
    let (notice, write_on) = (variant(&format!("{notice:?}")), variant(&format!("{write_on:?}")));
    let event_case = variant(event_case.variant());
    let exit = match exit {
        Exit::Later => ours!(Later),
        Exit::Grace(milliseconds) => {
            // Validation has refused more.
            let milliseconds = u16::try_from(*milliseconds).unwrap_or(0);
            ours!(Grace(#milliseconds))
        }
        Exit::Detached => ours!(Detached),
    };
    // `EventBatch { strict: true }`: the words of `sdk!` are those of the enum.
    let wire: TokenStream = format!("{wire:?}").parse().unwrap_or_default();
    let some = |value: TokenStream| ours!(#private::core::option::Option::Some(#value));
    let none = || ours!(#private::core::option::Option::None);
    let command = args.command.as_ref().map_or_else(none, |command| some(command.to_token_stream()));
    // A runtime without the feature says so when the compiler evaluates this.
    let compress = args.compress.map_or_else(none, |_| some(ours!(#private::gzip())));
    let active = match args.active {
        Some(_) => some(ours!(#private::Active::Daily)),
        None => none(),
    };
    let identity = args.identity.map_or_else(none, |identity| {
        let Identity::Rotating(days) = identity.value;
        // Validation has refused more.
        let days = u16::try_from(days).unwrap_or(1);
        some(ours!(#private::Identity::Rotating(#days)))
    });
    let (is_active, has_health) = (args.active.is_some(), args.health.is_some());
    // What the notice has words of its own for.
    let is_remarkable = args.identity.is_some() || args.instance.is_some() || args.transport.is_some();
    let active_event = if args.active.is_some() { some(ours!(&__TELEMETRY_ACTIVE_META)) } else { none() };
    let health_event = if args.health.is_some() { some(ours!(&__TELEMETRY_HEALTH_META)) } else { none() };
    let official_build = args.builds.as_ref().map_or_else(none, |builds| {
        let variable = &builds.0;
        some(ours!((#variable, #private::core::option::Option::is_some(&#private::core::option_env!(#variable)))))
    });
    let instance = args.instance.as_ref().map_or_else(none, |instance| {
        let word = variant(match instance.value {
            Instance::Optional => "Optional",
            Instance::Required => "Required",
        });
        some(ours!(#private::Instance::#word))
    });
    let environments = args.environments.iter().map(|environment| {
        let word = variant(match environment.value {
            Environment::Ci => "Ci",
            Environment::Test => "Test",
        });
        ours!(#private::Environment::#word)
    });
    let transport = args.transport.as_ref().map_or_else(none, |transport| {
        let transport = transport.to_token_stream();
        some(ours!(#private::custom::<#transport>))
    });
    ours! {
        #private::SdkInfo {
            record: &__TELEMETRY_RECORD,
            name: #name,
            name_digest: #name_digest,
            digest: #digest,
            destination: #destination,
            version: #version,
            role: #private::Role::#role,
            default: #private::DefaultConsent::#default,
            env: #env,
            env_aliases: &[#(#env_aliases),*],
            command: #command,
            endpoint: #endpoint,
            wire: #private::Wire::#wire,
            compress: #compress,
            docs: #docs,
            event_case: #private::EventCase::#event_case,
            active: #active,
            identity: #identity,
            notice: #private::Notice::#notice,
            official_build: #official_build,
            environments: &[#(#environments),*],
            write_on: #private::WriteOn::#write_on,
            exit: #private::Exit::#exit,
            browser: #browser,
            instance: #instance,
            sample: #sample,
            transport: #transport,
            debug_build: #private::core::cfg!(debug_assertions),
            active_event: #active_event,
            health_event: #health_event,
            needs: #private::Needs::of_sdk(#private::Wire::#wire, #is_active, #has_health, #is_remarkable, &__TELEMETRY_RECORD),
        }
    }
}
