//! Telemetry compiled out: by the feature, by the cfg, from two SDKs whose authors know nothing of it.

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use object::{Object as _, ObjectSection as _, ObjectSymbol as _};
use telemetry_tests::{
    fixture::{Generated, build, cargo, fixtures, output, succeed, workspace},
    run, run_ok,
};

/// What `--cfg no_telemetry` keeps from being compiled.
const HEAVY: [&str; 6] = ["reqwest", "tokio", "inventory", "rustls", "hyper", "ring"];

/// Texts of the fixture SDKs, and the marks of the runtime's parts.
const TRACES: [&[u8]; 12] = [
    b"\x7fTLM",
    b"\x7fTLM-dispatcher-1",
    b"\x7fTLM-queue-1",
    b"\x7fTLM-transport-1",
    b"fixture-one",
    b"fixture-two",
    b"FIXTURE_ONE",
    b"one.fixture.example",
    b"two.fixture.example",
    b"one_dialog_opened",
    b"OnePanel",
    b"DO_NOT_TRACK",
];

// ---- The feature ------------------------------------------------------------------------------------------------

#[test]
fn no_member_of_the_workspace_enables_no_telemetry() {
    let json = succeed(cargo(&workspace()).args(["metadata", "--format-version=1", "--no-deps", "--locked"]));
    let metadata: serde_json::Value = serde_json::from_str(&json).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() >= 7, "{} packages", packages.len());
    let mut dependencies = 0;
    for package in packages {
        let name = package["name"].as_str().unwrap();
        for dependency in package["dependencies"].as_array().unwrap() {
            dependencies += 1;
            let features = dependency["features"].as_array().unwrap();
            assert!(!features.iter().any(|feature| feature == "no-telemetry"), "{name}: {dependency}");
        }
        for (feature, enabled) in package["features"].as_object().unwrap() {
            let forwards = enabled.as_array().unwrap().iter().any(|on| on.as_str().unwrap().contains("no-telemetry"));
            assert!(!forwards || feature == "no-telemetry", "{name}: the feature {feature} enables no-telemetry");
        }
    }
    assert!(dependencies > 10, "{dependencies} dependencies");
}

#[test]
fn r38_one_crate_of_the_graph_silences_all_sdks_and_the_api_stays() {
    let quiet = build(cargo(&fixtures()).args(["build", "--locked", "-p", "host"]), "host");
    let printed = run_ok(Command::new(&quiet.path).stdout_piped());
    let expected = "panel: 6\nsession: 7\nregistry: Err(CompiledOut)\nmanifest: Err(CompiledOut)\n\
                    mode: compiled out\ndecided by: 1\nstatuses: 0\nnotice: 0\nconsent: Ok(())\n\
                    flush: Err(Refused)\nshutdown: Err(Refused)\n";
    assert_eq!(printed, expected);
}

#[test]
fn r37_a_binary_with_the_feature_holds_no_trace() {
    let quiet = build(cargo(&fixtures()).args(["build", "--locked", "-p", "host"]), "host");
    let live = build(cargo(&fixtures()).args(["build", "--locked", "-p", "host", "--no-default-features"]), "host");
    for trace in TRACES {
        let text = String::from_utf8_lossy(trace);
        assert!(live.holds(trace), "the search is blunt: {text:?} is not even in the build with telemetry");
        assert!(!quiet.holds(trace), "{text:?} is left");
    }
    assert!(section_names(&live.bytes).iter().any(|name| name == section()));
    assert!(!section_names(&quiet.bytes).iter().any(|name| name == section()));
}

#[test]
fn r37_test_helpers_fail_loudly_where_they_would_test_nothing() {
    let loud = build(cargo(&fixtures()).args(["build", "--locked", "-p", "loud"]), "loud");
    for helper in ["capture", "capture_process", "assert_inert", "clock"] {
        let output = run(Command::new(&loud.path).arg(helper).stdout_piped());
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(101), "{helper}: {said}");
        assert!(said.contains("telemetry is compiled out"), "{helper}: {said}");
    }
}

#[test]
fn r37_the_users_commands_stay_and_say_so() {
    let quiet = build(cargo(&fixtures()).args(["build", "--locked", "-p", "quiet-cli"]), "quiet-cli");
    let home = tempfile::tempdir().unwrap();
    for arguments in ["", "status", "status --json", "notice", "off", "local", "on", "preview", "log", "erase --forget"]
    {
        let mut command = Command::new(&quiet.path);
        command.arg("telemetry").args(arguments.split_whitespace()).env("HOME", home.path()).stdout_piped();
        let said = run_ok(&mut command);
        assert_eq!(said, "Telemetry is compiled out: this program collects nothing.\n", "{arguments}");
    }
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0, "nothing was written");
}

