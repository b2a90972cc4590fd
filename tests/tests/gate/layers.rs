//! The layers that are decided from memory and environment.

use super::*;

#[test]
fn with_every_layer_open_the_event_arrives() {
    let sandbox = Sandbox::new();
    let seen = see(open(&sandbox, "library", "record").arg("7"));
    assert_eq!((seen.mode.as_str(), seen.decided_by), ("on", 11));
    assert_eq!((seen.count("offered"), seen.count("accepted"), seen.count("sent")), (1, 1, 1));
    assert_eq!(arrived(&sandbox), [7]);
    assert_eq!(seen.stderr, "");
    assert!(seen.threads > 1, "the count of threads can see the worker");
}

/// The layers that can say no in one program. 5 and 6 are read by no version yet.
const LAYERS: [u64; 9] = [1, 2, 3, 4, 7, 8, 9, 10, 11];

/// A program in which these layers say no and all others yes.
fn closed(sandbox: &Sandbox, layers: &[u64], action: &str) -> Command {
    let sdk = match (layers.contains(&1), layers.contains(&11)) {
        (false, false) => "library",
        (true, false) => "official",
        (false, true) => "opt_in",
        (true, true) => "official_opt_in",
    };
    let mut command = open(sandbox, sdk, action);
    for layer in layers {
        match layer {
            1 | 11 => {}
            2 => drop(command.env("HOST_DISABLES", "1")),
            3 => drop(command.env("DO_NOT_TRACK", "1")),
            4 => drop(command.env("GATE_TELEMETRY_DISABLED", "1")),
            7 => drop(command.env("CI", "true")),
            8 => drop(command.env("HOST_INSTANCE", PRODUCTION)),
            9 => write_gone(sandbox, sdk),
            10 => write_consent(sandbox, sdk, json!("off")),
            other => panic!("no layer {other}"),
        }
    }
    command
}

#[test]
fn r13_each_layer_alone_is_silent() {
    for layer in LAYERS {
        let sandbox = Sandbox::new();
        let status = see_nothing(&sandbox, &mut closed(&sandbox, &[layer], "status"));
        let seen = see_nothing(&sandbox, &mut closed(&sandbox, &[layer], "record"));
        for seen in [&status, &seen] {
            assert_eq!((seen.mode.as_str(), seen.decided_by), ("off", layer), "layer {layer}");
            assert_eq!(seen.layer(layer).0, "off");
        }
        if layer <= 8 {
            assert_eq!(seen.count("offered"), 0, "layer {layer}: decided before the event");
            assert_eq!(seen.threads, 1, "layer {layer}: no thread");
            assert_eq!(seen.answer["flushed"], "Err(Refused)", "layer {layer}");
        }
        assert_eq!((seen.count("sent"), seen.count("waiting")), (0, 0), "layer {layer}");
    }
}

#[test]
fn r13_of_two_layers_the_first_decides_and_both_are_shown() {
    for (index, first) in LAYERS.into_iter().enumerate() {
        for second in LAYERS.into_iter().skip(index + 1) {
            let sandbox = Sandbox::new();
            let seen = see_nothing(&sandbox, &mut closed(&sandbox, &[first, second], "record"));
            assert_eq!((seen.mode.as_str(), seen.decided_by), ("off", first), "{first} and {second}");
            // Where the user decided, the default is not asked.
            let second_says = if (first, second) == (10, 11) { "allows" } else { "off" };
            assert_eq!((seen.layer(first).0, seen.layer(second).0), ("off", second_says), "{first} and {second}");
            assert_eq!((seen.count("sent"), seen.count("waiting")), (0, 0), "{first} and {second}");
        }
    }
}

#[test]
fn r14_status_names_every_layer_in_order() {
    let sandbox = Sandbox::new();
    let seen = see(&mut closed(&sandbox, &[4], "status"));
    let numbers: Vec<_> =
        seen.layers.as_array().unwrap().iter().map(|layer| layer["number"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=11).collect::<Vec<_>>());
    assert_eq!(seen.layer(4), ("off", "GATE_TELEMETRY_DISABLED=1"));
}

