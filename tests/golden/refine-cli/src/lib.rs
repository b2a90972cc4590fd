//! The report of the Refine CLI, and how it is gathered from a project.

use std::collections::BTreeMap;

use serde_json::Value;
use telemetry_runtime::{Os, Packages, Sdk, TelemetryValue, Version, record, sdk, telemetry_event};

/// Usage of the Refine CLI, to 127.0.0.1.
pub static TELEMETRY: Sdk = sdk! {
    name: "refine-cli",
    role: Application,
    exit: Later,
    default: On,
    env: "REFINE",
    env_aliases: ["REFINE_NO_TELEMETRY"],
    endpoint: "http://127.0.0.1:4318",
    wire: Report,
    docs: "https://refine.dev/docs/guides-concepts/telemetry/",
    operator: "Refine",
    contact: "info@refine.dev",
    region: "unknown",
    retention: "unknown",
    shared_with: "unknown",
};

/// A command succeeded.
#[telemetry_event(kind = Command, rename_all = "camelCase")]
pub(crate) struct CommandSucceeded {
    node_env: NodeEnv,
    #[telemetry(prefix = "v")]
    node_version: Version,
    os: Os,
    #[telemetry(free_text, max_len = 128, reason = "the goldens carry names of builds; an SDK would take OsVersion")]
    os_version: String,
    command: Command,
    #[telemetry(packages(prefixes = ["@refinedev", "@pankod/refine-"], max = 64))]
    packages: Packages,
    project_framework: Framework,
    #[telemetry(free_text, max_len = 64, reason = "the goldens carry an id of the project; an SDK would leave it out")]
    project_id: Option<String>,
}

/// What `NODE_ENV` says.
#[derive(TelemetryValue)]
#[telemetry(rename_all = "kebab-case")]
pub(crate) enum NodeEnv {
    Development,
    Production,
    Test,
    ContinuousIntegration,
    UserAcceptanceTesting,
    SystemIntegrationTesting,
    Custom,
}

/// Commands that are reported.
#[derive(TelemetryValue)]
#[telemetry(rename_all = "lowercase")]
pub(crate) enum Command {
    Build,
    Start,
    Whoami,
}

/// What a project is made with.
#[derive(TelemetryValue)]
#[telemetry(rename_all = "kebab-case")]
pub(crate) enum Framework {
    Craco,
    ReactScripts,
    #[telemetry(rename = "nextjs")]
    NextJs,
    Remix,
    RemixVite,
    Vite,
    Parcel,
    Unknown,
}

/// What the goldens know of the machine they were made on.
#[derive(Debug, Clone)]
pub struct Machine {
    /// The version of the CLI.
    pub cli: String,
    /// `process.version`
    pub node_version: String,
    /// The name of the operating system's build.
    pub os_version: String,
}

/// Runs `refine <args>` in the project that the golden describes, without the work of the command itself.
pub fn run(input: &Value, machine: Machine) {
    let args: Vec<&str> = input["args"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let command = match args.first() {
        Some(&"build") => Command::Build,
        Some(&"start") => Command::Start,
        Some(&"whoami") => Command::Whoami,
        _ => return,
    };
    let failed = input["bin"]["vite"].as_str().is_some_and(|script| script.contains("exit(1)"));
    if args.contains(&"--help") || failed || input["noPackageJson"] == true {
        return;
    }
    // What the first versions decide differently.
    let first = machine.cli.starts_with("2.1.");
    let mut installed = BTreeMap::new();
    for list in ["deps", "devDeps"] {
        for (name, version) in input[list].as_object().into_iter().flatten() {
            installed.insert(name.as_str(), version.as_str());
        }
    }
    let framework = if first { Framework::of_first(input) } else { Framework::of(&installed) };
    if first && matches!(framework, Framework::Unknown | Framework::Parcel) {
        return; // They crash before they report.
    }
    if first {
        installed.retain(|name, _| name.starts_with("@refinedev"));
    }
    record!(CommandSucceeded {
        node_env: NodeEnv::of(input["env"]["NODE_ENV"].as_str().unwrap_or_default()),
        node_version: Version::parse(&machine.node_version),
        os: Os::current(),
        os_version: machine.os_version,
        command,
        project_framework: framework,
        packages: installed.into_iter().collect(),
        project_id: input["refine"]["projectId"].as_str().filter(|_| !first).map(str::to_owned),
    });
}

impl NodeEnv {
    fn of(value: &str) -> Self {
        let value = value.to_lowercase();
        let has = |word: &str| value.contains(word);
        match () {
            () if value.is_empty() || has("dev") => Self::Development,
            () if has("prod") => Self::Production,
            () if has("test") || has("tst") => Self::Test,
            () if has("ci") => Self::ContinuousIntegration,
            () if has("uat") => Self::UserAcceptanceTesting,
            () if has("sit") => Self::SystemIntegrationTesting,
            () => Self::Custom,
        }
    }
}

impl Framework {
    /// As version 2.1.0 finds it: dependencies first, and Remix whatever builds it.
    fn of_first(input: &Value) -> Self {
        let lists = [&input["deps"], &input["devDeps"]];
        let any = |name: &str| lists.iter().any(|list| !list[name].is_null());
        match () {
            () if any("@craco/craco") => Self::Craco,
            () if !input["deps"]["react-scripts"].is_null() => Self::ReactScripts,
            () if any("next") => Self::NextJs,
            () if any("react-scripts") => Self::ReactScripts,
            () if any("@remix-run/react") => Self::Remix,
            () if any("vite") => Self::Vite,
            () if any("parcel") => Self::Parcel,
            () => Self::Unknown,
        }
    }

    fn of(installed: &BTreeMap<&str, Option<&str>>) -> Self {
        let has = |name: &str| installed.contains_key(name);
        match () {
            () if has("@craco/craco") => Self::Craco,
            () if has("react-scripts") => Self::ReactScripts,
            () if has("next") => Self::NextJs,
            () if has("@remix-run/react") && has("vite") => Self::RemixVite,
            () if has("@remix-run/react") => Self::Remix,
            () if has("vite") => Self::Vite,
            () if has("parcel") => Self::Parcel,
            () => Self::Unknown,
        }
    }
}