/// The command line of that program stands in its build script as well, where telemetry is not compiled out.
#[test]
fn r37_a_tracked_command_line_stays_and_compiles_in_a_build_script() {
    let quiet = build(cargo(&fixtures()).args(["build", "--locked", "-p", "quiet-cli"]), "quiet-cli");
    let home = tempfile::tempdir().unwrap();
    let said = run_ok(Command::new(&quiet.path).args(["build", "--release"]).env("HOME", home.path()).stdout_piped());
    assert_eq!(said, "built: true\nTracked { .. }\nbuild,telemetry\n");
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0, "nothing was written");
    assert!(!section_names(&quiet.bytes).iter().any(|name| name == section()));
}

// ---- The cfg ----------------------------------------------------------------------------------------------------

#[test]
fn r37_the_cfg_keeps_the_dependencies_from_being_compiled() {
    let mut tree = cargo(&workspace());
    tree.args(["tree", "--locked", "-p", "telemetry-runtime", "--edges", "normal,build", "--prefix", "none"]);
    let with: Vec<_> = packages(&succeed(&mut tree));
    let without: Vec<_> = packages(&succeed(tree.env("RUSTFLAGS", "--cfg no_telemetry")));
    for heavy in HEAVY {
        assert!(with.iter().any(|package| package == heavy), "{heavy} is no dependency at all: {with:?}");
        assert!(!without.iter().any(|package| package == heavy), "{heavy} is left: {without:?}");
    }
    // Built without the feature: the cfg alone does it. The SDKs still ask for `transport`.
    let mut command = cargo(&fixtures());
    command.args(["build", "--locked", "-p", "host", "--no-default-features", "--message-format=json"]);
    let messages = succeed(command.env("RUSTFLAGS", "--cfg no_telemetry"));
    for heavy in HEAVY {
        let built = messages.lines().any(|line| {
            let message: serde_json::Value = serde_json::from_str(line).unwrap();
            message["reason"] == "compiler-artifact" && message["target"]["name"] == heavy
        });
        assert!(!built, "{heavy} was compiled");
    }
    let host = build(&mut command, "host");
    for trace in TRACES {
        assert!(!host.holds(trace), "{:?} is left", String::from_utf8_lossy(trace));
    }
    assert!(!section_names(&host.bytes).iter().any(|name| name == section()));
    let printed = run_ok(Command::new(&host.path).stdout_piped());
    assert!(printed.contains("registry: Err(CompiledOut)"), "{printed}");
}

// ---- Byte identity ----------------------------------------------------------------------------------------------

const WITH_RUNTIME: &str = "[dependencies]\n\
     telemetry-runtime = { path = $RUNTIME, default-features = false, features = [\"no-telemetry\"] }\n";

/// Builds of the package `identity`, always in one folder. Only one test uses it.
fn identity(manifest: &str, source: &str, profile: &[(&str, &str)], release: bool) -> Vec<u8> {
    let package = Generated::new("identity", manifest);
    let mut command = package.source(source).cargo();
    command.arg("build");
    if release {
        command.arg("--release");
    }
    command.envs(profile.iter().copied());
    build(&mut command, "identity").bytes
}

