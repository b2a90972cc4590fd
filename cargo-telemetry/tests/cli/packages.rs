//! Sources of the packages that tests build.

/// The dependency of all of them.
pub(crate) const RUNTIME: &str = "[dependencies]\ntelemetry-runtime = { path = $RUNTIME, default-features = false }\n";

/// A declaration of an SDK, as `crate::TELEMETRY`.
pub(crate) const SDK: &str = r#"use telemetry_runtime::{Sdk, record, sdk, telemetry_event};

/// Usage of the demo.
pub static TELEMETRY: Sdk = sdk! {
    name: "demo", role: Application, default: On, env: "DEMO",
    endpoint: "https://telemetry.demo.example", wire: EventBatch { strict: false },
    docs: "https://demo.example/telemetry", operator: "Demo Inc.", contact: "privacy@demo.example",
    region: "EU", retention: "90 days", shared_with: "nobody", exit: Later,
};
"#;

/// A program that records one event.
pub(crate) fn program() -> String {
    format!(
        r#"//! A demo.

{SDK}
/// A file was opened.
#[telemetry_event]
struct FileOpened {{
    /// How many files were open then.
    #[telemetry(range = 0..=99)]
    open_files: u8,
    /// Whether it was opened by drag and drop.
    dropped: bool,
}}

fn main() {{
    record!(FileOpened {{ open_files: 1, dropped: false }});
}}
"#
    )
}
