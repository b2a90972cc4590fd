//! Pages, notices and schemas, against programs that send.
//!
//! This test program declares SDKs of its own with every type of field, and links those of `tests/golden`. It reads its
//! own records from its own file, as the tool would, and sends real events to a server of its own.

mod command;
mod content;
mod digests;
mod examples;
mod golden;
mod honest;
mod hostile;
mod mutate;
mod notice;
mod privacy;
mod sdks;
mod sent;
mod watch;

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::OnceLock,
};

use serde_json::Value;
use telemetry_schema::{EventDescriptor, Manifest, SdkDescriptor};

/// The records in the file of this program.
fn own_manifest() -> &'static Manifest {
    static OWN: OnceLock<Manifest> = OnceLock::new();
    OWN.get_or_init(|| {
        sdks::link();
        cargo_telemetry::reader::read(&std::env::current_exe().unwrap()).unwrap().manifest
    })
}

fn sdk<'a>(manifest: &'a Manifest, name: &str) -> &'a SdkDescriptor {
    manifest.sdks.iter().find(|sdk| sdk.sdk == name).unwrap_or_else(|| panic!("no SDK {name}"))
}

fn events<'a>(manifest: &'a Manifest, sdk: &str) -> Vec<&'a EventDescriptor> {
    manifest.events.iter().filter(|event| event.sdk == sdk).collect()
}

/// The program `cargo telemetry`.
fn tool(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cargo-telemetry-tested")).arg("telemetry").args(arguments).output().unwrap()
}

/// Its standard output, if it ends well.
#[track_caller]
fn tool_ok(arguments: &[&str]) -> String {
    let output = tool(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The validator of another project for this schema.
fn validator(schema: &Value) -> jsonschema::Validator {
    jsonschema::draft202012::new(schema).unwrap()
}

/// What the validator says of a body, one line per error.
fn errors(validator: &jsonschema::Validator, body: &Value) -> Vec<String> {
    validator.iter_errors(body).map(|error| format!("{}: {error}", error.schema_path())).collect()
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}