/// The records of a program that is off stay where they are; without the variable the next run goes on.
#[test]
fn r13_variables_delete_nothing() {
    let sandbox = Sandbox::new();
    sandbox.server.reply(Reply::status(500));
    let seen = see(open(&sandbox, "library", "record").arg("1"));
    assert_eq!((seen.count("sent"), seen.count("waiting")), (0, 1), "the server is down: {}", seen.ledger);
    for (variable, value) in [("DO_NOT_TRACK", "1"), ("GATE_NO_TELEMETRY", "yes"), ("CI", "1"), ("SUDO_UID", "1000")] {
        see_nothing(&sandbox, open(&sandbox, "library", "record").arg("2").env(variable, value));
    }
    let before = sandbox.server.requests().len();
    sandbox.forget_failures();
    see(open(&sandbox, "library", "record").arg("3"));
    let after: Vec<_> = sandbox.server.requests().split_off(before);
    let mut numbers: Vec<_> =
        after.iter().flat_map(telemetry_tests::events_of).map(|(_, payload)| payload["number"].as_u64()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [Some(1), Some(3)]);
}

#[test]
fn r15_values_of_variables() {
    let silent: &[&[u8]] = &[
        b"1",
        b"true",
        b"TRUE",
        b"yes",
        b"on",
        b"y",
        b"2",
        b"-1",
        b"00",
        b"ture",
        b"enabled",
        b"null",
        b" 1 ",
        b"no thanks",
        b"\xff\xfe",
        "\u{ff10}".as_bytes(),
    ];
    let open_values: &[&[u8]] =
        &[b"", b"0", b"false", b"False", b"FALSE", b"no", b"NO", b"off", b"Off", b" ", b" 0 ", b"\tfalse\n"];
    for (variable, layer) in [("DO_NOT_TRACK", 3), ("GATE_TELEMETRY_DISABLED", 4), ("GATE_NO_TELEMETRY", 4)] {
        for value in silent {
            let sandbox = Sandbox::new();
            let value = OsStr::from_bytes(value);
            let seen = see_nothing(&sandbox, open(&sandbox, "library", "record").env(variable, value));
            assert_eq!((seen.mode.as_str(), seen.decided_by), ("off", layer), "{variable}={value:?}");
        }
        let sandbox = Sandbox::new();
        for (number, value) in open_values.iter().enumerate() {
            let value = OsStr::from_bytes(value);
            let seen = see(open(&sandbox, "library", "record").arg(number.to_string()).env(variable, value));
            assert_eq!((seen.mode.as_str(), seen.count("sent")), ("on", 1), "{variable}={value:?}");
        }
        assert_eq!(arrived(&sandbox), (0..open_values.len() as u64).collect::<Vec<_>>());
    }
}

/// Nothing that could turn telemetry on beats `DO_NOT_TRACK`.
#[test]
fn r15_do_not_track_is_above_everything_that_enables() {
    let sandbox = Sandbox::new();
    write_consent(&sandbox, "library", json!("on"));
    let mut command = open(&sandbox, "library", "record");
    command.env("DO_NOT_TRACK", "1").env("HOST_LOOPBACK", "1").env("HOST_INSTANCE", DEVELOPMENT);
    command.env("GATE_TELEMETRY_DISABLED", "0").env("HOST_DEBUG", "1");
    let before = contents(&sandbox.state());
    let seen = see(&mut command);
    assert_eq!((seen.mode.as_str(), seen.decided_by), ("off", 3));
    assert_eq!((sandbox.server.connections(), contents(&sandbox.state())), (0, before));
    // Debug mode was asked for: it says why there is nothing, and shows nothing.
    assert!(seen.stderr.contains("nothing to send: off by layer 3"), "{}", seen.stderr);
    assert_eq!(seen.stderr.lines().count(), 1, "{}", seen.stderr);
}

