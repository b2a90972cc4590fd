//! Reads the policy files of machine and project. Never on a thread that records an ordinary event: by whoever appends, before
//! the first event and then with the user's decision.

#[cfg(feature = "testing")]
use std::sync::OnceLock;
use std::{
    env,
    fs::{self, File},
    io::{ErrorKind, Read as _},
    path::{Path, PathBuf},
};

#[cfg(feature = "testing")]
use crate::base::process::PerProcess;
use crate::{
    base::limits::{POLICY_BYTES, PROJECT_LEVELS},
    decide::policy::{Policies, Policy, PolicyFile},
};

/// The policy of the machine. A fixed path: a variable would let whoever sets it undo what the administrator has decided.
#[cfg(target_vendor = "apple")]
const MACHINE: &str = "/Library/Application Support/telemetry/policy.toml";
#[cfg(windows)]
const MACHINE: &str = r"C:\ProgramData\telemetry\policy.toml";
#[cfg(not(any(target_vendor = "apple", windows)))]
const MACHINE: &str = "/etc/telemetry/policy.toml";

/// The policy of a project.
const PROJECT: &str = ".telemetry.toml";

/// What lies in the topmost folder of a repository: above it, no project file is sought.
const REPOSITORIES: [&str; 4] = [".git", ".hg", ".jj", ".svn"];

/// Where a test has put the policy of the machine.
#[cfg(feature = "testing")]
static MOVED: PerProcess<OnceLock<PathBuf>> =
    PerProcess::new(OnceLock::new(), |parents| parents.get().cloned().map_or_else(OnceLock::new, OnceLock::from));

/// Puts the policy of the machine elsewhere in this process, for tests; `false` if that was done before.
#[cfg(feature = "testing")]
pub(crate) fn move_machine_policy(path: PathBuf) -> bool {
    MOVED.set(path).is_ok()
}

fn machine_path() -> PathBuf {
    #[cfg(feature = "testing")]
    if let Some(path) = MOVED.get() {
        return path.clone();
    }
    PathBuf::from(MACHINE)
}

/// Reads what holds now.
pub(crate) fn read() -> Policies {
    let machine = machine_path();
    // A working directory that is gone holds no file.
    let project = env::current_dir().map_or_else(|_| Vec::new(), |folder| project_files(&folder));
    Policies { machine_path: machine.display().to_string(), machine: read_file(&machine), project }
}

/// The project files from a folder up to the topmost one of its repository.
fn project_files(folder: &Path) -> Vec<PolicyFile> {
    let mut found = Vec::new();
    for folder in folder.ancestors().take(PROJECT_LEVELS) {
        found.extend(read_file(&folder.join(PROJECT)));
        if REPOSITORIES.iter().any(|name| fs::symlink_metadata(folder.join(name)).is_ok()) {
            break;
        }
    }
    found
}

/// Reads one file; `None` if there is none.
fn read_file(path: &Path) -> Option<PolicyFile> {
    match fs::symlink_metadata(path) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => None,
        // Whether there is one may not be known: then it counts as one that cannot be read.
        _ => Some(PolicyFile { path: path.display().to_string(), content: content(path) }),
    }
}

fn content(path: &Path) -> Result<Policy, String> {
    // Asked before it is opened: opening a named pipe would wait for whoever writes to it.
    let is_file = fs::metadata(path).map_err(|error| error.to_string())?.is_file();
    if !is_file {
        return Err("it is no regular file".to_owned());
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| error.to_string())?;
    file.take(POLICY_BYTES + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > POLICY_BYTES {
        return Err(format!("it has more than {} KiB", POLICY_BYTES / 1024));
    }
    Policy::parse(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFF: &str = "[all]\nmode = \"off\"\n";

    fn found(folder: &Path) -> Vec<PathBuf> {
        project_files(folder).into_iter().map(|file| PathBuf::from(file.path)).collect()
    }

    #[test]
    fn r19_project_files_are_sought_up_to_the_top_of_the_repository() {
        let top = tempfile::tempdir().unwrap();
        let deep = top.path().join("outside/repository/a/b");
        fs::create_dir_all(&deep).unwrap();
        for folder in ["outside", "outside/repository", "outside/repository/a"] {
            fs::write(top.path().join(folder).join(PROJECT), OFF).unwrap();
        }
        let repository = top.path().join("outside/repository");
        for name in REPOSITORIES {
            fs::create_dir(repository.join(name)).unwrap();
            assert_eq!(found(&deep), [repository.join("a").join(PROJECT), repository.join(PROJECT)], "{name}");
            fs::remove_dir(repository.join(name)).unwrap();
        }
        assert!(found(&deep).contains(&top.path().join("outside").join(PROJECT)), "no repository: all levels");
    }

    #[test]
    fn r19_at_most_sixteen_levels_are_looked_at() {
        let top = tempfile::tempdir().unwrap();
        fs::write(top.path().join(PROJECT), OFF).unwrap();
        let below = |levels: usize| (0..levels).fold(top.path().to_owned(), |folder, _| folder.join("x"));
        fs::create_dir_all(below(PROJECT_LEVELS)).unwrap();
        assert_eq!(found(&below(PROJECT_LEVELS - 1)), [top.path().join(PROJECT)]);
        assert_eq!(found(&below(PROJECT_LEVELS)), Vec::<PathBuf>::new());
    }

    #[test]
    fn r19_the_size_of_a_policy_is_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("policy.toml");
        let limit = usize::try_from(POLICY_BYTES).unwrap();
        let mut text = OFF.to_owned();
        text.push_str(&"#".repeat(limit - text.len()));
        fs::write(&path, &text).unwrap();
        assert!(content(&path).is_ok());
        fs::write(&path, text + "#").unwrap();
        assert_eq!(content(&path).unwrap_err(), "it has more than 64 KiB");
    }
}
