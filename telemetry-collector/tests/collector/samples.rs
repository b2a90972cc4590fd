//! The samples that start a collector give it arguments that it takes.

use std::process::Command;

const UNIT: &str = include_str!("../../../docs/samples/telemetry-collector.service");
const CONTAINER: &str = include_str!("../../../docs/samples/Containerfile");
const SCRATCH: &str = include_str!("../../../docs/samples/Containerfile.scratch");

/// Whether the program takes these arguments; `--help` behind them keeps it from doing anything.
fn takes(arguments: &[String]) -> bool {
    let mut command = Command::new(env!("CARGO_BIN_EXE_telemetry-collector-tested"));
    let output = command.args(arguments).arg("--help").output().unwrap();
    output.status.success() && String::from_utf8_lossy(&output.stdout).contains("--admin")
}

#[test]
fn unit_and_container_start_it_as_it_can_be_started() {
    let unit = UNIT.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap();
    let unit: Vec<String> = unit.split(' ').skip(1).map(str::to_owned).collect();
    let [entry, scratch] = [CONTAINER, SCRATCH].map(|file| {
        let entry = file.lines().find_map(|line| line.strip_prefix("ENTRYPOINT ")).unwrap();
        serde_json::from_str::<Vec<String>>(entry).unwrap()
    });
    assert_eq!(entry[1..], scratch[1..]);
    assert!(takes(&unit), "{unit:?}");
    assert!(takes(&entry[1..]), "{entry:?}");
    assert!(!takes(&["serve".to_owned(), "--datum".to_owned()]));
    // What the unit may write to is where the data lie.
    let state = UNIT.lines().find_map(|line| line.strip_prefix("StateDirectory=")).unwrap();
    assert!(unit.contains(&format!("/var/lib/{state}")));
}
