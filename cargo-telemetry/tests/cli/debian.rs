//! The recipe for Debian, followed by `make`, with `dh` and cargo played by scripts: `scripts/packaging-check` has the real ones.

use std::{fs, path::Path, process::Command};

use crate::kit::workspace;

/// As the sequencer of debhelper calls the steps of a package: under `nocheck` it leaves tests out, overridden or not.
const DH: &str = "#!/bin/sh
for step in dh_auto_build dh_auto_test dh_auto_install dh_strip dh_builddeb; do
    case \"$step $DEB_BUILD_OPTIONS\" in 'dh_auto_test '*nocheck*) continue ;; esac
    if grep -qx \"override_$step:\" debian/rules; then
        # An override without a recipe leaves the step out.
        grep -A1 -x \"override_$step:\" debian/rules | grep -q '^\t' || continue
        make -s -f debian/rules override_$step || exit 1
    else
        echo \"$step\" >> steps
    fi
done
";

/// Answers `absent` with what the test says, and notes what it was asked of.
const CARGO: &str = "#!/bin/sh
if [ \"$1\" = telemetry ]; then echo \"$@\" >> steps; exit \"$TRACES\"; fi
mkdir -p target/release; echo program > target/release/acme
";

fn script(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    assert!(Command::new("chmod").arg("+x").arg(&path).status().unwrap().success());
}

#[cfg(unix)]
#[test]
fn a10_the_debian_recipe_proves_absence_under_nocheck_as_well() {
    let page = fs::read_to_string(workspace().join("docs/packaging.md")).unwrap();
    let rules = page.split("```make\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    for (options, traces, built) in
        [("", "0", true), ("nocheck", "0", true), ("", "1", false), ("nocheck", "1", false), ("nocheck", "2", false)]
    {
        let folder = tempfile::tempdir().unwrap();
        let bin = folder.path().join("bin");
        fs::create_dir_all(folder.path().join("debian")).unwrap();
        fs::create_dir(&bin).unwrap();
        fs::write(folder.path().join("debian/rules"), rules).unwrap();
        script(&bin, "dh", DH);
        script(&bin, "cargo", CARGO);
        script(&bin, "dh_builddeb", "#!/bin/sh\necho dh_builddeb >> steps\n");
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths(std::iter::once(bin).chain(std::env::split_paths(&path))).unwrap();
        let mut make = Command::new("make");
        make.args(["-s", "-f", "debian/rules", "binary"]).current_dir(folder.path());
        let ended = make.env("PATH", path).env("DEB_BUILD_OPTIONS", options).env("TRACES", traces).output().unwrap();
        let steps = fs::read_to_string(folder.path().join("steps")).unwrap_or_default();
        let case = format!("{options:?} {traces}: {steps}{}", String::from_utf8_lossy(&ended.stderr));
        assert_eq!(ended.status.success(), built, "{case}");
        assert!(steps.contains("telemetry absent debian/acme"), "{case}");
        assert_eq!(steps.contains("dh_builddeb"), built, "{case}");
    }
}
