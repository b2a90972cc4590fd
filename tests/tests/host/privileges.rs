//! A program with more rights than its user follows nothing that its user says, and does nothing.

use std::{
    fs::{self, Permissions},
    os::unix::fs::{PermissionsExt as _, chown},
    path::{Path, PathBuf},
    process::Command,
};

use telemetry_tests::{Sandbox, probe_path, run, run_ok};

use crate::not_run;

/// Nobody, on any system that these tests run on.
const USER: u32 = 65534;

/// A folder that another user can reach, with copies of the probe and a state folder that is this user's.
struct Place {
    folder: tempfile::TempDir,
    sandbox: Sandbox,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        let place = Self { folder, sandbox: Sandbox::new() };
        fs::create_dir(place.state()).unwrap();
        chown(place.state(), Some(USER), Some(USER)).unwrap();
        place
    }

    fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// A copy of the probe with this mode.
    fn copy(&self, mode: u32) -> PathBuf {
        let copy = self.folder.path().join(format!("probe-{mode:o}"));
        telemetry_tests::install_program(&probe_path(), &copy);
        fs::set_permissions(&copy, Permissions::from_mode(mode)).unwrap();
        copy
    }

    /// That program, started by another user, who has a home and a state folder.
    fn as_user(&self, program: &Path, arguments: &[&str]) -> Command {
        let user = USER.to_string();
        let mut command = self.sandbox.command("setpriv");
        command.args(["--reuid", &user, "--regid", &user, "--clear-groups"]).arg(program).args(arguments);
        command.env("HOME", self.folder.path()).env("XDG_STATE_HOME", self.state()).current_dir("/");
        command
    }

    fn is_untouched(&self) -> bool {
        fs::read_dir(self.state()).unwrap().next().is_none() && self.sandbox.server.connections() == 0
    }
}

/// Whether a program can be started here as another user, and raise its rights again.
#[track_caller]
fn can_raise() -> bool {
    if !rustix::process::geteuid().is_root() {
        not_run("the rights of root, to make a setuid program");
        return false;
    }
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    let id = folder.path().join("id");
    telemetry_tests::install_program("/usr/bin/id".as_ref(), &id);
    fs::set_permissions(&id, Permissions::from_mode(0o4755)).unwrap();
    let user = USER.to_string();
    let output =
        Command::new("setpriv").args(["--reuid", &user, "--regid", &user, "--clear-groups"]).arg(id).arg("-u").output();
    let raised = output.is_ok_and(|output| output.stdout == b"0\n");
    if !raised {
        not_run("setpriv, or a temporary folder on a file system that allows setuid");
    }
    raised
}

/// What a program with raised rights answers, whatever it is asked.
#[track_caller]
fn check_off(place: &Place, program: &Path) {
    for gate in ["PROBE_STRICT_GATE", "PROBE_LOOPBACK"] {
        let said = run_ok(place.as_user(program, &["record-status"]).env(gate, "1").env("PROBE_NOTICE_SHOWN", "1"));
        let status: serde_json::Value = serde_json::from_str(&said).unwrap();
        assert_eq!((&status["mode"], &status["decided_by"]), (&"off".into(), &7.into()), "{said}");
        let layer = status["layers"].as_array().unwrap().iter().find(|layer| layer["number"] == 7).unwrap();
        assert_eq!(layer["source"], "AT_SECURE", "{said}");
    }
    let said = run_ok(&mut place.as_user(program, &["say", "rust", "consent"]));
    assert!(said.contains("stored: false") && !said.contains("stored: true"), "{said}");
    // What it would have recorded is no secret of its user's.
    let output = run(place.as_user(program, &["record"]).env("PROBE_TELEMETRY_DEBUG", "1"));
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    // Nobody makes it deliver in place of what it is for.
    let mut deliver = place.as_user(program, &["--telemetry-deliver"]);
    let output = run(deliver.env("TELEMETRY_RUNTIME_DELIVER", "probe=1"));
    assert_eq!(output.status.code(), Some(2), "the probe knows no such action: {output:?}");
    assert!(place.is_untouched(), "{}", program.display());
}

#[test]
fn o05_a_setuid_or_setgid_program_is_off_and_touches_nothing() {
    if !can_raise() {
        return;
    }
    for mode in [0o4755, 0o2755, 0o6755] {
        let place = Place::new();
        check_off(&place, &place.copy(mode));
    }
    let place = Place::new();
    let plain = place.copy(0o755);
    let said = run_ok(&mut place.as_user(&plain, &["flush"]));
    assert!(said.contains("sent: 5") && !place.is_untouched(), "the same program without them records: {said}");
}

#[test]
fn o05_a_program_with_a_capability_is_off_and_touches_nothing() {
    if !can_raise() {
        return;
    }
    let place = Place::new();
    let program = place.copy(0o755);
    let set = Command::new("setcap").arg("cap_net_raw+ep").arg(&program).output();
    if !set.is_ok_and(|set| set.status.success()) {
        return not_run("setcap, or a temporary folder on a file system with capabilities");
    }
    check_off(&place, &program);
}

#[test]
fn o05_root_leaves_the_folders_of_others_alone() {
    if !can_raise() {
        return;
    }
    // Neither variable of `sudo` nor setuid: the owner of the folder says whose it is.
    for gate in ["PROBE_STRICT_GATE", "PROBE_LOOPBACK"] {
        let place = Place::new();
        let mut command = place.sandbox.probe("record-status");
        command.env("HOME", place.state()).env("XDG_STATE_HOME", place.state()).env(gate, "1");
        let said = run_ok(command.env("PROBE_NOTICE_SHOWN", "1"));
        let status: serde_json::Value = serde_json::from_str(&said).unwrap();
        assert_eq!((&status["mode"], &status["decided_by"]), (&"off".into(), &10.into()), "{said}");
        assert!(said.contains("root in another user's home"), "{said}");
        assert!(place.is_untouched());
    }
}
