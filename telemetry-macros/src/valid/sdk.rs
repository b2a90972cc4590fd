//! Rules for `sdk!`.

use proc_macro2::Span;
use syn::LitStr;

use super::{common, url};
use crate::{
    attr::{self, At, Exit, Identity, Notice, On, Role, SdkArgs, Wire},
    case::Case,
    errors::Errors,
    location,
};

/// Keys that every SDK says itself: there is no default that would be right for another vendor.
const REQUIRED: [&str; 12] = [
    "name",
    "role",
    "default",
    "env",
    "endpoint",
    "wire",
    "docs",
    "operator",
    "contact",
    "region",
    "retention",
    "shared_with",
];

/// Days of one id at most; `telemetry_schema::limits::IDENTITY_DAYS`, which a test compares.
const IDENTITY_DAYS: u64 = 90;

/// Bytes of all texts that stand in the notice; `telemetry_schema::notice::AUTHOR_BYTES`, which a test compares.
const NOTICE_TEXTS: usize = 1_200;

pub(crate) fn check(sdk: &SdkArgs, errors: &mut Errors) {
    required_keys_are_there(sdk, errors);
    name_is_plain(sdk.name.as_ref(), errors);
    begins_variables(sdk.env.as_ref(), errors);
    for variable in sdk.env_aliases.iter().chain(sdk.builds.iter().map(|builds| &builds.0)) {
        is_a_variable(variable, errors);
    }
    command_can_be_typed(sdk.command.as_ref(), errors);
    endpoint_is_safe(sdk.endpoint.as_ref(), errors);
    docs_is_a_link(sdk.docs.as_ref(), errors);
    for (key, text) in [
        ("operator", &sdk.operator),
        ("contact", &sdk.contact),
        ("region", &sdk.region),
        ("retention", &sdk.retention),
        ("shared_with", &sdk.shared_with),
    ] {
        is_declared(key, text.as_ref(), errors);
    }
    notice_has_room(sdk, errors);
    active_has_room(sdk, errors);
    compress_has_a_body(sdk, errors);
    health_has_room(sdk, errors);
    identity_lasts_a_while(sdk, errors);
    identity_has_room(sdk, errors);
    page_has_no_identity(sdk, errors);
    on_is_told(sdk, errors);
    environments_differ(sdk, errors);
    application_says_how_it_ends(sdk, errors);
    grace_is_short(sdk, errors);
    page_has_one_client(sdk, errors);
    common::sample_is_a_share(sdk.sample, errors);
}

/// Reports the keys that are missing, all in one list that can be pasted.
fn required_keys_are_there(sdk: &SdkArgs, errors: &mut Errors) {
    let missing: Vec<_> = REQUIRED.iter().filter(|key| !sdk.written.iter().any(|written| written == *key)).collect();
    let examples = missing.iter().map(|key| SdkArgs::example(key));
    let message = match missing.as_slice() {
        [] => return,
        [key] => format!("`{key}` is missing: `{}`", SdkArgs::example(key)),
        keys => {
            let keys = attr::listed(keys.iter().map(|key| **key));
            let lines = examples.map(|example| format!("\n    {example},")).collect::<String>();
            format!("these keys are missing: {keys}\nadd these lines and change what they say:{lines}")
        }
    };
    errors.at(location::start(Span::call_site()), message);
}

/// The name is a folder, a key and part of a user agent.
fn name_is_plain(name: Option<&LitStr>, errors: &mut Errors) {
    let plain = |text: &str| {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        (1..=64).contains(&text.len()) && text.bytes().all(allowed)
    };
    if let Some(name) = name.filter(|name| !plain(&name.value())) {
        let instead = Case::Kebab.spell(&name.value());
        let instead = if plain(&instead) { instead } else { "acme-ui".to_owned() };
        errors.on(name, format!("the name of an SDK is 1 to 64 of the characters a-z 0-9 -: `name: \"{instead}\"`"));
    }
}

/// Our own variables are made of it, and written the same way on every platform.
fn begins_variables(stem: Option<&LitStr>, errors: &mut Errors) {
    let Some(stem) = stem else { return };
    let text = stem.value();
    if !is_name(&text) || text.bytes().any(|byte| byte.is_ascii_lowercase()) {
        let instead = Case::ScreamingSnake.spell(&text);
        let instead = if is_name(&instead) { instead } else { "ACME".to_owned() };
        errors.on(stem, format!("variables begin with A-Z or _, then A-Z 0-9 _: `env: \"{instead}\"`"));
    } else if text.ends_with('_') {
        // `ACME__TELEMETRY_DISABLED` is what nobody would set.
        let instead = text.trim_end_matches('_');
        errors
            .on(stem, format!("`env` goes before `_TELEMETRY_DISABLED`, so it ends without `_`: `env: \"{instead}\"`"));
    }
}

