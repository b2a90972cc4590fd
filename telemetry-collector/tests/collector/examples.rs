//! The programs of `examples/`, run as their users run them, against a collector that has read their records: all that they send is
//! taken, and each single change of each of their events is refused.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
    time::{SystemTime, UNIX_EPOCH},
};

use telemetry_collector::registry::source;
use telemetry_runtime::schema::Manifest;

use crate::{harness::Running, mutations::change_each};

/// A program with the SDK that reports in this run, and what the run needs.
struct Example {
    program: &'static str,
    sdk: &'static str,
    arguments: &'static [&'static str],
    variables: &'static [(&'static str, &'static str)],
    /// Events that it sends in its first run.
    events: u64,
}

const EXAMPLES: [Example; 6] = [
    Example { program: "quickstart", sdk: "acme-ui", arguments: &[], variables: &[], events: 3 },
    Example {
        program: "component-sdk",
        sdk: "acme-shared",
        arguments: &[],
        variables: &[("ACME_PUBLISHABLE_KEY", "pk_test_ZGVtby5hY21lLmV4YW1wbGUk")],
        events: 9,
    },
    Example { program: "admin-framework", sdk: "acme-admin", arguments: &[], variables: &[], events: 1 },
    Example {
        program: "cli",
        sdk: "acme-cli",
        arguments: &["build", "--release"],
        variables: &[("ACME_DEMO_WAIT", "1")],
        events: 1,
    },
    // Two vendors have two collectors; each run is heard by one of them.
    Example {
        program: "two-sdks",
        sdk: "acme-ui",
        arguments: &[],
        variables: &[("GLOBEX_TELEMETRY_DISABLED", "1")],
        events: 1,
    },
    Example {
        program: "two-sdks",
        sdk: "globex-charts",
        arguments: &[],
        variables: &[("ACME_TELEMETRY_DISABLED", "1")],
        events: 1,
    },
];

/// Where cargo puts the examples; they are built once.
fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let built =
            Command::new(cargo).current_dir(root).args(["build", "-q", "-p", "telemetry-examples", "--bins"]).status();
        assert!(built.unwrap().success(), "the examples build");
        std::env::current_exe().unwrap().ancestors().nth(2).unwrap().to_owned()
    })
}

impl Example {
    fn path(&self) -> PathBuf {
        folder().join(format!("{}{}", self.program, std::env::consts::EXE_SUFFIX))
    }

    /// What the program says of the SDK that reports.
    fn manifest(&self) -> Manifest {
        let all = source::read(&self.path()).unwrap();
        let sdks = all.sdks.iter().filter(|sdk| sdk.sdk == self.sdk).cloned().collect();
        Manifest::new(sdks, all.events.iter().filter(|event| event.sdk == self.sdk).cloned().collect())
    }

    /// Runs it as the presenter does, against a collector at this port.
    fn run(&self, port: u16, home: &Path) -> String {
        let mut command = Command::new(self.path());
        command.args(self.arguments).current_dir(home).env("ACME_DEMO_PORT", port.to_string());
        for variable in ["HOME", "XDG_STATE_HOME", "LOCALAPPDATA"] {
            command.env(variable, home);
        }
        // CI would turn some of it off.
        command.env_remove("CI").env_remove("DO_NOT_TRACK").envs(self.variables.iter().copied());
        let output = command.output().unwrap();
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{}: {told}{}", self.program, String::from_utf8_lossy(&output.stderr));
        told
    }
}

#[test]
fn everything_that_the_examples_send_is_taken() {
    for example in EXAMPLES {
        let running = Running::with(&[&example.manifest()]);
        // Real programs have the real time.
        running.clock.set(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64);
        let home = tempfile::tempdir().unwrap();
        let told = example.run(running.listen().port(), home.path());
        let (name, stored) = (example.program, running.stored());
        // What is sampled is recorded on some days, and on others not.
        assert!(stored >= example.events, "{name}: {stored} of {}: {told}", example.events);
        assert!(told.contains(&format!("flushed: {stored} events sent, 0 waiting")), "{name}: {stored}, {told}");
        let outcomes = running.outcomes(example.sdk);
        let is_taken = |word: &str| ["accepted", "without_key", "without_day"].contains(&word);
        assert!(outcomes.iter().all(|(word, _)| is_taken(word)), "{name}: {outcomes:?}");
    }
}

#[test]
fn each_change_of_what_the_examples_send_is_refused() {
    for example in EXAMPLES {
        let changes = change_each(&example.manifest(), example.sdk);
        assert!(changes.refused > 5 * changes.right && changes.others == 0, "{}: {changes:?}", example.program);
    }
}
