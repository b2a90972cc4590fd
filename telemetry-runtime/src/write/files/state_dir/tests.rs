use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink},
};

use super::*;
use crate::base::uuid::uuid7;
use crate::write::test_kit::{Home, NOW};

fn locate(variables: &[(&str, &Path)]) -> Result<PathBuf, NoState> {
    super::locate(|name| {
        variables.iter().find(|(variable, _)| *variable == name).map(|(_, path)| path.as_os_str().to_owned())
    })
}

#[cfg(not(target_vendor = "apple"))]
#[test]
fn the_state_directory_follows_the_platform() {
    let home = Home::new();
    let path = home.path();
    let elsewhere = Home::new();
    assert_eq!(locate(&[("HOME", path)]), Ok(path.join(".local/state")));
    assert_eq!(locate(&[("HOME", path), ("XDG_STATE_HOME", elsewhere.path())]), Ok(elsewhere.path().to_owned()));
    assert_eq!(locate(&[("HOME", path), ("XDG_STATE_HOME", &path.join("s/t"))]), Ok(path.join("s/t")));
    assert_eq!(locate(&[("XDG_STATE_HOME", elsewhere.path())]), Ok(elsewhere.path().to_owned()));
    assert_eq!(locate(&[("HOME", path), ("XDG_STATE_HOME", Path::new("relative"))]), Ok(path.join(".local/state")));
    assert_eq!(locate(&[("HOME", path), ("XDG_STATE_HOME", Path::new(""))]), Ok(path.join(".local/state")));
    assert_eq!(locate(&[]), Err(NoState::NoHome));
    assert_eq!(locate(&[("HOME", Path::new(""))]), Err(NoState::NoHome));
    assert_eq!(locate(&[("HOME", Path::new("home"))]), Err(NoState::NoHome));
    assert_eq!(locate(&[("HOME", Path::new("/nonexistent"))]), Err(NoState::Missing));
    assert_eq!(locate(&[("HOME", path), ("XDG_STATE_HOME", Path::new("/nonexistent/x"))]), Err(NoState::Missing));
    assert!(fs::read_dir(path).unwrap().next().is_none(), "looking creates nothing");
}

#[test]
fn folders_are_made_on_demand_and_for_the_owner_alone() {
    let home = Home::new();
    let base = home.path().join(".local/state");
    assert!(open(&base, "acme", false).unwrap().is_none());
    assert!(!base.exists());
    let dir = open(&base, "acme", true).unwrap().unwrap();
    let path = base.join("telemetry/acme");
    write_readme(&dir, "first");
    write_readme(&dir, "second");
    assert_eq!(fs::read_to_string(path.join("README.txt")).unwrap(), "first");
    let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
    assert_eq!(mode(&path.join("README.txt")), 0o600);
    for path in path.ancestors().take_while(|path| *path != home.path()) {
        assert_eq!(mode(path), 0o700, "{}", path.display());
    }
    assert!(open(&base, "acme", false).unwrap().is_some());
}

#[test]
fn o13_a_readme_of_another_version_is_replaced_and_that_of_somebody_else_stays() {
    let home = Home::new();
    let (dir, path) = (home.sdk(), home.file("README.txt"));
    let text = |version: &str| format!("{README_BEGINS}acme-ui.\n{version}");
    write_readme(&dir, &text("1"));
    let written = fs::metadata(&path).unwrap().ino();
    write_readme(&dir, &text("1"));
    assert_eq!(fs::metadata(&path).unwrap().ino(), written, "one that says the same is left alone");
    write_readme(&dir, &text("2"));
    assert_eq!(fs::read_to_string(&path).unwrap(), text("2"));
    fs::write(&path, "My own notes").unwrap();
    write_readme(&dir, &text("3"));
    assert_eq!(fs::read_to_string(&path).unwrap(), "My own notes");
}

#[test]
fn folders_that_others_could_change_are_refused() {
    let home = Home::new();
    let path = home.folder();
    let refused = || open(home.path(), "acme-ui", true).map(|_| ()).unwrap_err();
    for folder in [path.clone(), path.parent().unwrap().to_owned()] {
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        for mode in [0o770, 0o702, 0o777] {
            fs::set_permissions(&folder, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(refused(), NoFolder::Writable(name.clone()), "{mode:o}");
        }
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
        // Only root can give a folder away.
        if chown(&folder, Some(12_345), None).is_ok() {
            assert_eq!(refused(), NoFolder::OthersFolder(name));
            chown(&folder, Some(rustix::process::geteuid().as_raw()), None).unwrap();
        }
    }
    assert!(open(home.path(), "acme-ui", true).is_ok());
}

#[test]
fn no_link_is_followed_below_the_base() {
    let home = Home::new();
    let elsewhere = Home::new();
    let path = home.folder();
    fs::remove_dir(&path).unwrap();
    symlink(elsewhere.path(), &path).unwrap();
    let refused = open(home.path(), "acme-ui", true).map(|_| ()).unwrap_err();
    assert_eq!(refused, NoFolder::NotAFolder("acme-ui".to_owned()));
    fs::remove_file(&path).unwrap();
    fs::write(&path, "").unwrap();
    let refused = open(home.path(), "acme-ui", true).map(|_| ()).unwrap_err();
    assert_eq!(refused, NoFolder::NotAFolder("acme-ui".to_owned()));
}

#[test]
fn root_keeps_out_of_other_homes() {
    let home = Home::new();
    if chown(home.path(), Some(12_345), None).is_err() {
        return; // Not root.
    }
    for base in [home.path().to_owned(), home.path().join(".local/state")] {
        assert_eq!(open(&base, "acme", true).map(|_| ()).unwrap_err(), NoFolder::OthersHome);
    }
    assert!(fs::read_dir(home.path()).unwrap().next().is_none());
}

#[test]
fn a_name_is_never_a_path() {
    let home = Home::new();
    for name in ["", ".", "..", "a/b", "Acme", "a b", &"x".repeat(65)] {
        let refused = open(home.path(), name, true).map(|_| ()).unwrap_err();
        assert_eq!(refused, NoFolder::BadName(name.to_owned()));
    }
    assert!(fs::read_dir(home.path()).unwrap().next().is_none());
}

#[test]
fn small_files_are_replaced_whole_and_leave_nothing_behind() {
    let home = Home::new();
    let dir = home.sdk();
    dir.replace_small("consent.json", b"one", true).unwrap();
    dir.replace_small("consent.json", b"two", false).unwrap();
    assert_eq!(dir.read_small("consent.json").unwrap().unwrap(), b"two");
    assert_eq!(fs::read_dir(home.folder()).unwrap().count(), 1);
    let path = home.folder();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o500)).unwrap();
    if !rustix::process::geteuid().is_root() {
        assert!(dir.replace_small("consent.json", b"three", false).is_err());
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
}

#[test]
fn what_a_dead_writer_left_is_swept_and_nothing_else() {
    let home = Home::new();
    let dir = home.sdk();
    let old = uuid7(NOW - 2 * 60 * 60 * 1000).unwrap();
    let names = [
        (format!("consent.json.{old}.tmp"), false),
        (format!("memory.json.{old}.tmp"), false),
        (format!("consent.json.{}.tmp", uuid7(NOW).unwrap()), true),
        (format!("letter.{old}.tmp"), true),
        ("consent.json.tmp".to_owned(), true),
        (format!("consent.json{old}.tmp"), true),
    ];
    for (name, _) in &names {
        fs::write(home.file(name), "").unwrap();
    }
    sweep_at(&dir, NOW);
    for (name, stays) in names {
        assert_eq!(home.file(&name).exists(), stays, "{name}");
    }
}
