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

/// Renders `<Refine {...props}>` of a version as the goldens write it down: a provider is `{"$js": "({ get: … })"}`. What
/// the versions decide differently is the author's part, so it stands here.
///
/// # Errors
///
/// The row of `docs/compatibility.md` that says why nothing of this version can be sent, and the reason.
pub fn mount(version: &str, props: &Value) -> Result<(), String> {
    let (major, minor) = (part(version, 0), part(version, 1));
    if (major, minor) < (3, 66) {
        return Err(format!("V1: {version} encrypts what it sends"));
    }
    let option = &props["options"]["disableTelemetry"];
    let disabled = if major == 3 && option.is_null() { &props["disableTelemetry"] } else { option };
    TELEMETRY.configure(Options::new().enabled(!truthy(disabled)));
    let resources = props["resources"].as_array().map_or(0, Vec::len);
    // Without anything to show these versions render a page of their own in place of the tree.
    if resources == 0 && (major == 3 || (major == 4 && !props["legacyRouterProvider"].is_null())) {
        return Ok(());
    }
    let has = |provider: &str, methods: &[&str]| {
        let source = props[provider]["$js"].as_str().unwrap_or_default();
        methods.iter().any(|method| source.contains(&format!(" {method}:")))
    };
    record!(Mounted {
        providers: Providers {
            auth: !props["authProvider"].is_null(),
            audit_log: has("auditLogProvider", &["create", "get", "update"]),
            live: has("liveProvider", &["publish", "subscribe", "unsubscribe"]),
            router: major < 5 || has("routerProvider", &["go", "back", "parse", "Link"]),
            data: true,
            i18n: has("i18nProvider", &["translate", "changeLocale", "getLocale"]),
            notification: has("notificationProvider", &["open", "close"]),
            access_control: has("accessControlProvider", &["can"]),
        },
        version: Version::parse(version),
        resource_count: resources,
        project_id: props["options"]["projectId"].as_str().filter(|_| (major, minor) >= (4, 28)).map(str::to_owned),
    });
    Ok(())
}

fn part(version: &str, index: usize) -> u32 {
    version.split('.').nth(index).and_then(|part| part.parse().ok()).unwrap_or(0)
}

fn truthy(value: &Value) -> bool {
    !matches!(value, Value::Null | Value::Bool(false)) && value != 0 && value != ""
}
