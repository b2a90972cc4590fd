//! The keys of an SDK's record between the crate and the place, and the facts about each wire format that it tells.

use proc_macro2::TokenStream;
use syn::LitStr;

use super::{
    super::{ours, record::cargo},
    Declaration,
};
use crate::{
    attr::{Environment, Exit, Notice, On, Role, SdkArgs, Wire, WriteOn},
    digest, json,
};

/// What every event of a strict `EventBatch` carries beside its payload.
const STRICT_ENVELOPE: [(&str, &str); 7] = [
    ("event", "The name of the event."),
    ("cv", "The version of the crate that declares the SDK."),
    ("it", "The type of instance; always `development`."),
    ("sdk", "The crate that registered itself as the wrapper; by default the declaring one."),
    ("sdkv", "The version of that crate."),
    ("pk", "The publishable key of the instance, if the host set one."),
    ("payload", "The fields of the event."),
];

/// What an extended one carries as well. Of the strict ones it leaves out `it`, which always says the same, and `pk` where there
/// are no instances.
const EXTENDED_ENVELOPE: [(&str, &str); 5] = [
    ("id", "A random id of this event, its time part cut to the hour; the same in every retry."),
    ("ts", "When the event was recorded, cut to the hour."),
    ("rate", "The sampling rate, if it is below 1."),
    ("actor", "Who ran the program: human, ci, agent or unknown."),
    ("ephemeral", "Whether the machine looks like a container or sandbox."),
];

const USER_AGENT: (&str, &str) = ("user-agent", "Name and version of the SDK.");
const IDEMPOTENCY_KEY: (&str, &str) = ("idempotency-key", "A random key of the request; the same in every retry.");
const CONTENT_TYPE: (&str, &str) = ("content-type", "That the body is JSON.");
const TELEMETRY_DAY: (&str, &str) = ("telemetry-day", "The UTC day of all events in the request.");

/// What a server learns from any request.
const SERVER_SEES: [&str; 3] = ["network address", "time of arrival", "TLS parameters"];

/// As `SdkInfo::has_instances` of the runtime has it.
fn envelope(sdk: &Declaration<'_>) -> Vec<(&'static str, &'static str)> {
    let has_instances = sdk.role == Role::Library || sdk.args.instance.is_some();
    match sdk.wire {
        Wire::EventBatch { strict: true } => STRICT_ENVELOPE.to_vec(),
        Wire::EventBatch { strict: false } => {
            let shared = STRICT_ENVELOPE.iter().filter(|(key, _)| match *key {
                "it" => false,
                "pk" => has_instances,
                _ => true,
            });
            shared.chain(&EXTENDED_ENVELOPE).copied().collect()
        }
        Wire::Beacon | Wire::Report => Vec::new(),
    }
}

/// A request without a body has no content type; one without times names its day.
fn headers(wire: Wire) -> Vec<(&'static str, &'static str)> {
    match wire {
        Wire::EventBatch { strict: false } => vec![USER_AGENT, IDEMPOTENCY_KEY, CONTENT_TYPE],
        Wire::EventBatch { strict: true } | Wire::Report => {
            vec![USER_AGENT, IDEMPOTENCY_KEY, CONTENT_TYPE, TELEMETRY_DAY]
        }
        Wire::Beacon => vec![USER_AGENT, IDEMPOTENCY_KEY, TELEMETRY_DAY],
    }
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
    push("endpoint", json::string(&sdk.endpoint));
    push("wire", wire(sdk.wire));
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
    if args.instance.is_some() {
        push("instance", json::string("required"));
    }
    push("sample", sdk.sample.to_string());
    push("transport", json::string(transport(args)));
    push("envelope", pairs(envelope(sdk)));
    push("headers", pairs(headers(sdk.wire)));
    push("server_sees", json::strings(SERVER_SEES));
    keys
}

/// The digests of where its events go and of all that a user is told of it, expressions of type `u128`.
pub(super) fn digests(private: &TokenStream, sdk: &Declaration<'_>) -> (TokenStream, TokenStream) {
    let args = sdk.args;
    let operator = args.operator.as_ref().map(LitStr::value).unwrap_or_default();
    let (endpoint, operator) = (digest::literal(&sdk.endpoint), digest::literal(&operator));
    let transport = digest::literal(transport(args));
    let destination = ours!(#private::going_to(#endpoint, #operator, #transport));
    let wire_word = match sdk.wire {
        Wire::EventBatch { strict: true } => "wire;event_batch;strict",
        Wire::EventBatch { strict: false } => "wire;event_batch",
        Wire::Beacon => "wire;beacon",
        Wire::Report => "wire;report",
    };
    let envelope = envelope(sdk).into_iter().map(|(name, _)| format!("envelope;{name}"));
    let headers = headers(sdk.wire).into_iter().map(|(name, _)| format!("header;{name}"));
    let names = envelope.chain(headers).map(|text| digest::literal(&text));
    let (kind, name) = (digest::literal("sdk"), digest::literal(&sdk.name));
    let (wire, sampling) = (digest::literal(wire_word), digest::sampling(sdk.sample));
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

fn wire(wire: Wire) -> String {
    match wire {
        Wire::EventBatch { strict } => format!("{{\"event_batch\":{{\"strict\":{strict}}}}}"),
        Wire::Beacon => "\"beacon\"".to_owned(),
        Wire::Report => "\"report\"".to_owned(),
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

fn write_on(write_on: WriteOn) -> &'static str {
    match write_on {
        WriteOn::Worker => "worker",
        WriteOn::Caller => "caller",
    }
}
