//! The layers that are decided by files: what the server, the user and the author said.

use super::*;

#[test]
fn layer_9_a_410_ends_it_until_the_user_clears_it() {
    let sandbox = Sandbox::new();
    sandbox.server.reply(Reply::status(410));
    let seen = see(open(&sandbox, "library", "record").arg("1"));
    assert_eq!((seen.count("sent"), seen.count("rejected")), (0, 1));
    assert_eq!(sandbox.server.requests().len(), 1, "410 is not tried again");
    for number in ["2", "3"] {
        let seen = see_nothing(&sandbox, open(&sandbox, "library", "record").arg(number));
        assert_eq!((seen.mode.as_str(), seen.decided_by), ("off", 9));
    }
    // Another SDK of the same user is another matter.
    assert_eq!(see(open(&sandbox, "everywhere", "record").arg("4")).count("sent"), 1);
    fs::remove_file(sdk_folder(&sandbox, "library").join("memory.json")).unwrap();
    assert_eq!(see(open(&sandbox, "library", "record").arg("5")).count("sent"), 1);
    assert_eq!(arrived(&sandbox), [1, 4, 5], "what was recorded while it was off is not sent later");
}

#[test]
fn layer_9_a_410_ends_it_in_the_same_run() {
    let sandbox = Sandbox::new();
    sandbox.server.reply(Reply::status(410));
    let seen = with_pause(open(&sandbox, "library", "record-again").arg("1"), || {});
    assert_eq!((seen.mode.as_str(), seen.decided_by), ("off", 9));
    assert_eq!((seen.count("offered"), seen.count("rejected"), seen.count("waiting")), (1, 1, 0), "{}", seen.ledger);
    assert_eq!(arrived(&sandbox), [1]);
}

