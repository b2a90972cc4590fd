//! Requirements that users of other products' telemetry made necessary, each test named with its number; the documents
//! and what they show.

#[path = "requirements/book.rs"]
mod book;
#[path = "requirements/dependencies.rs"]
mod dependencies;
#[path = "requirements/packages.rs"]
mod packages;
#[path = "requirements/pages.rs"]
mod pages;
#[path = "requirements/programs.rs"]
mod programs;
#[path = "requirements/recipes.rs"]
mod recipes;

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::Stdio,
};

use serde_json::Value;
use telemetry_runtime::testing::{Received, Reply};
use telemetry_tests::{Sandbox, WATCHDOG, finish, fixture::workspace, run, run_ok};

/// The gate as users meet it, with a notice that the host has shown: nothing is printed by the framework then.
const STRICT: [(&str, &str); 2] = [("PROBE_STRICT_GATE", "1"), ("PROBE_NOTICE_SHOWN", "1")];

// ---- R2 ---------------------------------------------------------------------------------------------------------

#[test]
#[cfg(target_os = "linux")]
fn r02_no_thread_and_no_file_before_the_first_accepted_event() {
    let sandbox = Sandbox::new();
    let said = run_ok(sandbox.probe("threads").envs(STRICT));
    let lines: Vec<_> = said.lines().collect();
    assert_eq!(lines[..3], ["at the start: 1", "6 events listed: 1", "files before: 0"], "{said}");
    let after: u32 = lines[3].strip_prefix("after an event: ").unwrap().parse().unwrap();
    assert!(after > 1, "the count is blunt: {said}");
    assert!(!sandbox.files().is_empty(), "and so are the files");
}

#[test]
fn r02_nothing_is_opened_by_a_program_that_records_nothing() {
    let sandbox = Sandbox::new();
    run_ok(sandbox.probe("nothing").envs(STRICT));
    assert!(sandbox.files().is_empty(), "{:?}", sandbox.files());
    assert_eq!(fs::read_dir(sandbox.state()).unwrap().count(), 0, "no folder either");
    assert_eq!(sandbox.server.connections(), 0);
    // The same program would be seen.
    run_ok(sandbox.probe("flush").envs(STRICT));
    assert!(!sandbox.files().is_empty() && sandbox.server.connections() > 0);
}

#[test]
fn r02_recording_while_opted_out_does_nothing_at_all() {
    for variable in ["DO_NOT_TRACK", "PROBE_TELEMETRY_DISABLED", "PROBE_NO_TELEMETRY"] {
        let sandbox = Sandbox::new();
        let said = run_ok(sandbox.probe("inert").envs(STRICT).env(variable, "1"));
        assert_eq!(said, "inert\n", "{variable}");
        assert_eq!(fs::read_dir(sandbox.state()).unwrap().count(), 0, "{variable}");
    }
    let sandbox = Sandbox::new();
    let output = run(sandbox.probe("inert").envs(STRICT));
    assert_eq!(output.status.code(), Some(101), "the assertion is blunt: {output:?}");
}

// ---- R5 ---------------------------------------------------------------------------------------------------------

