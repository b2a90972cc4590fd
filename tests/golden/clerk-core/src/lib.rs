//! The events of a Clerk SDK, as an author would declare them with this framework.
//!
//! [`replay`] takes a call as the goldens write it down (`input.steps`) and makes the call that an SDK would make. What
//! the real helpers do with their arguments is the business of an SDK, so it stands here and not in the framework.

use serde_json::{Map, Value};
use telemetry_runtime::{
    OneOf, Options, Sdk, TelemetryValue, Version, instance::PublishableKey, record, sdk, telemetry_event,
};

mod components;

/// Usage of the Clerk components, to 127.0.0.1.
pub static TELEMETRY: Sdk = sdk! {
    name: "clerk-core",
    role: Library,
    default: On,
    env: "CLERK",
    endpoint: "http://127.0.0.1:4318",
    wire: EventBatch { strict: true },
    docs: "https://clerk.com/docs/telemetry",
    operator: "Clerk",
    contact: "support@clerk.com",
    region: "US",
    retention: "unknown",
    shared_with: "unknown",
    event_case: "SCREAMING_SNAKE_CASE",
    instance: Required,
};

/// A component was mounted with props of its own.
#[telemetry_event(rename_all = "camelCase")]
pub(crate) struct ComponentMounted {
    component: OneOf<components::Name>,
    appearance_prop: Option<bool>,
    theme: Option<bool>,
    elements: Option<bool>,
    variables: Option<bool>,
    with_sign_up: Option<bool>,
    show_name: Option<bool>,
    #[telemetry(range = 0..=1000)]
    n: Option<u16>,
}

/// One of a row of events that differ in a number.
#[telemetry_event(name = "CUSTOM")]
pub(crate) struct Custom {
    #[telemetry(range = 0..=1_000_000)]
    n: u64,
}

/// A method without a wrapper here was called.
#[telemetry_event(sample = 0.1)]
pub(crate) struct MethodCalled {
    method: OneOf<components::Method>,
}

/// What the host is made with.
#[telemetry_event(rename_all = "camelCase", sample = 0.1)]
pub(crate) struct FrameworkMetadata {
    router: Option<OneOf<Router>>,
    next_version: Option<Version>,
    turbo: Option<bool>,
}

/// A router of Next.js.
#[derive(TelemetryValue)]
#[telemetry(rename_all = "lowercase")]
#[expect(dead_code, reason = "`OneOf` finds them by name")]
pub(crate) enum Router {
    App,
    Pages,
}

/// A theme was used.
#[telemetry_event(rename_all = "camelCase")]
pub(crate) struct ThemeUsage {
    theme_name: Option<OneOf<components::Theme>>,
}

/// A step of a flow was mounted.
#[telemetry_event]
pub(crate) struct FlowStepMounted {
    flow: OneOf<components::Flow>,
    step: OneOf<components::Step>,
    metadata: FlowMetadata,
}

/// What the step says beside its name.
#[derive(TelemetryValue)]
#[telemetry(rename_all = "camelCase")]
pub(crate) struct FlowMetadata {
    #[telemetry(free_text, max_len = 32, reason = "the goldens carry a time as text; an SDK would leave it out")]
    timestamp: Option<String>,
    connection_status: Option<OneOf<components::ConnectionStatus>>,
}

/// Applies the options of `new TelemetryCollector(options)`. A key that cannot be read is ignored, as many hosts would do:
/// `instance: Required` does the rest.
pub fn configure(sdk: &Sdk, options: &Value, wrapper: Option<telemetry_runtime::Wrapper>) {
    let mut settings = Options::new();
    if let Some(Ok(key)) = options["publishableKey"].as_str().map(PublishableKey::parse) {
        settings = settings.instance(key);
    }
    if truthy(&options["disabled"]) {
        settings = settings.enabled(false);
    }
    if let Some(rate) = options["samplingRate"].as_f64() {
        settings = settings.sampling_rate(rate);
    }
    if truthy(&options["debug"]) {
        settings = settings.debug(true);
    }
    if let Some(wrapper) = wrapper {
        settings = settings.wrapper(wrapper);
    }
    sdk.configure(settings);
}

