//! Events that are no functions: structs with closed fields.
//!
//! Where the model sends free text, a list stands here: themes the library does not ship are `other`, versions are
//! numbers and a known tag. Time stamps and floats cannot be expressed.

use telemetry_runtime::{OneOf, TelemetryValue, Version, telemetry_event};

/// The framework that the host uses: `FRAMEWORK_METADATA`.
#[telemetry_event(rename_all = "camelCase")]
pub(crate) struct FrameworkMetadata {
    /// Which router.
    pub(crate) router: Router,
    /// The version of Next.js.
    pub(crate) next_version: Version,
    /// Whether Turbopack builds the project.
    pub(crate) turbo: bool,
}

/// A router of the framework.
#[derive(TelemetryValue)]
#[telemetry(rename_all = "lowercase")]
pub(crate) enum Router {
    /// The app router.
    App,
    /// The pages router.
    #[expect(dead_code, reason = "this host uses the other one")]
    Pages,
}

/// A theme was used: `THEME_USAGE`.
#[telemetry_event(rename_all = "camelCase")]
pub(crate) struct ThemeUsage {
    /// Which one of the themes that the library ships, or `other`; no key for a theme without a name.
    pub(crate) theme_name: Option<OneOf<Theme>>,
}

/// A theme that the library ships. Only names of this list can be sent.
#[derive(TelemetryValue)]
#[telemetry(rename_all = "lowercase")]
#[expect(dead_code, reason = "`OneOf` finds them by name")]
pub(crate) enum Theme {
    /// Dark.
    Dark,
    /// Neobrutalism.
    Neobrutalism,
    /// shadcn.
    Shadcn,
}

/// A step of a flow was rendered: `FLOW_STEP_MOUNTED`.
#[telemetry_event]
pub(crate) struct FlowStepMounted {
    /// Which flow.
    pub(crate) flow: Flow,
    /// Which step of it.
    pub(crate) step: Step,
    /// What else is known.
    pub(crate) metadata: FlowMetadata,
}

/// A flow of several steps.
#[derive(TelemetryValue)]
pub(crate) enum Flow {
    /// Setting up single sign-on.
    #[telemetry(rename = "configureSSO")]
    ConfigureSso,
}

/// A step.
#[derive(TelemetryValue)]
#[telemetry(rename_all = "kebab-case")]
pub(crate) enum Step {
    /// The domain is verified.
    VerifyDomain,
    /// The end.
    Done,
}

/// What is known of a step: an object within the payload.
#[derive(TelemetryValue)]
#[telemetry(rename_all = "camelCase")]
pub(crate) struct FlowMetadata {
    /// How far the connection is.
    pub(crate) connection_status: Option<ConnectionStatus>,
}

/// How far a connection is.
#[derive(TelemetryValue)]
#[telemetry(rename_all = "lowercase")]
pub(crate) enum ConnectionStatus {
    /// Nothing is set up.
    Unconfigured,
    /// It works.
    #[expect(dead_code, reason = "this host is not there yet")]
    Active,
}