#[test]
fn r37_annotations_leave_the_bytes_of_comments() {
    let annotated = fs::read_to_string(fixtures().join("identity/src/main.rs")).unwrap();
    let commented = without_annotations(&annotated);
    assert_eq!(annotated.len(), commented.len());
    assert_eq!(annotated.lines().count(), commented.lines().count());
    for word in ["record!", "sdk!", "prop_set! {", "#[telemetry", "#[track", "TelemetryValue)", "TelemetryValue, C"] {
        assert!(annotated.contains(word) && !commented.contains(word), "{word}:\n{commented}");
    }
    let longer = commented.replacen("*/ let last", " */ let last", 1);
    assert_ne!(longer, commented, "the fixture has a place at which a comment may grow");

    /// Name, variables for cargo, and whether it is a release build.
    type Profile = (&'static str, &'static [(&'static str, &'static str)], bool);
    let profiles: [Profile; 4] = [
        ("dev", &[], false),
        ("dev with debug information", &[("CARGO_PROFILE_DEV_DEBUG", "2")], false),
        ("release", &[], true),
        ("release with debug information", &[("CARGO_PROFILE_RELEASE_DEBUG", "2")], true),
    ];
    for (name, profile, release) in profiles {
        let mut with = identity(WITH_RUNTIME, &annotated, profile, release);
        if name == "release with debug information" {
            // A macro with locals of its own inside of `record!` leaves the scope of these locals in the debug
            // information of optimized code, and nothing in code or data.
            let (full, commented) = (sections(&with), identity(WITH_RUNTIME, &commented, profile, release));
            let commented = sections(&commented);
            assert!(CODE_AND_DATA.iter().all(|section| full.get(*section) == commented.get(*section)), "{name}");
            let (macros, plain) = ("format!(\"{local}\")", "String::new()     ");
            assert!(annotated.contains(macros) && macros.len() == plain.len());
            with = identity(WITH_RUNTIME, &annotated.replace(macros, plain), profile, release);
        }
        let without = identity(WITH_RUNTIME, &commented, profile, release);
        assert!(with == without, "{name}: {}", difference(&with, &without));
        if name == "dev with debug information" {
            let other = identity(WITH_RUNTIME, &longer, profile, release);
            assert!(with != other, "the comparison is blunt: another column leaves the same bytes");
        }
        let names = symbols(&with).into_iter().map(|(name, _)| name);
        let foreign: Vec<_> =
            names.filter(|name| ["telemetry_", "serde", "inventory"].iter().any(|of| name.contains(of))).collect();
        assert!(foreign.is_empty(), "{name}: {foreign:?}");
        if !release {
            // Unoptimized code takes the instances of generic functions, `Vec<u8>::drop` say, from any library that has
            // them already, so it differs as soon as one more library is named, whatever is in it.
            continue;
        }
        // Cargo hashes the list of dependencies into every symbol, so the program that never mentions telemetry has the
        // same manifest here: the compiler does not even open a library that nobody names.
        let bare_source = without_runtime(&commented);
        let (with, bare) = (sections(&with), sections(&identity(WITH_RUNTIME, &bare_source, profile, release)));
        for section in CODE_AND_DATA {
            let same = with.get(*section) == bare.get(*section);
            assert!(same, "{name}: {section} differs from a program that never mentions telemetry");
        }
        assert!(with.contains_key(".text") && with.contains_key(".rodata"), "{:?}", with.keys());
        if profile.is_empty() {
            // Without the dependency, functions of one name may change places with the hashes in their symbols; nothing
            // is added, and nothing changes its size.
            let bare = identity("", &bare_source, profile, release);
            assert_eq!(symbols(&without), symbols(&bare), "{name}");
            let bare = sections(&bare);
            for section in CODE_AND_DATA {
                let sizes = [&with, &bare].map(|sections| sections.get(*section).map(Vec::len));
                assert_eq!(sizes[0], sizes[1], "{name}: {section}");
            }
            assert_eq!(with.get(".rodata"), bare.get(".rodata"), "{name}");
        }
    }
}

/// Names and sizes of all functions and statics, without the hashes that end the names.
fn symbols(file: &[u8]) -> Vec<(String, u64)> {
    let file = object::File::parse(file).expect("an executable");
    let plain = |name: &str| match name.rsplit_once("17h") {
        Some((name, _)) => name.to_owned(),
        // Numbered in the order of the functions they belong to.
        None => name.trim_end_matches(|char: char| char.is_ascii_digit()).to_owned(),
    };
    let mut symbols: Vec<_> = file
        .symbols()
        .filter(object::ObjectSymbol::is_definition)
        .map(|symbol| (plain(symbol.name().unwrap_or_default()), symbol.size()))
        .collect();
    assert!(symbols.len() > 100, "stripped");
    symbols.sort();
    symbols
}

/// Sections that programs run, or read while they run, on ELF.
const CODE_AND_DATA: &[&str] = &[
    ".text",
    ".rodata",
    ".data",
    ".data.rel.ro",
    ".bss",
    ".tdata",
    ".init_array",
    ".fini_array",
    ".eh_frame",
    ".gcc_except_table",
    ".comment",
    ".telemetry",
];