#[test]
#[cfg(target_os = "linux")]
fn r05_no_child_process_and_the_working_directory_is_left_alone() {
    let sandbox = Sandbox::new();
    let folder = tempfile::tempdir().unwrap();
    let mut child =
        sandbox.probe("effects").envs(STRICT).current_dir(folder.path()).stdin(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
    assert_eq!(said.next().unwrap().unwrap(), "Ok(Flushed { sent: 5, waiting: 0 })");
    assert_eq!(said.next().unwrap().unwrap(), "same directory: true");
    assert_eq!(said.next().unwrap().unwrap(), "children: []");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing appears in a project's folder");
    fs::remove_dir(folder.path()).expect("the folder can be deleted while the program runs");
    drop(child.stdin.take());
    let output = finish(child);
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn r05_one_file_knows_how_to_start_a_process_and_does_so_for_those_who_asked() {
    let sources = sources_of_the_runtime();
    let (detached, others): (Vec<_>, Vec<_>) = sources.iter().partition(|(path, _)| path.ends_with("exit/detached.rs"));
    for needed in ["CREATE_NO_WINDOW", "current_dir(folder())", "stdout(Stdio::null())", "env_clear()"] {
        assert!(detached.iter().any(|(_, text)| text.contains(needed)), "{needed}");
    }
    let mut named = Vec::new();
    for (path, text) in others {
        let code: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        for word in ["Command::new", ".spawn()", ".output()", ".current_dir(", "set_current_dir"] {
            assert!(!code.contains(word), "{word} in {}", path.display());
        }
        if code.contains("process::Command") {
            named.push(path.display().to_string());
        }
    }
    // `Sdk::silence` sets a variable of a program that its caller starts.
    named.sort();
    assert_eq!(named, ["host/sdk.rs", "off.rs"]);
}

// ---- R6, R7 -----------------------------------------------------------------------------------------------------

#[test]
fn r06_no_runtime_type_leaves_the_transport() {
    let mut found = Vec::new();
    for (path, text) in sources_of_the_runtime() {
        if ["tokio::", "reqwest::", "ureq::", "use tokio", "use reqwest", "use ureq"]
            .iter()
            .any(|name| text.contains(name))
        {
            found.push(path);
        }
        assert!(!text.contains("reqwest::blocking"), "a blocking client panics inside of tokio");
    }
    found.sort();
    let mut http = ["by_reqwest/resolver.rs", "by_reqwest/upload.rs", "by_reqwest.rs"].to_vec();
    http.extend(["by_ureq/connection.rs", "by_ureq/dial.rs", "by_ureq/upload.rs", "by_ureq.rs"]);
    let mut http: Vec<_> = http.into_iter().map(|file| Path::new("send/http").join(file)).collect();
    http.push(PathBuf::from("send/http.rs"));
    assert_eq!(found, http, "one module knows of HTTP and runtimes");
}

#[test]
fn r07_nothing_in_the_worker_path_needs_a_destructor_at_exit() {
    let sources = sources_of_the_runtime();
    for (path, text) in &sources {
        // Those that say whether a thread is in our code, and whether it takes signals, need no destructor; the compiler checks it.
        let is_plain = |file: &str, name: &str, of: &str| {
            path == Path::new(file)
                && text.matches("thread_local!").count() == 1
                && text.contains(&format!("static {name}: {of} = const {{"))
                && text.contains(&format!("assert!(!std::mem::needs_drop::<{of}>())"))
        };
        let plain = is_plain("base/process/inside.rs", "LOCAL", "Local")
            || is_plain("process/write.rs", "TAKES_NO_SIGNAL", "Cell<bool>");
        let may = plain
            || path.starts_with("testing")
            || path == Path::new("record/captured.rs")
            || !text.contains("thread_local!");
        assert!(may, "a thread-local in {}", path.display());
        assert!(!text.contains("atexit"), "{}", path.display());
        for word in [".join()", "JoinHandle"] {
            assert!(!text.contains(word), "{}: who joins a thread can hang ({word})", path.display());
        }
    }
    // Destructors that exist let go of things in memory; none of them sends.
    let with: Vec<_> = sources.iter().filter(|(_, text)| text.contains("impl Drop for")).collect();
    assert!(!with.is_empty());
    for (path, text) in with {
        for body in text.split("impl Drop for").skip(1) {
            let body = body.split("\n}").next().unwrap();
            for word in ["send(", "deliver(", "flush(", "block_on", "sleep("] {
                assert!(!body.contains(word), "{word} in a destructor of {}", path.display());
            }
        }
    }
}

#[test]
fn r07_what_was_appended_survives_kill_9() {
    let sandbox = Sandbox::new();
    sandbox.server.reply(Reply::hold());
    let mut child = sandbox.probe("hold").arg("return").stdin(Stdio::piped()).spawn().unwrap();
    assert_eq!(sandbox.server.wait_for(1, WATCHDOG).len(), 1);
    child.kill().unwrap();
    assert!(!finish(child).status.success());
    sandbox.server.release();
    let ledger: Value = serde_json::from_str(&run_ok(&mut sandbox.probe("deliver-ledger"))).unwrap();
    assert_eq!(
        (&ledger["recovered"], &ledger["sent"], &ledger["waiting"]),
        (&5.into(), &5.into(), &0.into()),
        "{ledger}"
    );
}

/// The sources of the runtime and of its spool without their tests; paths relative to `src`.
fn sources_of_the_runtime() -> Vec<(PathBuf, String)> {
    let root = workspace().join("telemetry-runtime/src");
    let mut sources = Vec::new();
    collect(&root, &root, &mut sources);
    let spool = workspace().join("telemetry-spool/src");
    collect(&spool, &spool, &mut sources);
    assert!(sources.len() > 40, "{} files", sources.len());
    sources.sort();
    sources
}

fn collect(root: &Path, folder: &Path, sources: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("tests") {
            collect(root, &path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
            let text = fs::read_to_string(&path).unwrap();
            // Unit tests stand at the end of a file; comments may name what they warn of.
            let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
            let code: Vec<_> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
            sources.push((path.strip_prefix(root).unwrap().to_owned(), code.join("\n")));
        }
    }
}

// ---- R24 --------------------------------------------------------------------------------------------------------

#[test]
fn r24_arguments_variables_and_values_never_leave_the_program() {
    let secrets = ["hunter2-argument", "hunter2-variable", "hunter2-folder", "secret title"];
    let sandbox = Sandbox::new();
    let folder = sandbox.home().join("hunter2-folder");
    fs::create_dir(&folder).unwrap();
    // Once to the server, once to the disk.
    for (action, port) in [("flush", None), ("record", Some("1")), ("command", Some("1"))] {
        let mut command = sandbox.probe(action);
        command.args(["7", "--password", "hunter2-argument", "--token=hunter2-argument"]).envs(STRICT);
        command.current_dir(&folder).env("API_TOKEN", "hunter2-variable").env("USER", "hunter2-variable");
        command.env("LOGNAME", "hunter2-variable").env("HOSTNAME", "hunter2-variable");
        run_ok(command.envs(port.map(|port| ("PROBE_PORT", port))));
    }
    let requests = sandbox.server.requests();
    assert_eq!(requests.len(), 1);
    let mut texts: Vec<(String, Vec<u8>)> =
        requests.iter().map(|request| ("a request".to_owned(), all_of(request))).collect();
    let files = sandbox.files();
    assert!(files.keys().any(|path| path.to_string_lossy().contains("spool")), "{files:?}");
    texts.extend(files.keys().map(|path| (path.display().to_string(), fs::read(sandbox.state().join(path)).unwrap())));
    let held = |needle: &str| {
        texts.iter().filter(|(_, text)| contains(text, needle)).map(|(name, _)| name).collect::<Vec<_>>()
    };
    for secret in secrets {
        assert_eq!(held(secret), Vec::<&String>::new(), "{secret}");
    }
    let machine = fs::read_to_string("/etc/hostname").unwrap_or_default();
    let home = sandbox.home().to_str().unwrap();
    for secret in [machine.trim(), home] {
        assert!(secret.len() < 4 || held(secret).is_empty(), "{secret} in {:?}", held(secret));
    }
    // What was recorded is there, so the search looks at the right place.
    assert_eq!(held("\"title\":true").len(), 2, "in the request, as a boolean, and in the log of it");
    assert!(!held("\"number\":7").is_empty(), "in the spool");
}

fn all_of(request: &Received) -> Vec<u8> {
    let mut text = format!("{} {}\n", request.method, request.path).into_bytes();
    for (name, value) in &request.headers {
        text.extend(format!("{name}: {value}\n").into_bytes());
    }
    text.extend(&request.body);
    text
}

fn contains(text: &[u8], needle: &str) -> bool {
    text.windows(needle.len()).any(|window| window == needle.as_bytes())
}

// ---- R32 --------------------------------------------------------------------------------------------------------

#[test]
fn r32_a_failing_server_is_nobodys_news() {
    type Prepare = fn(&Sandbox) -> Option<String>;
    let failures: [(&str, Prepare); 7] = [
        ("nobody listens", |_| Some("1".to_owned())),
        ("400", |sandbox| reply(sandbox, || Reply::status(400))),
        ("410", |sandbox| reply(sandbox, || Reply::status(410))),
        ("413", |sandbox| reply(sandbox, || Reply::status(413))),
        ("500", |sandbox| reply(sandbox, || Reply::status(500))),
        ("503 with a wish", |sandbox| reply(sandbox, || Reply::status(503).header("retry-after", "86400"))),
        ("a redirect", |sandbox| {
            let elsewhere = format!("{}/elsewhere", sandbox.server.endpoint());
            sandbox.server.reply(Reply::status(307).header("location", elsewhere));
            reply(sandbox, || Reply::status(500))
        }),
    ];
    for (name, prepare) in failures {
        let sandbox = Sandbox::new();
        let port = prepare(&sandbox);
        for action in ["flush-quietly", "record", "command", "flush-quietly"] {
            let mut command = sandbox.probe(action);
            command.envs(STRICT).envs(port.as_ref().map(|port| ("PROBE_PORT", port)));
            let output = run(&mut command);
            assert!(output.status.success(), "{name}, {action}: {output:?}");
            assert!(output.stdout.is_empty() && output.stderr.is_empty(), "{name}, {action}: {output:?}");
        }
        assert_eq!(port.is_none(), !sandbox.server.requests().is_empty(), "{name}: the server was asked");
        assert!(sandbox.server.requests().iter().all(|request| request.path == "/v1/event"), "{name}");
    }
}

fn reply(sandbox: &Sandbox, reply: impl Fn() -> Reply) -> Option<String> {
    for _ in 0..20 {
        sandbox.server.reply(reply());
    }
    None
}

#[test]
fn r32_a_server_that_talks_no_http_is_nobodys_news() {
    use std::{io::Write as _, net::TcpListener};

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let (sender, connections) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut stream = stream;
            let _ = stream.write_all(b"\x00\xff nothing that anybody would call HTTP\r\n\r\n");
            let _ = sender.send(());
        }
    });
    let sandbox = Sandbox::new();
    let output = run(sandbox.probe("flush-quietly").envs(STRICT).env("PROBE_PORT", port));
    assert!(output.status.success() && output.stdout.is_empty() && output.stderr.is_empty(), "{output:?}");
    connections.recv_timeout(WATCHDOG).expect("it was asked");
}
