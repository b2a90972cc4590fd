//! An id of the installation: what the server holds, where none is sent, and how its user has deleted what came with it.

use std::{fs, process::Output};

use telemetry_runtime::testing::{Received, Reply};

use super::*;

fn acme_ids(sandbox: &Sandbox, days: u32, arguments: &[&str]) -> Command {
    let mut command = sandbox.command(sibling("identity"));
    command.args(arguments).env("PROBE_DAYS", days.to_string());
    command
}

fn work(sandbox: &Sandbox, days: u32) {
    run_ok(&mut acme_ids(sandbox, days, &["work"]));
}

fn says(sandbox: &Sandbox, days: u32, arguments: &[&str]) -> (bool, String) {
    told(&run(&mut acme_ids(sandbox, days, arguments)))
}

/// What it said on both outputs, but for the line about loopback.
fn told(Output { status, stdout, stderr }: &Output) -> (bool, String) {
    let said = [stdout, stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned()).concat();
    (
        status.success(),
        said.lines().filter(|line| !line.contains("loopback")).fold(String::new(), |all, line| all + line + "\n"),
    )
}

/// The events that the server has: the id of each, or `-`.
fn held(sandbox: &Sandbox) -> Vec<String> {
    let of = |request: &Received| {
        let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
        let events = body["events"].as_array().cloned().unwrap_or_default();
        let id =
            |event: &serde_json::Value| event.get("installation").map_or("-", |id| id.as_str().unwrap()).to_owned();
        events.iter().map(id).collect::<Vec<_>>()
    };
    sandbox.server.requests().iter().filter(|request| request.path == "/v1/event").flat_map(of).collect()
}

/// The requests for deletion that the server has.
fn deletions(sandbox: &Sandbox) -> Vec<Received> {
    sandbox.server.requests().into_iter().filter(|request| request.path == "/v1/erase").collect()
}

fn files(sandbox: &Sandbox) -> Option<Vec<String>> {
    let entries = fs::read_dir(sandbox.state().join("telemetry/acme-ids")).ok()?;
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    Some(names)
}

/// Two epochs were used; the ids of both.
fn two_epochs(sandbox: &Sandbox) -> [String; 2] {
    for days in [0, 0, 30] {
        work(sandbox, days);
    }
    let mut ids = held(sandbox);
    assert_eq!(ids.len(), 5, "three events, and two that count the day: {ids:?}");
    ids.dedup();
    ids.try_into().unwrap()
}

/// In how many days an epoch begins, 31 at the least. Two days before it and two after it midnight may come meanwhile.
fn days_to_turn() -> u32 {
    let today = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs() / (24 * 60 * 60);
    60 - (today % 30) as u32
}

#[test]
fn r26_an_id_lasts_for_its_epoch_and_no_request_has_two() {
    let sandbox = Sandbox::new();
    let (_, notice) = says(&sandbox, 0, &["telemetry", "notice"]);
    assert!(notice.starts_with("acme-ids collects pseudonymous usage data: "), "{notice}");
    assert!(
        notice.contains(
            "\nIt is pseudonymous: every event carries an id of this installation, another one every 30 days;"
        ),
        "{notice}"
    );
    assert!(!notice.contains("without an id"), "{notice}");
    let ids = two_epochs(&sandbox);
    for id in &ids {
        assert!(id.len() == 32 && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')), "128 bits: {id}");
    }
    assert_ne!(ids[0], ids[1]);
    // The user sees them, and whoever finds the folder is told what they are.
    let (_, status) = says(&sandbox, 30, &["telemetry"]);
    for id in &ids {
        assert!(status.contains(&format!("  pseudonymous id: {id} (")), "{status}");
    }
    let (_, status, _) = ctl(&sandbox, &["status", "acme-ids"]);
    assert_eq!(status.matches("  pseudonymous id: ").count(), 2, "{status}");
    let readme = fs::read_to_string(sandbox.state().join("telemetry/acme-ids/README.txt")).unwrap();
    assert!(
        readme.contains("the pseudonymous ids of this machine")
            && readme.contains("`acme telemetry erase --at-vendor`"),
        "{readme}"
    );
}

#[test]
fn r26_what_waits_over_the_turn_of_an_epoch_is_sent_apart() {
    let sandbox = Sandbox::new();
    let turn = days_to_turn();
    sandbox.server.refuse();
    run_ok(&mut acme_ids(&sandbox, turn - 2, &["look", "3"]));
    work(&sandbox, turn - 2);
    sandbox.server.listen().unwrap();
    work(&sandbox, turn + 2);
    let all = held(&sandbox);
    let mut ids = all.clone();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 2, "the old one and the new one: {all:?}");
    let fewer = ids.iter().map(|of| all.iter().filter(|id| *id == of).count()).min();
    assert_eq!(fewer, Some(2), "of the new one an event and the day; what was counted is older: {all:?}");
    for request in sandbox.server.requests() {
        let body = String::from_utf8(request.body).unwrap();
        assert!(!(body.contains(&ids[0]) && body.contains(&ids[1])), "{body}");
    }
}