/// The source with a comment of the same length in place of each annotation; for `sdk!`, with what it stands for.
fn without_annotations(source: &str) -> String {
    let mut text = source.to_owned();
    for start in ["#[telemetry_event", "#[telemetry(", "#[track_mount", "#[track_call"] {
        while let Some(at) = find_code(&text, start) {
            let end = closing(&text, at + 1);
            text.replace_range(at..end, &comment(&text[at..end]));
        }
    }
    while let Some(at) = find_code(&text, "record!(") {
        let end = closing(&text, at + "record!".len()) + 1;
        assert!(text[..end].ends_with(';'), "{}", &text[at..end]);
        text.replace_range(at..end, &comment(&text[at..end]));
    }
    while let Some(at) = find_code(&text, "prop_set! {") {
        let end = closing(&text, at + "prop_set! ".len());
        text.replace_range(at..end, &comment(&text[at..end]));
    }
    while let Some(at) = find_code(&text, "sdk! {") {
        let end = closing(&text, at + "sdk! ".len());
        text.replace_range(at..end, &expression_and_space("telemetry_runtime::Sdk::compiled_out()", &text[at..end]));
    }
    for list in ["#[derive(Debug, TelemetryValue, Clone", "#[derive(TelemetryValue)"] {
        let at = find_code(&text, list).expect("the fixture derives") + list.find("TelemetryValue").unwrap();
        let mut end = at + "TelemetryValue".len();
        if text[end..].starts_with(',') {
            end += 1;
        }
        text.replace_range(at..end, &comment(&text[at..end]));
    }
    text
}

/// The source without its `use` of the runtime and without its SDK.
fn without_runtime(source: &str) -> String {
    let mut text = source.to_owned();
    for start in ["use telemetry_runtime::", "pub static TELEMETRY"] {
        let at = find_code(&text, start).expect("the fixture has it");
        let end = at + text[at..].find(';').unwrap() + 1;
        text.replace_range(at..end, &comment(&text[at..end]));
    }
    assert!(!text.contains("telemetry_runtime"), "{text}");
    text
}

/// Where `needle` stands first; the fixture mentions no annotation in comments or strings.
fn find_code(text: &str, needle: &str) -> Option<usize> {
    text.find(needle)
}

/// The end of the brackets that open at or after `from`.
fn closing(text: &str, from: usize) -> usize {
    let mut depth = 0;
    for (at, char) in text[from..].char_indices() {
        match char {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => {
                depth -= 1;
                if depth == 0 {
                    return from + at + 1;
                }
            }
            _ => {}
        }
    }
    panic!("unbalanced: {}", &text[from..]);
}

/// A comment of the same length over the same lines.
fn comment(text: &str) -> String {
    let inner = text.strip_prefix(|_| true).and_then(|text| text.get(1..text.len() - 2)).expect("at least four bytes");
    let inner: String = inner.chars().map(|char| if char == '\n' { '\n' } else { 'x' }).collect();
    format!("/*{inner}*/")
}

/// An expression, then space of the same length over the same lines: what follows stands where it stood.
fn expression_and_space(expression: &str, text: &str) -> String {
    let lines = text.matches('\n').count();
    let last = text.len() - text.rfind('\n').map_or(0, |at| at + 1);
    let first = text.len() - lines - last;
    format!("{expression:<first$}{}{}", "\n".repeat(lines), " ".repeat(last))
}

#[test]
fn the_generated_source_keeps_every_place() {
    let source = "#[telemetry_event(a = \"x\")]\nstruct A;\n#[derive(TelemetryValue)]\n#[derive(Debug, TelemetryValue, Clone)]\n\
                  static S: Sdk = sdk! {\n    name: \"a-long-name-that-leaves-room\", a: b,\n}; record!(A { b: [c] }); let d = e[0];\n";
    let commented = without_annotations(source);
    assert_eq!(
        commented,
        "/*xxxxxxxxxxxxxxxxxxxxxxx*/\nstruct A;\n#[derive(/*xxxxxxxxxx*/)]\n#[derive(Debug, /*xxxxxxxxxxx*/ Clone)]\n\
         static S: Sdk = telemetry_runtime::Sdk::compiled_out()               \n\n ; /*xxxxxxxxxxxxxxxxxx*/ let d = e[0];\n"
    );
}

fn difference(a: &[u8], b: &[u8]) -> String {
    let at = a.iter().zip(b).position(|(a, b)| a != b);
    let (a, b) = (sections(a), sections(b));
    let names: Vec<_> = a.keys().chain(b.keys()).filter(|name| a.get(*name) != b.get(*name)).collect();
    format!("the files differ from byte {at:?} on, in the sections {names:?}")
}

fn sections(file: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let file = object::File::parse(file).expect("an executable");
    file.sections()
        .filter_map(|section| Some((section.name().ok()?.to_owned(), section.data().ok()?.to_vec())))
        .collect()
}

fn section_names(file: &[u8]) -> Vec<String> {
    sections(file).into_keys().collect()
}

/// The section that holds the records.
fn section() -> &'static str {
    match std::env::consts::OS {
        "macos" => "__telemetry",
        "windows" => ".telem",
        _ => ".telemetry",
    }
}