/// One step of a golden.
///
/// # Errors
///
/// The row of `docs/compatibility.md` that says what of it the events of this crate cannot express, and the reason.
pub fn replay(step: &Value) -> Result<(), String> {
    let nothing = Vec::new();
    let args = step["args"].as_array().unwrap_or(&nothing);
    let argument = |index: usize| args.get(index).unwrap_or(&Value::Null);
    let text = |index: usize| argument(index).as_str().unwrap_or_default();
    if step["op"] == "recordUnique" {
        let from = step["from"].as_u64().unwrap_or(0);
        (from..from + step["count"].as_u64().unwrap_or(1)).for_each(|n| record!(Custom { n }));
        return Ok(());
    }
    match step["name"].as_str().unwrap_or_default() {
        "eventPrebuiltComponentMounted" => match argument(2).as_object() {
            None => return components::mounted(text(0), &argument(1)["appearance"]),
            Some(more) => component_mounted(text(0), Some(&argument(1)["appearance"]), more)?,
        },
        "eventPrebuiltComponentOpened" => return components::opened(text(0), &argument(1)["appearance"]),
        "eventComponentMounted" => {
            component_mounted(text(0), None, argument(1).as_object().unwrap_or(&Map::new()))?;
        }
        "eventMethodCalled" => method_called(text(0), argument(1).as_object().unwrap_or(&Map::new()))?,
        "eventFrameworkMetadata" => {
            let of = argument(0);
            record!(FrameworkMetadata {
                router: of["router"].as_str().map(OneOf::parse),
                next_version: of["nextVersion"].as_str().map(Version::parse),
                turbo: of["turbo"].as_bool(),
            });
        }
        "eventThemeUsage" => {
            record!(ThemeUsage { theme_name: theme_name(&argument(0)["theme"]).map(OneOf::parse) });
        }
        "eventFlowStepMounted" => {
            if let Some(rate) = argument(3).as_f64() {
                TELEMETRY.configure(Options::new().sampling_rate(rate));
            }
            let metadata = argument(2);
            record!(FlowStepMounted {
                flow: OneOf::parse(text(0)),
                step: OneOf::parse(text(1)),
                metadata: FlowMetadata {
                    timestamp: metadata["timestamp"].as_str().map(str::to_owned),
                    connection_status: metadata["connectionStatus"].as_str().map(OneOf::parse),
                },
            });
        }
        other => return Err(format!("X9: no such helper: {other:?}")),
    }
    Ok(())
}

fn component_mounted(component: &str, appearance: Option<&Value>, props: &Map<String, Value>) -> Result<(), String> {
    known(props, &["withSignUp", "showName", "n"])?;
    if props.get("n").is_some_and(|n| n.as_u64().is_none_or(|n| n > 1000)) {
        return Err("C10: n is no whole number from 0 to 1000".into());
    }
    let flag = |name: &str| props.get(name).and_then(Value::as_bool);
    record!(ComponentMounted {
        component: OneOf::parse(component),
        appearance_prop: appearance.map(truthy),
        theme: appearance.map(|appearance| truthy(&appearance["theme"])),
        elements: appearance.map(|appearance| truthy(&appearance["elements"])),
        variables: appearance.map(|appearance| truthy(&appearance["variables"])),
        with_sign_up: flag("withSignUp"),
        show_name: flag("showName"),
        n: props.get("n").and_then(Value::as_u64).and_then(|n| u16::try_from(n).ok()),
    });
    Ok(())
}

fn method_called(method: &str, props: &Map<String, Value>) -> Result<(), String> {
    known(props, &["method", "handler", "satellite"])?;
    let flag = |name: &str| props.get(name).and_then(Value::as_bool).unwrap_or_default();
    match props.get("method").and_then(Value::as_str).unwrap_or(method) {
        "auth" => components::auth(),
        "clerkMiddleware" => components::clerk_middleware(flag("handler"), flag("satellite")),
        method => record!(MethodCalled { method: OneOf::parse(method) }),
    }
    Ok(())
}

fn known(props: &Map<String, Value>, names: &[&str]) -> Result<(), String> {
    match props.keys().find(|key| !names.contains(&key.as_str())) {
        Some(key) => Err(format!("C23: no field for the prop {key:?}")),
        None => Ok(()),
    }
}

/// The theme's name as Clerk finds it: a text, the name of an object, the first of a list that has one.
fn theme_name(theme: &Value) -> Option<&str> {
    match theme {
        Value::String(name) => Some(name),
        Value::Array(themes) => themes.iter().find_map(theme_name),
        _ => theme["name"].as_str(),
    }
}

/// Whether JavaScript takes the value for true.
pub(crate) fn truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}