#[test]
fn r21_a_program_that_erases_and_goes_on_uses_the_old_id_no_more() {
    let sandbox = Sandbox::new();
    says(&sandbox, days_to_turn() - 2, &["anew"]);
    // What was counted is sent when the day is over.
    work(&sandbox, days_to_turn() + 2);
    let ids = held(&sandbox);
    let (old, first_new) = (&ids[0], ids.iter().position(|id| *id != ids[0]).expect("another id"));
    assert!(!ids[first_new..].contains(old), "{ids:?}");
    assert_eq!(ids.iter().filter(|id| **id == ids[first_new]).count(), 3, "an event, the day, and a counter: {ids:?}");
}

#[test]
fn r26_no_id_is_made_in_ci_in_containers_and_for_tests() {
    for (variable, value) in
        [("CI", "true"), ("container", "podman"), ("KUBERNETES_SERVICE_HOST", "10.0.0.1"), ("CODESPACES", "true")]
    {
        let sandbox = Sandbox::new();
        // As for users: the notice is shown first, so there has to be a terminal.
        let terminal = Terminal::open();
        let mut on = acme_ids(&sandbox, 0, &["telemetry", "on"]);
        on.env("PROBE_PLACE", "1").stdout(terminal.other_end());
        let (child, reader) = terminal.start(&mut on);
        drop(on);
        assert!(finish(child).status.success(), "{}", shown(reader));
        run_ok(acme_ids(&sandbox, 0, &["work"]).env("PROBE_PLACE", "1").env(variable, value));
        assert_eq!(held(&sandbox), ["-", "-"], "{variable}: it is sent, and without an id");
        assert!(
            !files(&sandbox).unwrap().iter().any(|name| name.starts_with("installation") || name == "secret"),
            "{variable}"
        );
    }
}

