//! The programs of `examples/`: built once, run once, and everything that arrived at their servers.

use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    process::{Command, Stdio},
    sync::OnceLock,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;

use crate::{errors, validator, workspace};

/// Where cargo has put each example.
pub(crate) fn programs() -> &'static BTreeMap<String, PathBuf> {
    static PROGRAMS: OnceLock<BTreeMap<String, PathBuf>> = OnceLock::new();
    PROGRAMS.get_or_init(|| {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo)
            .args(["build", "-p", "telemetry-examples", "--bins", "--message-format=json-render-diagnostics"])
            .current_dir(workspace())
            .stderr(Stdio::inherit())
            .output()
            .unwrap();
        assert!(output.status.success(), "the examples build");
        let messages = String::from_utf8(output.stdout).unwrap();
        let built = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        built
            .filter_map(|message| {
                let name = message["target"]["name"].as_str()?.to_owned();
                Some((name, PathBuf::from(message["executable"].as_str()?)))
            })
            .collect()
    })
}

#[test]
fn r30_every_body_that_the_examples_send_validates() {
    assert_eq!(
        programs().keys().collect::<Vec<_>>(),
        ["admin-framework", "cli", "component-sdk", "quickstart", "two-sdks"]
    );
    for (name, program) in programs() {
        let folder = tempfile::tempdir().unwrap();
        let output = Command::new(program)
            .env("ACME_DEMO_KEEP", folder.path())
            .env_remove("ACME_DEMO_PORT")
            // The examples show what people see; CI would turn some of it off.
            .env_remove("CI")
            .output()
            .unwrap();
        let stdout = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{name}: {stdout}\n{}", String::from_utf8_lossy(&output.stderr));
        let manifest = cargo_telemetry::reader::read(program).unwrap().manifest;
        let mut validated = 0;
        for entry in fs::read_dir(folder.path()).unwrap() {
            let request: Value = serde_json::from_slice(&fs::read(entry.unwrap().path()).unwrap()).unwrap();
            let body = match request["path"].as_str().unwrap().split_once("payload=") {
                Some((_, encoded)) => String::from_utf8(STANDARD.decode(encoded).unwrap()).unwrap(),
                None => request["body"].as_str().unwrap().to_owned(),
            };
            let agent = request["headers"].as_array().unwrap().iter().find(|header| header[0] == "user-agent").unwrap();
            let sdk = agent[1].as_str().unwrap().split('/').next().unwrap();
            let schema = cargo_telemetry::json_schema::of(&manifest, sdk).unwrap();
            let errors = errors(&validator(&schema), &serde_json::from_str(&body).unwrap());
            assert!(errors.is_empty(), "{name}: {errors:#?}\n{body}");
            validated += 1;
        }
        assert!(validated > 0, "{name} sent something");
        eprintln!("{name}: {validated} bodies");
    }
}
