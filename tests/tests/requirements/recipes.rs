//! Hosts in other languages: the library and the Python program of docs/python.md, as they stand there.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use telemetry_tests::{
    Sandbox, WATCHDOG, events_of,
    fixture::{Generated, succeed, target, workspace},
    run, run_ok,
    terminal::Terminal,
};

/// The first block of a language below a heading of docs/python.md.
fn block(heading: &str, language: &str) -> String {
    let page = fs::read_to_string(workspace().join("docs/python.md")).unwrap();
    let section = page.split(&format!("\n## {heading}\n")).nth(1).expect("the section is there");
    let block = section.split(&format!("```{language}\n")).nth(1).and_then(|rest| rest.split("```").next());
    block.expect("a block").to_owned()
}

/// The shared library, which sends to this endpoint.
fn library(endpoint: &str) -> PathBuf {
    let manifest = "[lib]\ncrate-type = [\"cdylib\"]\n\n[dependencies]\ntelemetry-runtime = { path = $RUNTIME }\n";
    let package = Generated::new("acme_python", manifest);
    let source = block("A shared library with `ctypes`", "rust");
    let theirs = "https://telemetry.acme.example";
    assert_eq!(source.matches(theirs).count(), 1);
    fs::write(package.folder.join("src/lib.rs"), source.replace(theirs, endpoint)).unwrap();
    succeed(package.cargo().arg("build"));
    let name = format!("{}acme_python{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    target().join("debug").join(name)
}

/// The interpreter itself: a wrapper may look for its versions in the home folder.
fn python() -> PathBuf {
    let mut command = Command::new("python3");
    let output = command.args(["-c", "import sys; print(sys.executable)"]).output().expect("python3 is needed to test");
    PathBuf::from(String::from_utf8(output.stdout).expect("a path").trim())
}

/// The numbers that arrived, in order.
fn entries(sandbox: &Sandbox) -> Vec<u64> {
    let requests = sandbox.server.requests();
    let events = requests.iter().flat_map(events_of);
    let mut numbers: Vec<u64> = events.map(|(_, payload)| payload["entries"].as_u64().unwrap()).collect();
    numbers.sort_unstable();
    numbers
}

fn program(sandbox: &Sandbox, python: &Path, library: &Path) -> Command {
    let app = sandbox.home().join("app.py");
    fs::write(&app, block("A shared library with `ctypes`", "python")).unwrap();
    let mut command = sandbox.command(python);
    command.arg(app).arg(library);
    command
}

#[test]
#[cfg(target_os = "linux")]
fn a_python_program_is_told_records_in_a_forked_child_too_and_obeys_its_variables() {
    let sandbox = Sandbox::new();
    let (python, library) = (python(), library(&format!("http://127.0.0.1:{}", sandbox.server.port())));
    let command = || program(&sandbox, &python, &library);

    // The first run on a terminal shows the notice and records nothing. Its child was forked after that, or before.
    let (output, said) = Terminal::open().run(&mut command());
    assert!(output.status.success() && output.stdout == b"done\n", "{output:?} {said}");
    assert!(said.contains("acme-ui") && said.contains("ACME_TELEMETRY_DISABLED"), "{said}");
    assert!(!entries(&sandbox).contains(&3), "{:?}", entries(&sandbox));
    let before = sandbox.server.connections();

    // Whoever opts out sends nothing; debug mode prints and sends nothing.
    assert_eq!(run_ok(command().env("ACME_TELEMETRY_DISABLED", "1")), "done\n");
    let output = run(command().env("ACME_TELEMETRY_DEBUG", "1"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains(r#""entries":3"#) && said.contains(r#""entries":4"#), "{said}");
    // A test runner's variable is one of the signals that silence.
    assert_eq!(run_ok(command().env("PYTEST_CURRENT_TEST", "test_app.py::test (call)")), "done\n");
    assert_eq!(sandbox.server.connections(), before);

    // The next run: what the parent records, and what the child records after `fork`. On a busy machine the end of a run
    // may not see the answer; then a further run delivers.
    let begin = Instant::now();
    assert_eq!(run_ok(&mut command()), "done\n");
    while entries(&sandbox) != [3, 4] {
        assert!(begin.elapsed() < WATCHDOG, "{:?}", entries(&sandbox));
        sandbox.forget_failures();
        assert_eq!(run_ok(&mut command()), "done\n");
    }

    // The folder of what waits has the interpreter's name.
    let spool = sandbox.state().join("telemetry/acme-ui/spool");
    let name = fs::canonicalize(&python).unwrap().file_name().unwrap().to_owned();
    assert!(spool.join(&name).is_dir(), "{name:?} in {:?}", fs::read_dir(&spool).map(Iterator::collect::<Vec<_>>));
}
