//! Builds programs with cargo: those of `tests/fixtures`, and sources that a test generates.
//!
//! All of them share one target folder, `fixtures` inside that of the workspace. What is built on the way there lies with what the
//! workspace itself has built, so dependencies that both have alike are built once.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::{Mutex, PoisonError},
};

/// The workspace of programs that are built with telemetry compiled out.
pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// The main workspace.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("this package lies in the workspace").to_owned()
}

/// The target folder of all builds of this module.
pub fn target() -> PathBuf {
    let profile = crate::probe_path().parent().map(Path::to_owned).expect("programs lie in a profile's folder");
    profile.parent().expect("profiles lie in the target folder").join("fixtures")
}

/// The folder for what is built on the way to that: the target folder of the workspace.
pub fn build_folder() -> PathBuf {
    target().parent().expect("`target` appends to it").to_owned()
}

/// Cargo in `folder`, without the flags of whoever runs the tests.
pub fn cargo(folder: &Path) -> Command {
    prepared(Command::new(std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"))), folder)
}

/// Whatever calls cargo, in the same way.
pub fn prepared(mut command: Command, folder: &Path) -> Command {
    for variable in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_RUSTFLAGS", "CARGO_BUILD_TARGET"] {
        command.env_remove(variable);
    }
    command
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", target())
        .env("CARGO_BUILD_BUILD_DIR", build_folder())
        // Incremental builds cut code differently from run to run: nothing to compare binaries of.
        .env("CARGO_INCREMENTAL", "0")
        .env("CARGO_TERM_COLOR", "never");
    command
}

/// Runs cargo to its end, whatever that is.
pub fn output(command: &mut Command) -> Output {
    command.output().unwrap_or_else(|error| panic!("{command:?} does not start: {error}"))
}

/// Runs cargo, which must succeed; answers with its standard output.
#[track_caller]
pub fn succeed(command: &mut Command) -> String {
    let output = output(command);
    assert!(output.status.success(), "{command:?}:\n{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("cargo prints UTF-8")
}

/// Builds the program `name` by `command`, a `cargo build`, and takes a copy of it: the next build may replace it.
#[track_caller]
pub fn build(command: &mut Command, name: &str) -> Program {
    // One build and copy at a time; tests of one binary run side by side.
    static BUILDS: Mutex<()> = Mutex::new(());
    let _one_at_a_time = BUILDS.lock().unwrap_or_else(PoisonError::into_inner);
    succeed(command);
    let release = command.get_args().any(|argument| argument == "--release");
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    let built = target().join(if release { "release" } else { "debug" }).join(&file);
    let folder = tempfile::tempdir().expect("the temporary folder can be written");
    let path = folder.path().join(&file);
    crate::install_program(&built, &path);
    let bytes = fs::read(&path).expect("the copy can be read");
    Program { path, bytes, _folder: folder }
}

/// A program as it was built.
#[derive(Debug)]
pub struct Program {
    /// Where it can be started.
    pub path: PathBuf,
    /// The file.
    pub bytes: Vec<u8>,
    _folder: tempfile::TempDir,
}

impl Program {
    /// Whether these bytes occur anywhere in the file.
    pub fn holds(&self, needle: &[u8]) -> bool {
        self.bytes.windows(needle.len()).any(|window| window == needle)
    }
}

/// A package of one program that a test writes, in a folder below the target folder. Paths are part of a binary, so
/// sources that are compared share one folder and are built one after the other.
#[derive(Debug)]
pub struct Generated {
    /// The package's folder.
    pub folder: PathBuf,
}

impl Generated {
    /// The folder of a package of this name. `manifest` follows after the package's name and edition; `$RUNTIME` in it
    /// stands for the path of the runtime.
    pub fn new(name: &str, manifest: &str) -> Self {
        let folder = target().join("generated").join(name);
        fs::create_dir_all(folder.join("src")).expect("the target folder can be written");
        let runtime = workspace().join("telemetry-runtime");
        // A literal string of TOML takes backslashes as they are.
        let manifest = manifest.replace("$RUNTIME", &format!("'{}'", runtime.display()));
        let text = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n\n{manifest}\n\
             [profile.dev]\ndebug = 0\n\n[profile.dev.package.\"*\"]\ndebug = 0\n"
        );
        write(&folder.join("Cargo.toml"), &text);
        // The versions that the fixtures use are there already, and the same for everybody.
        fs::copy(fixtures().join("Cargo.lock"), folder.join("Cargo.lock")).expect("the lock file can be copied");
        Self { folder }
    }

    /// Writes `src/main.rs`.
    pub fn source(&self, text: &str) -> &Self {
        write(&self.folder.join("src/main.rs"), text);
        self
    }

    /// `cargo`, in this package.
    pub fn cargo(&self) -> Command {
        cargo(&self.folder)
    }
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}
