//! A second reader: the script of `docs/`, which knows nothing of our code, reads what we read.

use std::{fs, path::PathBuf, process::Command};

use cargo_telemetry::reader;
use telemetry_schema::Record;
use telemetry_tests::fixture::workspace;

use crate::{
    real::{PROGRAMS, programs},
    samples::{object, records},
};

fn script() -> PathBuf {
    workspace().join("docs/read_records.py")
}

#[test]
fn the_script_on_the_page_is_the_script_that_is_tested() {
    let page = fs::read_to_string(workspace().join("docs/event-record.md")).unwrap();
    let script = fs::read_to_string(script()).unwrap();
    assert!(
        page.contains(&format!("```python\n{script}```")),
        "docs/event-record.md shows another docs/read_records.py"
    );
}

#[test]
fn a_reader_of_a_few_lines_agrees_with_ours() {
    let folder = tempfile::tempdir().unwrap();
    let sample = folder.path().join("several");
    let sections: [(&str, &[u8]); 2] = [(".telemetry", &records(&["b", "a"])), (".telemetry", &records(&["c"]))];
    fs::write(&sample, object(object::BinaryFormat::Elf, &sections)).unwrap();
    let mut files = vec![sample];
    if cfg!(target_os = "linux") {
        files.push(programs().live.clone());
    } else {
        eprintln!("NOT RUN: the programs of this system are no ELF files; {PROGRAMS}");
    }
    for file in files {
        let output = Command::new("python3").arg(script()).arg(&file).output().expect("python3 is needed to test");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let theirs: Vec<Record> = serde_json::from_slice(&output.stdout).expect("the script prints records");
        let (mut sdks, mut events) = (Vec::new(), Vec::new());
        for record in theirs {
            match record {
                Record::Sdk(sdk) => sdks.push(sdk),
                Record::Event(event) => events.push(event),
            }
        }
        let theirs = telemetry_schema::Manifest::new(sdks, events);
        let ours = reader::read(&file).unwrap().manifest;
        assert!(ours.events.len() >= 3, "{}: {} events compare nothing", file.display(), ours.events.len());
        assert_eq!(theirs, ours, "{}", file.display());
    }
}

#[test]
fn the_script_does_not_take_silence_for_an_answer() {
    let folder = tempfile::tempdir().unwrap();
    let cases = [
        (object(object::BinaryFormat::Elf, &[]), "never clean"),
        (object(object::BinaryFormat::Elf, &[(".telemetry", b"\x7fTLM9{}\n")]), "format version 9"),
        (b"MZ no elf".to_vec(), "not an ELF file"),
    ];
    for (number, (bytes, text)) in cases.iter().enumerate() {
        let file = folder.path().join(number.to_string());
        fs::write(&file, bytes).unwrap();
        let output = Command::new("python3").arg(script()).arg(&file).output().expect("python3 is needed to test");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(1) && said.contains(text), "{said}");
    }
}