#[test]
fn layer_10_what_the_consent_file_says() {
    type Put = fn(&Path);
    let cases: &[(&str, Put, &str, u64)] = &[
        ("off", |file| fs::write(file, r#"{"version":1,"consent":"off","agreed":{},"sdk":null}"#).unwrap(), "off", 10),
        (
            "the line of README.txt",
            |file| fs::write(file, "{\"version\":1,\"consent\":\"off\",\"agreed\":{},\"sdk\":null}\n").unwrap(),
            "off",
            10,
        ),
        (
            "local",
            |file| fs::write(file, r#"{"version":1,"consent":"local","agreed":{},"sdk":null}"#).unwrap(),
            "local",
            10,
        ),
        ("garbage", |file| fs::write(file, "on").unwrap(), "off", 10),
        ("half a file", |file| fs::write(file, r#"{"version":1,"consent":"on""#).unwrap(), "off", 10),
        (
            "a misspelt word",
            |file| fs::write(file, r#"{"version":1,"consent":"yes","agreed":{},"sdk":null}"#).unwrap(),
            "off",
            10,
        ),
        (
            "a later version",
            |file| fs::write(file, r#"{"version":2,"consent":"on","agreed":{},"sdk":null}"#).unwrap(),
            "off",
            10,
        ),
        ("empty", |file| fs::write(file, "").unwrap(), "off", 10),
        ("a folder", |file| fs::create_dir(file).unwrap(), "off", 10),
        ("a symbolic link", |file| std::os::unix::fs::symlink("/dev/null", file).unwrap(), "off", 10),
        ("on", |file| fs::write(file, r#"{"version":1,"consent":"on","agreed":{},"sdk":null}"#).unwrap(), "on", 10),
    ];
    for (name, put, mode, decided_by) in cases {
        let sandbox = Sandbox::new();
        put(&sdk_folder(&sandbox, "library").join("consent.json"));
        let seen = see(&mut open(&sandbox, "library", "record"));
        assert_eq!((seen.mode.as_str(), seen.decided_by), (*mode, *decided_by), "{name}");
        assert_eq!(sandbox.server.connections(), u64::from(*mode == "on"), "{name}");
        assert_eq!(seen.count("waiting"), u64::from(*mode == "local"), "{name}: {}", seen.ledger);
        assert_eq!(seen.stderr, "", "{name}");
        if *mode == "off" {
            assert!(!sdk_folder(&sandbox, "library").join("spool").exists(), "{name}: nothing is spooled");
        }
    }
}

#[test]
fn layer_10_local_collects_and_a_later_on_sends() {
    let sandbox = Sandbox::new();
    see(open(&sandbox, "library", "consent").arg("local"));
    let seen = see(open(&sandbox, "library", "record").arg("1"));
    assert_eq!((seen.mode.as_str(), seen.count("waiting"), sandbox.server.connections()), ("local", 1, 0));
    see(open(&sandbox, "library", "consent").arg("off"));
    assert!(!sandbox.files().keys().any(|path| path.starts_with("telemetry/gate-library/spool")), "`off` deletes");
    see_nothing(&sandbox, open(&sandbox, "library", "record").arg("2"));
    see(open(&sandbox, "library", "consent").arg("on"));
    let seen = see(open(&sandbox, "library", "record").arg("3"));
    assert_eq!((seen.mode.as_str(), seen.decided_by), ("on", 10));
    assert_eq!(arrived(&sandbox), [3]);
}

/// A setting of the host asks the gate again, and does not wash away what the user had said.
#[test]
fn r13_a_later_setting_opens_nothing() {
    for consent in ["off", "local"] {
        let sandbox = Sandbox::new();
        see(open(&sandbox, "library", "consent").arg(consent));
        let seen = see(open(&sandbox, "library", "reconfigure").arg("1"));
        assert_eq!((seen.mode.as_str(), seen.decided_by), (consent, 10));
        // Offered while nobody had read the folder: the first event, and the first after the setting.
        let (offered, waiting) = if consent == "off" { (2, 0) } else { (3, 3) };
        assert_eq!((seen.count("offered"), seen.count("waiting")), (offered, waiting), "{}", seen.ledger);
        assert_eq!(seen.count("opted_out"), offered - waiting, "{}", seen.ledger);
        assert_eq!(sandbox.server.connections(), 0);
    }
}

/// A second after the user said no in another process, this one neither writes nor sends, and makes no folder again.
#[test]
fn r13_off_in_another_process_stops_this_one() {
    // The first event's number: 0 is none, so that nothing was ever spooled before the user says no.
    for first in ["1", "0"] {
        let sandbox = Sandbox::new();
        let seen = with_pause(open(&sandbox, "library", "record-again").arg(first), || {
            see(open(&sandbox, "library", "consent").arg("off"));
            std::thread::sleep(Duration::from_secs(1));
        });
        assert!(seen.answer["before"].as_str().unwrap().contains(&format!("sent: {first}")), "{}", seen.answer);
        assert_eq!((seen.mode.as_str(), seen.decided_by), ("off", 10));
        assert_eq!(arrived(&sandbox).len(), usize::from(first == "1"), "nothing later");
        assert_eq!(seen.count("waiting"), 0, "{}", seen.ledger);
        assert!(!sdk_folder(&sandbox, "library").join("spool").exists(), "{:?}", sandbox.files());
    }
}

#[test]
fn r13_local_in_another_process_stops_the_sending_of_this_one() {
    let sandbox = Sandbox::new();
    let seen = with_pause(open(&sandbox, "library", "record-again").arg("1"), || {
        see(open(&sandbox, "library", "consent").arg("local"));
        std::thread::sleep(Duration::from_secs(1));
    });
    assert_eq!((seen.mode.as_str(), seen.count("sent"), seen.count("waiting")), ("local", 1, 1), "{}", seen.ledger);
    assert_eq!(arrived(&sandbox), [1]);

    // The same for what was recorded before.
    let sandbox = Sandbox::new();
    sandbox.server.reply(Reply::status(503).header("retry-after", "3600"));
    let seen = with_pause(open(&sandbox, "library", "deliver-again").arg("1"), || {
        see(open(&sandbox, "library", "consent").arg("local"));
        std::thread::sleep(Duration::from_secs(1));
    });
    assert!(seen.answer["before"].as_str().unwrap().contains("sent: 0, waiting: 1"), "{}", seen.answer);
    assert_eq!((seen.mode.as_str(), seen.count("sent"), seen.count("waiting")), ("local", 0, 1), "{}", seen.ledger);
    assert_eq!(sandbox.server.requests().len(), 1);
}

/// Opt-in: no answer is no.
#[test]
fn r17_undecided_is_off_for_an_opt_in_sdk() {
    let sandbox = Sandbox::new();
    let seen = see_nothing(&sandbox, &mut open(&sandbox, "opt_in", "record"));
    assert_eq!((seen.mode.as_str(), seen.decided_by), ("off", 11));
    write_consent(&sandbox, "opt_in", Value::Null);
    assert_eq!(see_nothing(&sandbox, &mut open(&sandbox, "opt_in", "record")).decided_by, 11, "told is not asked");
    see(open(&sandbox, "opt_in", "consent").arg("on"));
    assert_eq!(see(&mut open(&sandbox, "opt_in", "record")).count("sent"), 1);
}

/// A home that is not there or cannot be used: off, silent, and the program succeeds as it would have.
#[test]
fn r10_without_a_usable_home_nothing_happens() {
    type Put = fn(&Sandbox, &mut Command);
    let cases: &[(&str, Put)] = &[
        ("no home", |_, command| {
            command.env_remove("HOME").env_remove("XDG_STATE_HOME");
        }),
        ("an empty home", |_, command| {
            command.env("HOME", "").env_remove("XDG_STATE_HOME");
        }),
        ("a relative home", |_, command| {
            command.env("HOME", "home").env_remove("XDG_STATE_HOME");
        }),
        ("a home that does not exist", |sandbox, command| {
            command.env("HOME", sandbox.home().join("nobody")).env_remove("XDG_STATE_HOME");
        }),
        ("a file as home", |sandbox, command| {
            fs::write(sandbox.home().join("file"), "").unwrap();
            command.env("HOME", sandbox.home().join("file")).env_remove("XDG_STATE_HOME");
        }),
        ("a home in which nothing can be made", |_, command| {
            command.env("HOME", "/proc/self").env_remove("XDG_STATE_HOME");
        }),
        ("a state folder in which nothing can be made", |_, command| {
            command.env("XDG_STATE_HOME", "/proc/self");
        }),
        ("a file as state folder", |sandbox, command| {
            fs::write(sandbox.home().join("file"), "").unwrap();
            command.env("XDG_STATE_HOME", sandbox.home().join("file"));
        }),
        ("a file in the place of our folder", |sandbox, _| {
            fs::write(sandbox.state().join("telemetry"), "").unwrap();
        }),
        ("a link in the place of our folder", |sandbox, _| {
            std::os::unix::fs::symlink(sandbox.home(), sandbox.state().join("telemetry")).unwrap();
        }),
        ("a folder that others may write", |sandbox, _| {
            let folder = sdk_folder(sandbox, "library");
            fs::set_permissions(&folder, std::os::unix::fs::PermissionsExt::from_mode(0o777)).unwrap();
        }),
    ];
    for (name, put) in cases {
        let sandbox = Sandbox::new();
        let mut command = open(&sandbox, "library", "record");
        put(&sandbox, &mut command);
        let before = contents(sandbox.home());
        let seen = see(&mut command);
        assert_eq!((seen.mode.as_str(), seen.decided_by), ("off", 10), "{name}: {}", seen.layers);
        assert_eq!((seen.stderr.as_str(), sandbox.server.connections()), ("", 0), "{name}");
        assert_eq!(contents(sandbox.home()), before, "{name}");
        assert_eq!((seen.count("sent"), seen.count("waiting")), (0, 0), "{name}: {}", seen.ledger);
    }
}

#[test]
fn reload_environment_reads_the_variables_and_the_files_again() {
    let sandbox = Sandbox::new();
    write_consent(&sandbox, "library", json!("off"));
    let mut command = open(&sandbox, "library", "reload_environment");
    let mut child = command.arg("5").stdin(Stdio::piped()).spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    assert_eq!(line, "ready\n");
    write_consent(&sandbox, "library", json!("on"));
    child.stdin.take().unwrap().write_all(b"go\n").unwrap();
    line.clear();
    stdout.read_line(&mut line).unwrap();
    assert!(finish(child).status.success());
    let seen = seen(&line, String::new());
    assert_eq!((seen.mode.as_str(), seen.count("sent")), ("on", 1), "{}", seen.answer);
    assert_eq!(arrived(&sandbox), [5]);
}