#[test]
fn layer_1_official_builds_only() {
    let sandbox = Sandbox::new();
    let seen = see_nothing(&sandbox, &mut open(&sandbox, "official", "record"));
    assert_eq!((seen.mode.as_str(), seen.decided_by), ("off", 1));
    // The variable counts when the program is built, not when it runs.
    let seen = see_nothing(&sandbox, open(&sandbox, "official", "record").env("GATE_OFFICIAL_BUILD", "1"));
    assert_eq!(seen.decided_by, 1);
    let seen = see(&mut open(&sandbox, "release_official", "record"));
    assert_eq!((seen.mode.as_str(), seen.count("sent")), ("on", 1));
}

#[test]
fn r34_ci_and_tests_are_off_unless_asked_for() {
    for (variable, value) in [
        ("CI", "1"),
        ("CONTINUOUS_INTEGRATION", "true"),
        ("GITHUB_ACTIONS", "true"),
        ("JENKINS_URL", "http://ci.example/"),
        ("TEAMCITY_VERSION", "2024.1"),
        ("TF_BUILD", "ture"),
        ("NIX_BUILD_TOP", "/build"),
        ("NEXTEST", "1"),
        ("SUDO_UID", "1000"),
    ] {
        let sandbox = Sandbox::new();
        let seen = see_nothing(&sandbox, open(&sandbox, "library", "record").env(variable, value));
        assert_eq!((seen.mode.as_str(), seen.decided_by), ("off", 7), "{variable}={value}");
        let mut asked = open(&sandbox, "everywhere", "record");
        asked.env(variable, value);
        if variable == "SUDO_UID" {
            assert_eq!(see_nothing(&sandbox, &mut asked).decided_by, 7, "nothing lifts root in another's home");
        } else {
            assert_eq!(see(&mut asked).count("sent"), 1, "{variable}={value}, and the SDK asks for it");
        }
    }
    let sandbox = Sandbox::new();
    assert_eq!(see(open(&sandbox, "library", "record").env("CI", "false")).count("sent"), 1, "CI=false is none");
}

/// A test binary of cargo is known by its name, whatever started it.
#[test]
fn r34_a_test_binary_is_off() {
    let sandbox = Sandbox::new();
    let deps = sandbox.home().join("deps");
    fs::create_dir(&deps).unwrap();
    let program = deps.join("golden_gate-0123456789abcdef");
    std::os::unix::fs::symlink(example("golden_gate"), &program).unwrap();
    let run_as_test = |sdk: &str| {
        let mut command = sandbox.command(&program);
        command.args([sdk, "record"]).env("HOST_SHOWED_NOTICE", "1").env("HOST_ALLOWS_RELEASE", "1");
        command
    };
    let seen = see_nothing(&sandbox, &mut run_as_test("library"));
    assert_eq!((seen.mode.as_str(), seen.decided_by), ("off", 7));
    assert_eq!(see(&mut run_as_test("everywhere")).count("sent"), 1);
}

/// Layer 8, as `docs/gate.md` has it: who, which build, which key, and whether the host allowed it.
#[test]
fn r34_development_and_release_builds() {
    let debug = cfg!(debug_assertions);
    let (development, production) = (Some(DEVELOPMENT), Some(PRODUCTION));
    for (sdk, key, allowed, on) in [
        ("library", None, false, debug),
        ("library", None, true, true),
        ("library", development, false, true),
        ("library", production, false, false),
        ("library", production, true, false),
        ("release_library", None, false, false),
        ("release_library", None, true, true),
        ("release_library", development, false, true),
        ("release_library", production, false, false),
        ("release_library", production, true, false),
        ("application", None, false, !debug),
        ("application", None, true, !debug),
        ("release_application", None, false, true),
    ] {
        let sandbox = Sandbox::new();
        let mut command = open(&sandbox, sdk, "record");
        if let Some(key) = key {
            command.env("HOST_INSTANCE", key);
        }
        if !allowed {
            command.env_remove("HOST_ALLOWS_RELEASE");
        }
        let case = format!("{sdk}, key {key:?}, allowed {allowed}");
        if on {
            let seen = see(&mut command);
            assert_eq!((seen.mode.as_str(), seen.count("sent")), ("on", 1), "{case}");
        } else {
            let seen = see_nothing(&sandbox, &mut command);
            assert_eq!((seen.mode.as_str(), seen.decided_by), ("off", 8), "{case}");
        }
    }
}

