//! The program, packages to run it on, and snapshots.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
    sync::{Mutex, MutexGuard, PoisonError},
};

use telemetry_tests::fixture;
pub(crate) use telemetry_tests::fixture::{target, workspace};

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The program as `cargo telemetry` starts it, in `folder`, without what whoever runs the tests has set.
pub(crate) fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = fixture::prepared(Command::new(env!("CARGO_BIN_EXE_cargo-telemetry-tested")), folder);
    command.env_remove("NO_COLOR").arg("telemetry").args(arguments);
    command
}

/// Runs it to its end.
pub(crate) fn run(folder: &Path, arguments: &[&str]) -> Ended {
    ended(command(folder, arguments).output().expect("the program starts"))
}

pub(crate) fn ended(output: Output) -> Ended {
    Ended {
        code: output.status.code().expect("no signal ends it"),
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

/// One build at a time: tests of one binary run side by side, and share a target folder.
pub(crate) fn builds() -> MutexGuard<'static, ()> {
    static BUILDS: Mutex<()> = Mutex::new(());
    BUILDS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A package in a temporary folder that depends on the runtime by path, without its transport: that builds fast.
pub(crate) struct Package {
    folder: tempfile::TempDir,
}

impl Package {
    /// `manifest` follows after name, version and edition; `$RUNTIME` in it is the folder of the runtime.
    pub(crate) fn new(name: &str, manifest: &str) -> Self {
        let package = Self { folder: tempfile::tempdir().expect("the temporary folder can be written") };
        let runtime = format!("'{}'", workspace().join("telemetry-runtime").display());
        let manifest = manifest.replace("$RUNTIME", &runtime);
        package.write(
            "Cargo.toml",
            &format!(
                "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n\n{manifest}\n\
                 [profile.dev]\ndebug = 0\n\n[profile.dev.package.\"*\"]\ndebug = 0\n"
            ),
        );
        // The versions that other fixtures use are there already, and the same for everybody.
        let versions = workspace().join("tests/fixtures/Cargo.lock");
        fs::copy(versions, package.path().join("Cargo.lock")).expect("the lock file can be copied");
        package
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> &Self {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().expect("names are below the folder")).expect("folders can be made");
        fs::write(path, text).expect("files can be written");
        self
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).expect("the file can be read")
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        let _one_at_a_time = builds();
        run(self.path(), arguments)
    }
}

/// Compares with `tests/cli/snapshots/NAME`, or writes it where `BLESS` is set.
#[track_caller]
pub(crate) fn snapshot(name: &str, found: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("cli/snapshots").join(name);
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, found).expect("snapshots can be written");
        return;
    }
    let expected = fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(
        found == expected,
        "{} differs. If this is what it should say: BLESS=1 cargo test -p cargo-telemetry-tests --test cli\n\
         --- expected\n{expected}\n--- found\n{found}",
        path.display()
    );
}