// ---- Features and dependencies ----------------------------------------------------------------------------------

/// R39: TLS is a choice, and each choice compiles alone and together with the others.
#[test]
fn r39_feature_pairs_compile_together() {
    let sets: [&[&str]; 8] = [
        &["--no-default-features"],
        &["--no-default-features", "--features", "transport-ureq"],
        &["--features", "transport-ureq"],
        &["--no-default-features", "--features", "http,testing"],
        &["--no-default-features", "--features", "clap"],
        &["--no-default-features", "--features", "clap,no-telemetry"],
        &["--no-default-features", "--features", "rustls-tls"],
        &["--no-default-features", "--features", "no-telemetry,rustls-tls,testing"],
    ];
    for set in sets {
        check(set);
    }
    let native: [&[&str]; 2] =
        [&["--no-default-features", "--features", "native-tls"], &["--features", "native-tls,testing"]];
    for set in native {
        if has_platform_tls() {
            check(set);
        } else {
            // OpenSSL's headers are the platform's to bring; that the features fit together shows without them.
            eprintln!("no OpenSSL headers here: only resolving {set:?}");
            let tree = packages(&tree(set, "normal"));
            assert!(tree.iter().any(|package| package == "native-tls"), "{set:?}: {tree:?}");
        }
    }
}

fn check(set: &[&str]) {
    let mut command = cargo(&workspace());
    command.args(["check", "--locked", "-p", "telemetry-runtime"]).args(set);
    let output = output(&mut command);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{set:?}:\n{said}");
    assert!(!said.contains("warning: "), "{set:?}:\n{said}");
}

/// Windows and Apple bring their own TLS; elsewhere it is OpenSSL, with headers.
fn has_platform_tls() -> bool {
    cfg!(any(windows, target_vendor = "apple"))
        || Command::new("pkg-config").args(["--exists", "openssl"]).status().is_ok_and(|status| status.success())
        || Path::new("/usr/include/openssl/ssl.h").exists()
}

fn tree(set: &[&str], edges: &str) -> String {
    let mut command = cargo(&workspace());
    command.args(["tree", "--locked", "-p", "telemetry-runtime", "--prefix", "none", "--edges", edges]).args(set);
    succeed(&mut command)
}

#[test]
fn r39_no_build_needs_cmake_or_nasm_and_the_core_has_no_http() {
    let sets: [&[&str]; 3] = [&[], &["--features", "native-tls"], &["--all-features"]];
    for set in sets {
        let all = packages(&tree(set, "normal,build"));
        assert!(all.iter().any(|package| package == "reqwest"), "{set:?}: {all:?}");
        for unwanted in ["cmake", "nasm-rs", "aws-lc-sys", "aws-lc-rs", "bindgen"] {
            assert!(!all.iter().any(|package| package == unwanted), "{set:?} needs {unwanted}");
        }
    }
    let core = packages(&tree(&["--no-default-features"], "normal,build"));
    for heavy in ["reqwest", "tokio", "rustls", "native-tls", "openssl-sys", "hyper", "ureq"] {
        assert!(!core.iter().any(|package| package == heavy), "the core needs {heavy}");
    }
    let slim = packages(&tree(&["--no-default-features", "--features", "transport-ureq"], "normal,build"));
    assert!(slim.iter().any(|package| package == "rustls"), "{slim:?}");
    for heavy in ["reqwest", "tokio", "hyper", "url", "openssl-sys"] {
        assert!(!slim.iter().any(|package| package == heavy), "ureq needs {heavy}");
    }
    for tls in ["rustls-tls", "native-tls"] {
        let alone = tree(&["--no-default-features", "--features", tls, "--format", "{f}"], "normal");
        let features: Vec<_> = alone.lines().next().unwrap_or_default().split(',').collect();
        assert!(features.contains(&"http") && features.contains(&tls), "{tls} alone sends nothing: {features:?}");
    }
    let rustls = packages(&tree(&[], "normal,build"));
    assert!(!rustls.iter().any(|package| package.starts_with("openssl-sys")), "{rustls:?}");
}

/// The names of the packages that `cargo tree` lists.
fn packages(tree: &str) -> Vec<String> {
    tree.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

/// Pipes, so that [`run`] sees what a program says.
trait Piped {
    fn stdout_piped(&mut self) -> &mut Self;
}

impl Piped for Command {
    fn stdout_piped(&mut self) -> &mut Self {
        use std::process::Stdio;
        self.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped())
    }
}
