//! What a user agrees to is one number, whoever computes it: the compiler for the running program, the tool from the
//! record in the file, and a script that knows nothing of our code.

use std::{
    collections::BTreeMap,
    io::Write as _,
    process::{Command, Stdio},
};

use telemetry_runtime::__private::{EventRegistration, SdkRegistration, inventory};
use telemetry_schema::{Record, digest, record};

use crate::{own_manifest, tool_ok, workspace};

#[test]
fn o13_the_compiler_comes_to_the_digest_of_the_record() {
    let mut compared = 0;
    for EventRegistration(meta) in inventory::iter::<EventRegistration> {
        let Ok(Record::Event(event)) = record::parse(meta.record()) else { panic!("an event's record") };
        assert_eq!(digest::hex(meta.digest()), digest::event(&event), "{}", event.key());
        compared += 1;
    }
    for SdkRegistration(sdk) in inventory::iter::<SdkRegistration> {
        let Ok(Record::Sdk(declared)) = record::parse(sdk.info.record) else { panic!("an SDK's record") };
        assert_eq!(digest::hex(sdk.info.digest), digest::sdk(&declared), "{}", sdk.info.name);
        assert_eq!(sdk.info.destination, digest::destination(&declared), "{}", sdk.info.name);
        assert_eq!(sdk.info.name_digest, digest::text(&declared.sdk), "{}", sdk.info.name);
        compared += 1;
    }
    let manifest = own_manifest();
    assert!(compared >= manifest.events.len() + manifest.sdks.len(), "{compared}");
    // Every type of field is among them.
    let text = manifest.to_json();
    for kind in [
        "bool",
        "int",
        "unbounded",
        "enum",
        "variants",
        "struct",
        "optional",
        "array",
        "list",
        "text",
        "one_of",
        "count_bucket",
        "duration_bucket",
        "version",
        "prefix",
        "os",
        "os_version",
        "packages",
        "pseudonym",
    ] {
        assert!(text.contains(&format!("\"{kind}\"")), "no field of the type {kind}");
    }
}

#[test]
fn o13_a_script_of_a_page_comes_to_the_same_digests() {
    let own = std::env::current_exe().unwrap();
    own_manifest();
    let list = tool_ok(&["list", own.to_str().unwrap(), "--format", "json"]);
    let mut script = Command::new("python3");
    script.arg(workspace().join("docs/read_digests.py")).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut running = script.stderr(Stdio::piped()).spawn().expect("python3 is needed to test");
    running.stdin.take().unwrap().write_all(list.as_bytes()).unwrap();
    let output = running.wait_with_output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let theirs: BTreeMap<_, _> = said.lines().map(|line| line.split_once(' ').unwrap()).map(|(a, b)| (b, a)).collect();
    for event in &own_manifest().events {
        assert_eq!(theirs[event.key().as_str()], digest::event(event));
    }
    assert!(theirs.len() > 20, "{said}");
}

#[test]
fn the_digest_script_on_the_page_is_the_one_that_is_tested() {
    let page = std::fs::read_to_string(workspace().join("docs/event-record.md")).unwrap();
    let script = std::fs::read_to_string(workspace().join("docs/read_digests.py")).unwrap();
    assert!(
        page.contains(&format!("```python\n{script}```")),
        "docs/event-record.md shows another docs/read_digests.py"
    );
}