#[test]
fn r21_the_vendor_is_asked_once_for_each_id_and_nothing_is_joined() {
    let sandbox = Sandbox::new();
    let ids = two_epochs(&sandbox);
    // Nobody there to say that they mean it: nothing happens.
    let (done, said) = says(&sandbox, 30, &["telemetry", "erase", "--at-vendor"]);
    assert!(!done && said.contains("nothing was asked and nothing was removed") && said.contains("`--yes`"), "{said}");
    let before = sandbox.server.requests().len();
    let at_terminal = |answer: &str| {
        let terminal = Terminal::open();
        let mut command = acme_ids(&sandbox, 30, &["telemetry", "erase", "--at-vendor"]);
        command.stdin(terminal.other_end()).stdout(terminal.other_end());
        let (child, reader) = terminal.start(&mut command);
        drop(command);
        terminal.wait_for("Do it? [y/N]");
        terminal.press(answer.as_bytes());
        (finish(child).status.success(), shown(reader))
    };
    let (done, said) = at_terminal("\n");
    assert!(!done && said.contains("nothing was removed"), "{said}");
    assert_eq!(sandbox.server.requests().len(), before, "not one request");
    let connections = sandbox.server.connections();
    let (done, said) = at_terminal("y\n");
    assert!(
        done && said.contains("The vendor's server took the request for:") && said.contains("Removed from "),
        "{said}"
    );
    let deletions = deletions(&sandbox);
    let bodies: Vec<_> = deletions.iter().map(|request| String::from_utf8(request.body.clone()).unwrap()).collect();
    assert_eq!(bodies, ids.map(|id| format!("{{\"installation\":\"{id}\"}}")), "one id each, and that alone");
    for request in &deletions {
        assert_eq!(request.header("content-type"), Some("application/json"));
        assert_eq!(request.header("idempotency-key"), None, "nothing that is told twice");
    }
    assert_eq!(sandbox.server.connections(), connections + 2, "on a connection each");
    assert_eq!(files(&sandbox), None);
    // Who goes on after that is another installation.
    work(&sandbox, 30);
    let new = held(&sandbox).pop().unwrap();
    assert!(new != bodies[0][17..49] && new != bodies[1][17..49], "{new}");
}

#[test]
fn r21_a_no_does_not_keep_its_user_from_it_and_a_veto_does() {
    let sandbox = Sandbox::new();
    work(&sandbox, 0);
    let erase = ["telemetry", "erase", "--at-vendor", "--yes"];
    let project = sandbox.home().join("project");
    fs::create_dir_all(&project).unwrap();
    fs::write(project.join(".telemetry.toml"), "[all]\nmode = \"local\"\n").unwrap();
    for (layer, variable) in
        [("layer 3", "DO_NOT_TRACK"), ("layer 4", "ACME_TELEMETRY_DISABLED"), ("layer 6", "PROBE_NONE")]
    {
        let mut command = acme_ids(&sandbox, 0, &erase);
        if layer == "layer 6" {
            command.current_dir(&project);
        }
        let (done, said) = told(&run(command.env(variable, "1")));
        assert!(
            !done && said.contains("no request may leave this machine, by ") && said.contains(layer),
            "{layer}: {said}"
        );
        assert!(said.contains("Nothing was asked and nothing was changed."), "{said}");
    }
    assert_eq!(deletions(&sandbox).len(), 0);
    assert!(files(&sandbox).unwrap().contains(&"installation".to_owned()));
    says(&sandbox, 0, &["telemetry", "off"]);
    let (done, said) = says(&sandbox, 0, &erase);
    assert!(done && said.contains("Your decision, off, is kept"), "{said}");
    assert_eq!((deletions(&sandbox).len(), files(&sandbox).unwrap()), (1, vec!["consent.json".to_owned()]));
    // And then there is nothing more to ask for.
    let (done, said) = says(&sandbox, 0, &erase);
    assert!(!done && said.contains("no id of this machine was ever sent"), "{said}");
    assert_eq!(deletions(&sandbox).len(), 1);
}

#[test]
fn r21_a_policy_that_comes_while_ids_are_asked_for_keeps_the_next_ones_here() {
    let sandbox = Sandbox::new();
    let ids = two_epochs(&sandbox);
    let project = sandbox.home().join("project");
    fs::create_dir_all(&project).unwrap();
    sandbox.server.always(Reply::hold());
    let mut command = acme_ids(&sandbox, 30, &["telemetry", "erase", "--at-vendor", "--yes"]);
    let mut child = command.current_dir(&project).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    while deletions(&sandbox).is_empty() {
        assert!(Instant::now() < deadline, "nothing was asked");
        std::thread::sleep(Duration::from_millis(5));
    }
    fs::write(project.join(".telemetry.toml"), "[all]\nmode = \"local\"\n").unwrap();
    while child.try_wait().unwrap().is_none() {
        assert!(Instant::now() < deadline, "it does not end");
        sandbox.server.release();
        std::thread::sleep(Duration::from_millis(5));
    }
    let (done, said) = told(&finish(child));
    assert!(!done && said.contains("no further request may leave this machine, by layer 6"), "{said}");
    assert!(said.contains(&ids[1]) && said.contains("Nothing was removed here"), "{said}");
    assert_eq!(deletions(&sandbox).len(), 1);
}

