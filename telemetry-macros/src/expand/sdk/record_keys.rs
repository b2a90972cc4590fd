//! The keys of an SDK's record between the crate and the place, and the facts about each wire format that it tells.

use proc_macro2::TokenStream;
use syn::LitStr;

use super::{
    super::{ours, record::cargo},
    Declaration,
};
use crate::{
    attr::{
        At, CONTENT_ENCODING, Environment, Exit, Identity, Instance, Named, Notice, On, Role, SdkArgs, WriteOn,
        is_installation_key, is_instance_key,
    },
    digest, json,
};

/// What a server learns from any request.
const SERVER_SEES: [&str; 3] = ["network address", "time of arrival", "TLS parameters"];

/// What a browser adds to that by itself; no page can leave it out.
const BROWSER_ADDS: [&str; 2] = ["from a page: its origin", "from a page: name, version and language of the browser"];

/// What goes around an event. Only an SDK that declares `instance` has room for the key of one, as `SdkInfo::has_instances` of the
/// runtime has it; the same holds for `identity`.
fn envelope(sdk: &Declaration<'_>) -> Vec<Named> {
    let row = sdk.wire.row();
    let (has_instances, has_identity) = (sdk.args.instance.is_some(), sdk.args.identity.is_some());
    let is_there = |key: &str| (has_instances || !is_instance_key(key)) && (has_identity || !is_installation_key(key));
    row.envelope.iter().filter(|(key, _)| is_there(key)).copied().collect()
}

/// The keys in the order of `SdkDescriptor`, each after a comma.
pub(super) fn render(sdk: &Declaration<'_>) -> String {
    let args = sdk.args;
    let mut keys = String::new();
    let mut push = |key: &str, json: String| {
        keys.push_str(&format!(",\"{key}\":{json}"));
    };
    let repository = cargo("CARGO_PKG_REPOSITORY");
    if !repository.is_empty() {
        push("repository", json::string(&repository));
    }
    push("role", json::string(role(sdk.role)));
    push("default", json::string(default(sdk.default)));
    push("env", json::string(&sdk.env));
    if !args.env_aliases.is_empty() {
        push("env_aliases", json::strings(args.env_aliases.iter().map(LitStr::value)));
    }
    if let Some(command) = &args.command {
        push("command", json::string(&command.value()));
    }
    push("endpoint", json::string(&sdk.endpoint));
    push("wire", sdk.wire.row().json.to_owned());
    if args.compress.is_some() {
        push("compress", json::string("gzip"));
    }
    push("docs", json::string(&sdk.docs));
    for (key, text) in [
        ("operator", &args.operator),
        ("contact", &args.contact),
        ("region", &args.region),
        ("retention", &args.retention),
        ("shared_with", &args.shared_with),
    ] {
        push(key, json::string(&text.as_ref().map(LitStr::value).unwrap_or_default()));
    }
    push("event_case", json::string(sdk.event_case.word()));
    if args.active.is_some() {
        push("active", json::string("daily"));
    }
    if args.health.is_some() {
        push("health", json::string("daily"));
    }
    if let Some(identity) = args.identity {
        let Identity::Rotating(days) = identity.value;
        push("identity", format!("{{\"rotating\":{days}}}"));
    }
    push("notice", json::string(notice(sdk.notice)));
    if let Some(builds) = &args.builds {
        push("official_builds", json::string(&builds.0.value()));
    }
    if !args.environments.is_empty() {
        push("environments", json::strings(args.environments.iter().map(|word| environment(word.value))));
    }
    push("write_on", json::string(write_on(sdk.write_on)));
    match sdk.exit {
        // As the schema has it: what every SDK does by default is not said.
        Exit::Later => {}
        Exit::Grace(milliseconds) => push("exit", format!("{{\"grace\":{milliseconds}}}")),
        Exit::Detached => push("exit", json::string("detached")),
    }
    if let Some(rule) = &args.instance {
        push("instance", json::string(instance(rule.value)));
    }
    push("sample", sdk.sample.to_string());
    push("transport", json::string(transport(args)));
    push("envelope", pairs(envelope(sdk)));
    let mut headers = sdk.wire.row().headers.to_vec();
    headers.extend(args.compress.map(|_| CONTENT_ENCODING));
    push("headers", pairs(headers));
    let from_pages = BROWSER_ADDS.into_iter().filter(|_| sdk.browser);
    push("server_sees", json::strings(SERVER_SEES.into_iter().chain(from_pages)));
    keys
}

/// The digests of where its events go and of all that a user is told of it, expressions of type `u128`.
pub(super) fn digests(private: &TokenStream, sdk: &Declaration<'_>) -> (TokenStream, TokenStream) {
    let args = sdk.args;
    let operator = args.operator.as_ref().map(LitStr::value).unwrap_or_default();
    let (endpoint, operator) = (digest::literal(&sdk.endpoint), digest::literal(&operator));
    let transport = digest::literal(transport(args));
    let destination = ours!(#private::going_to(#endpoint, #operator, #transport));
    let envelope = envelope(sdk).into_iter().map(|(name, _)| format!("envelope;{name}"));
    // Not that the body is compressed: nobody is asked about that.
    let headers = sdk.wire.row().headers.iter().map(|(name, _)| format!("header;{name}"));
    let identity = args.identity.map(|At { value: Identity::Rotating(days), .. }| format!("identity;rotating;{days}"));
    let names = envelope.chain(headers).chain(identity).map(|text| digest::literal(&text));
    let (kind, name) = (digest::literal("sdk"), digest::literal(&sdk.name));
    let (wire, sampling) = (digest::literal(sdk.wire.row().digest_word), digest::sampling(sdk.sample));
    let digest = ours! {
        #private::sum(#private::combine(#kind, #name), &[#destination, #wire, #sampling, #(#names),*])
    };
    (destination, digest)
}

fn transport(args: &SdkArgs) -> &'static str {
    if args.transport.is_some() { "custom" } else { "built_in" }
}

fn pairs(pairs: Vec<(&str, &str)>) -> String {
    json::array(pairs.into_iter().map(|(name, doc)| json::strings([name, doc])))
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Library => "library",
        Role::Application => "application",
    }
}

fn default(default: On) -> &'static str {
    match default {
        On::On => "on",
        On::Off => "off",
    }
}

fn notice(notice: Notice) -> &'static str {
    match notice {
        Notice::NextRun => "next_run",
        Notice::SameRun => "same_run",
        Notice::Host => "host",
        Notice::None => "none",
    }
}

fn environment(environment: Environment) -> &'static str {
    match environment {
        Environment::Ci => "ci",
        Environment::Test => "test",
    }
}

fn instance(instance: Instance) -> &'static str {
    match instance {
        Instance::Optional => "optional",
        Instance::Required => "required",
    }
}

fn write_on(write_on: WriteOn) -> &'static str {
    match write_on {
        WriteOn::Worker => "worker",
        WriteOn::Caller => "caller",
    }
}