/// An SDK that declares no instance: a key decides nothing, is sent nowhere, and the host is told so.
#[test]
fn o29_an_sdk_that_declares_no_instance_ignores_the_key() {
    for key in [DEVELOPMENT, PRODUCTION] {
        let sandbox = Sandbox::new();
        let mut command = open(&sandbox, "release_official", "record");
        command.env("HOST_INSTANCE", key).env_remove("HOST_ALLOWS_RELEASE");
        let silent = see_nothing(&sandbox, &mut command);
        assert_eq!((silent.decided_by, silent.layer(8).1), (8, "the host is a release build"), "{key}");
        assert_eq!(silent.ignored, json!(["Options::instance"]), "{key}");

        let sent = see(open(&sandbox, "everywhere", "record").env("HOST_INSTANCE", key));
        assert_eq!((sent.mode.as_str(), sent.count("sent")), ("on", 1), "{key}");
        let bodies: Vec<_> = sandbox.server.requests().iter().map(|request| request.text()).collect();
        assert_eq!(bodies.len(), 1, "{key}");
        assert!(!bodies[0].contains("\"pk\"") && !bodies[0].contains(key), "{}", bodies[0]);

        let ignored = "debug: ignored: Options::instance: this SDK declares no instance";
        let debug = see(open(&sandbox, "everywhere", "record").env("HOST_INSTANCE", key).env("HOST_DEBUG", "1"));
        assert_eq!(debug.stderr.matches(ignored).count(), 1, "{}", debug.stderr);
        assert!(!debug.stderr.contains(key), "{}", debug.stderr);
        let none = see(open(&sandbox, "everywhere", "record").env("HOST_DEBUG", "1"));
        assert!(!none.stderr.contains("ignored") && none.ignored == json!([]), "{}", none.stderr);
    }
    // Where it is declared, nothing is ignored.
    let sandbox = Sandbox::new();
    let declared = see(open(&sandbox, "library", "record").env("HOST_INSTANCE", DEVELOPMENT));
    assert_eq!(declared.ignored, json!([]));
    let bodies: Vec<_> = sandbox.server.requests().iter().map(|request| request.text()).collect();
    assert!(bodies.len() == 1 && bodies[0].contains(&format!("\"pk\":\"{DEVELOPMENT}\"")), "{bodies:?}");
}

#[test]
fn loopback_lifts_7_and_8_and_the_notice_but_no_production_key() {
    let sandbox = Sandbox::new();
    for sdk in ["library", "release_library", "application", "next_run"] {
        let mut command = sandbox.command(example("golden_gate"));
        command.args([sdk, "record"]).env("HOST_LOOPBACK", "1").env("CI", "1");
        let seen = see(&mut command);
        assert_eq!(seen.count("sent"), 1, "{sdk}");
        assert!(seen.stderr.contains("are lifted for this loopback endpoint"), "{}", seen.stderr);
    }
    let connections = sandbox.server.connections();
    let mut command = sandbox.command(example("golden_gate"));
    command.args(["release_library", "record"]).env("HOST_LOOPBACK", "1").env("HOST_INSTANCE", PRODUCTION);
    assert_eq!(see(&mut command).decided_by, 8);
    assert_eq!(sandbox.server.connections(), connections);
}