#[test]
fn r21_an_id_that_went_to_another_place_is_named_and_never_lost_in_silence() {
    let sandbox = Sandbox::new();
    let ids = two_epochs(&sandbox);
    // As an earlier version with another endpoint would have written it.
    let file = sandbox.state().join("telemetry/acme-ids/installation");
    let lines = fs::read_to_string(&file).unwrap();
    let (first, rest) = lines.split_once('\n').unwrap();
    let mut words: Vec<_> = first.split(' ').collect();
    words[1] = "0123456789abcdef";
    fs::write(&file, format!("{}\n{rest}", words.join(" "))).unwrap();
    let (_, status) = says(&sandbox, 30, &["telemetry"]);
    assert_eq!(status.matches("sent elsewhere").count(), 1, "{status}");
    let (done, said) = says(&sandbox, 30, &["telemetry", "erase", "--at-vendor", "--yes", "--retry"]);
    assert!(!done && said.contains("not deleted where the events went") && said.contains(&ids[0]), "{said}");
    let asked = deletions(&sandbox);
    assert_eq!(asked.len(), 1, "the other one alone");
    assert!(String::from_utf8_lossy(&asked[0].body).contains(&ids[1]));
    // With nothing else left it is told as well.
    let (done, said) = says(&sandbox, 30, &["telemetry", "erase", "--at-vendor", "--yes"]);
    assert!(!done && said.contains(&ids[0]) && !said.contains("no id of this machine"), "{said}");
    assert_eq!((deletions(&sandbox).len(), files(&sandbox)), (1, None));
}

#[test]
fn r21_what_the_vendor_did_not_take_is_told_and_kept_for_thirty_days_where_its_user_wants_that() {
    let sandbox = Sandbox::new();
    two_epochs(&sandbox);
    let before = files(&sandbox);
    let erase = |days: u32, more: &[&str]| {
        says(&sandbox, days, &[&["telemetry", "erase", "--at-vendor", "--yes"], more].concat())
    };
    for (status, cause) in [
        (503, "cannot do it now (HTTP 503); try again later"),
        (404, "did not take the request (HTTP 404); ask the vendor"),
    ] {
        sandbox.server.always(Reply::status(status));
        let (done, said) = erase(30, &[]);
        assert!(!done && said.contains(cause) && said.contains("Nothing was removed here"), "{said}");
        assert_eq!(files(&sandbox), before);
    }
    sandbox.server.refuse();
    let (done, said) = erase(30, &[]);
    assert!(!done && said.contains("the server refuses connections; try again later"), "{said}");
    assert_eq!(files(&sandbox), before);
    let (done, said) = erase(30, &["--retry"]);
    assert!(!done && said.contains("These ids are kept here; `erase --at-vendor` asks again"), "{said}");
    assert_eq!(files(&sandbox).unwrap(), ["installation"], "and nothing else");
    assert_eq!(says(&sandbox, 60, &["telemetry"]).1.matches("kept for that until").count(), 2, "until the last day");
    let copy = sandbox.state().join("telemetry/acme-ids/installation");
    let kept = fs::read(&copy).unwrap();
    assert!(!says(&sandbox, 61, &["telemetry"]).1.contains("pseudonymous id"), "and not a day longer");
    assert_eq!(fs::read_to_string(&copy).unwrap(), "");
    // Back within the time, when the server answers.
    fs::write(&copy, kept).unwrap();
    sandbox.server.listen().unwrap();
    sandbox.server.always(Reply::status(200));
    let (done, said) = erase(40, &[]);
    assert!(done, "{said}");
    assert_eq!(files(&sandbox), None);
    // The failures asked for one each.
    assert_eq!(deletions(&sandbox).len(), 4);
}
