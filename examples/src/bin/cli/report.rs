//! What is reported of a command.

use std::env;

use telemetry_runtime::{Os, OsVersion, Packages, TelemetryValue, telemetry_event};

use crate::command::Command;

/// A command succeeded.
#[telemetry_event(kind = Command, rename_all = "camelCase")]
pub(crate) struct CommandSucceeded {
    /// What the variable NODE_ENV says, as one of a few words.
    node_env: NodeEnv,
    /// The operating system, by name.
    os: Os,
    /// Its version, numbers only.
    os_version: OsVersion,
    /// Which command.
    command: Command,
    /// Packages of ours that the project has. Other names cannot be sent.
    #[telemetry(packages(prefixes = ["@acme/", "acme-"], max = 32))]
    packages: Packages,
    /// What the project is made with.
    project_framework: Framework,
}

/// An environment that a project runs in.
#[derive(TelemetryValue)]
#[telemetry(rename_all = "kebab-case")]
enum NodeEnv {
    /// Development.
    Development,
    /// Production.
    Production,
    /// Tests.
    Test,
    /// Any other word.
    Custom,
}

/// What a project is made with.
#[derive(TelemetryValue)]
#[telemetry(rename_all = "lowercase")]
enum Framework {
    /// Vite.
    Vite,
    /// Next.js.
    NextJs,
    /// Anything else.
    Unknown,
}

impl CommandSucceeded {
    /// Gathers the report. `record!` calls it only if the event will be recorded.
    pub(crate) fn of(command: Command) -> Self {
        let installed = installed();
        let project_framework = match () {
            () if installed.iter().any(|(name, _)| *name == "next") => Framework::NextJs,
            () if installed.iter().any(|(name, _)| *name == "vite") => Framework::Vite,
            () => Framework::Unknown,
        };
        Self {
            node_env: NodeEnv::current(),
            os: Os::current(),
            os_version: OsVersion::current(),
            command,
            packages: installed.into_iter().collect(),
            project_framework,
        }
    }
}

impl NodeEnv {
    fn current() -> Self {
        let value = env::var("NODE_ENV").unwrap_or_default().to_lowercase();
        if value.is_empty() || value.contains("dev") {
            Self::Development
        } else if value.contains("prod") {
            Self::Production
        } else if value.contains("test") || value.contains("tst") {
            Self::Test
        } else {
            Self::Custom
        }
    }
}

/// The packages of the project. A real program reads them from its lock file; it need not start a package manager.
fn installed() -> Vec<(&'static str, Option<&'static str>)> {
    vec![
        ("@acme/antd", Some("6.0.3")),
        ("@acme/core", Some("5.0.12")),
        ("@jane-does-company/payroll", Some("1.0.0")),
        ("acme-legacy", None),
        ("left-pad", Some("1.3.0")),
        ("vite", Some("5.0.0")),
    ]
}