/// What users of the program have set already is spelt as they have set it: `_ZO_NO_TELEMETRY`, `npm_config_quiet`.
fn is_a_variable(variable: &LitStr, errors: &mut Errors) {
    if !is_name(&variable.value()) {
        errors.on(variable, "a variable is a letter or _, then letters, digits and _: `\"ACME_NO_TELEMETRY\"`");
    }
}

/// A name that every shell can set. `_` alone is the shell's own, and always set.
fn is_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let starts = !text.starts_with(|first: char| first.is_ascii_digit());
    starts && text.bytes().all(allowed) && text.bytes().any(|byte| byte != b'_')
}

/// The notice names it, and a person types what stands there.
fn command_can_be_typed(command: Option<&LitStr>, errors: &mut Errors) {
    const LONGEST: usize = 64;
    let is_word = |word: &str| {
        let starts = word.starts_with(|first: char| first.is_ascii_alphanumeric());
        starts && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    if let Some(literal) = command {
        let text = literal.value();
        if text.len() > LONGEST || !text.split(' ').all(is_word) {
            let message = "`command` is what users type, of words of a-z A-Z 0-9 - _ . with one space between them, at most 64 \
                           bytes: `command: \"acme telemetry\"`";
            errors.on(literal, message);
        }
    }
}

/// Events travel encrypted, and never with a password or a query of the author's.
fn endpoint_is_safe(endpoint: Option<&LitStr>, errors: &mut Errors) {
    let Some(literal) = endpoint.filter(|literal| self::endpoint(literal).is_none()) else { return };
    let text = literal.value();
    let secure = text.strip_prefix("http://").map(|rest| format!("https://{rest}"));
    let message = if let Some(secure) = secure.filter(|secure| url::endpoint(secure).is_some()) {
        &format!("an endpoint begins with https, unless it is a loopback address: `endpoint: \"{secure}\"`")
    } else if text.starts_with("http://") {
        "an endpoint begins with https: `endpoint: \"https://telemetry.acme.example\"`"
    } else if text.starts_with("https://") {
        "an endpoint is a host, with a port or path if need be, but no user, query or fragment: \
         `https://telemetry.acme.example/v1`"
    } else {
        "an endpoint is an address: `https://telemetry.acme.example`"
    };
    errors.on(literal, message);
}

/// The endpoint as it is used.
pub(crate) fn endpoint(literal: &LitStr) -> Option<String> {
    url::endpoint(&literal.value())
}

/// The page that the notice names.
fn docs_is_a_link(docs: Option<&LitStr>, errors: &mut Errors) {
    if let Some(link) = docs.filter(|link| !url::is_https(&link.value())) {
        errors.on(link, "`docs` is the address of a page: `docs: \"https://acme.example/telemetry\"`");
    }
}

/// What cannot be checked is at least declared.
fn is_declared(key: &str, text: Option<&LitStr>, errors: &mut Errors) {
    if let Some(text) = text.filter(|text| text.value().trim().is_empty()) {
        errors.on(text, format!("`{key}` is empty: `{}`", SdkArgs::example(key)));
    }
}

/// The notice is shown on a terminal at once or not at all, so it is short.
fn notice_has_room(sdk: &SdkArgs, errors: &mut Errors) {
    let texts = [
        &sdk.endpoint,
        &sdk.docs,
        &sdk.operator,
        &sdk.contact,
        &sdk.region,
        &sdk.retention,
        &sdk.shared_with,
        &sdk.env,
        &sdk.env,
        &sdk.command,
        &sdk.command,
        &sdk.command,
    ];
    // As a terminal gets them: a line end is two bytes.
    let bytes = |text: &LitStr| text.value().len() + text.value().matches('\n').count();
    let longest = texts.into_iter().flatten().max_by_key(|text| bytes(text));
    let sum: usize = texts.into_iter().flatten().map(bytes).sum();
    if let Some(longest) = longest.filter(|_| sum > NOTICE_TEXTS) {
        let message = format!(
            "the notice would be too long: the texts in it may have {NOTICE_TEXTS} bytes together, these have {sum}; put \
             the details on the page that `docs` names"
        );
        errors.on(longest, message);
    }
}

/// What travels in the address is in no body.
fn compress_has_a_body(sdk: &SdkArgs, errors: &mut Errors) {
    if let (Some(compress), Some(wire)) = (sdk.compress, sdk.wire)
        && wire.value == Wire::Beacon
    {
        errors.at(compress.span, "`Beacon` sends no body that could be compressed; remove `compress`");
    }
}

/// `Beacon` and `Report` carry one type of event.
fn active_has_room(sdk: &SdkArgs, errors: &mut Errors) {
    if let (Some(active), Some(wire)) = (sdk.active, sdk.wire)
        && !wire.value.row().is_list
    {
        let message = "this wire format has no room for a second event; remove `active` or use `wire: EventBatch`";
        errors.at(active.span, message);
    }
}

/// The counts of losses are worth something only where a repeat can be told from a second report.
fn health_has_room(sdk: &SdkArgs, errors: &mut Errors) {
    if let (Some(health), Some(wire)) = (sdk.health, sdk.wire)
        && !wire.value.row().has_ids
    {
        let message = "this wire format has no room for `telemetry_health`; remove `health` or use \
                       `wire: EventBatch { strict: false }`";
        errors.at(health.span, message);
    }
}

/// An id that never ends is a person's name, and one that ends within the day joins nothing.
fn identity_lasts_a_while(sdk: &SdkArgs, errors: &mut Errors) {
    if let Some(At { value: Identity::Rotating(days), span }) = sdk.identity
        && !(1..=IDENTITY_DAYS).contains(&days)
    {
        errors.at(span, format!("an id is used for 1 to {IDENTITY_DAYS} days: `identity: Rotating(30)`"));
    }
}

/// An id of the installation stands beside that of the event, which is how a server knows what to delete.
fn identity_has_room(sdk: &SdkArgs, errors: &mut Errors) {
    if let (Some(identity), Some(wire)) = (sdk.identity, sdk.wire)
        && !wire.value.row().has_ids
    {
        let message =
            "this wire format has no room for an id; remove `identity` or use `wire: EventBatch { strict: false }`";
        errors.at(identity.span, message);
    }
}

/// A page has no command by which its user could have deleted what was sent with an id.
fn page_has_no_identity(sdk: &SdkArgs, errors: &mut Errors) {
    if let (Some(identity), Some(browser)) = (sdk.identity, sdk.browser)
        && browser.value
    {
        errors.at(
            identity.span,
            "a page sends no id: its user has no command that could have the vendor delete what came with it; remove `identity`, or \
             `browser: true`",
        );
    }
}

/// Nothing is on that nobody was told of.
fn on_is_told(sdk: &SdkArgs, errors: &mut Errors) {
    if let (Some(default), Some(notice)) = (sdk.default, sdk.notice)
        && (default.value, notice.value) == (On::On, Notice::None)
    {
        errors.at(notice.span, "`default: On` needs a notice: `notice: NextRun`, `SameRun` or `Host`");
    }
}

/// A list names each environment once.
fn environments_differ(sdk: &SdkArgs, errors: &mut Errors) {
    for (at, environment) in sdk.environments.iter().enumerate() {
        if sdk.environments.iter().take(at).any(|earlier| earlier.value == environment.value) {
            errors.at(environment.span, "duplicate environment; remove one of them: `environments: [Ci, Test]`");
        }
    }
}

/// A short program under `Later` may never send anything, and a program that runs on needs nothing else: only the author
/// knows which one this is. A library does not end.
fn application_says_how_it_ends(sdk: &SdkArgs, errors: &mut Errors) {
    if let Some(role) = sdk.role
        && role.value == Role::Application
        && !sdk.written.iter().any(|written| written == "exit")
    {
        let message = "`exit` is missing: when are the events of this program sent?\n\
                       `exit: Detached`: after its end, in a process of their own; for command-line programs\n\
                       `exit: Grace(300)`: its end waits for them, up to 300 ms; where no process may be started\n\
                       `exit: Later`: while it runs; for programs that run for minutes. Short ones would never send\n\
                       `Detached` and `Grace` need one line, the first of `main`: \
                       `let _telemetry = telemetry_runtime::exit_guard();`";
        errors.at(role.span, message);
    }
}

/// People notice a program that ends later than it could.
fn grace_is_short(sdk: &SdkArgs, errors: &mut Errors) {
    const LONGEST: u64 = 300;
    if let Some(exit) = sdk.exit
        && let Exit::Grace(milliseconds) = exit.value
        && !(1..=LONGEST).contains(&milliseconds)
    {
        errors.at(exit.span, format!("the end of a program may wait 1 to {LONGEST} ms: `exit: Grace({LONGEST})`"));
    }
}

/// A transport of the author's waits for an answer, and a page must not.
fn page_has_one_client(sdk: &SdkArgs, errors: &mut Errors) {
    if let (Some(browser), Some(_)) = (sdk.browser, &sdk.transport)
        && browser.value
    {
        errors.at(browser.span, "a page sends by the browser's own client; remove `transport`, or `browser: true`");
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn o17_the_notice_has_room_for_what_an_author_may_write() {
        assert_eq!(super::NOTICE_TEXTS, telemetry_schema::notice::AUTHOR_BYTES);
        assert_eq!(super::IDENTITY_DAYS, u64::from(telemetry_schema::limits::IDENTITY_DAYS));
    }
}
