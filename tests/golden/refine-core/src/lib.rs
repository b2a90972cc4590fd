//! The event of Refine core, and how it finds out which providers a project passes.

use serde_json::Value;
use telemetry_runtime::{Options, Sdk, TelemetryValue, Version, record, sdk, telemetry_event};

/// How projects set up Refine, to 127.0.0.1.
pub static TELEMETRY: Sdk = sdk! {
    name: "refine-core",
    role: Library,
    default: On,
    env: "REFINE",
    env_aliases: ["REFINE_NO_TELEMETRY"],
    endpoint: "http://127.0.0.1:4318",
    wire: Beacon,
    docs: "https://refine.dev/docs/guides-concepts/telemetry/",
    operator: "Refine",
    contact: "info@refine.dev",
    region: "unknown",
    retention: "unknown",
    shared_with: "unknown",
};

/// The framework was mounted.
#[telemetry_event(kind = Start, rename_all = "camelCase")]
pub(crate) struct Mounted {
    providers: Providers,
    version: Version,
    #[telemetry(range = 0..=100_000)]
    resource_count: usize,
    #[telemetry(free_text, max_len = 64, reason = "the goldens carry an id of the project; an SDK would leave it out")]
    project_id: Option<String>,
}

/// Which providers the project passes.
#[derive(TelemetryValue)]
#[telemetry(rename_all = "camelCase")]
pub(crate) struct Providers {
    auth: bool,
    audit_log: bool,
    live: bool,
    router: bool,
    data: bool,
    i18n: bool,
    notification: bool,
    access_control: bool,
}

/// Renders `<Refine {...props}>` as the goldens write it down: a provider is `{"$js": "({ get: … })"}`.
pub fn mount(props: &Value) {
    TELEMETRY.configure(Options::new().enabled(!truthy(&props["options"]["disableTelemetry"])));
    let has = |provider: &str, methods: &[&str]| {
        let source = props[provider]["$js"].as_str().unwrap_or_default();
        methods.iter().any(|method| source.contains(&format!(" {method}:")))
    };
    record!(Mounted {
        providers: Providers {
            auth: !props["authProvider"].is_null(),
            audit_log: has("auditLogProvider", &["create", "get", "update"]),
            live: has("liveProvider", &["publish", "subscribe", "unsubscribe"]),
            router: has("routerProvider", &["go", "back", "parse", "Link"]),
            data: true,
            i18n: has("i18nProvider", &["translate", "changeLocale", "getLocale"]),
            notification: has("notificationProvider", &["open", "close"]),
            access_control: has("accessControlProvider", &["can"]),
        },
        version: Version::parse(env!("CARGO_PKG_VERSION")),
        resource_count: props["resources"].as_array().map_or(0, Vec::len),
        project_id: props["options"]["projectId"].as_str().map(str::to_owned),
    });
}

fn truthy(value: &Value) -> bool {
    !matches!(value, Value::Null | Value::Bool(false)) && value != 0 && value != ""
}
