//! The workspace of the matrix: a library with an SDK, and a package for every way to ship it.

use crate::{
    kit::{self, Package},
    packages,
};

/// Something that is shipped, and what it must be found to hold.
#[derive(Debug)]
pub(crate) struct Subject {
    pub(crate) name: &'static str,
    /// What the commands are told, so that they mean it.
    pub(crate) arguments: &'static [&'static str],
    /// What cargo has built, in the folder of the profile.
    pub(crate) file: &'static str,
    pub(crate) runs: Runs,
    /// The keys of its events.
    pub(crate) events: &'static [&'static str],
}

/// How it is made to say what it holds.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Runs {
    Itself,
    /// By a program that loads it.
    Loaded,
    /// By a program in C that is linked with it.
    Linked,
}

const CORE: [&str; 2] = ["core/core_closed", "core/core_opened"];
const WITH_OWN: [&str; 3] = ["core/core_closed", "core/core_opened", "core/own"];
const EXTRA: [&str; 4] = ["core/core_closed", "core/core_opened", "core/extra", "core/own"];

const fn subject(name: &'static str, arguments: &'static [&'static str], file: &'static str, runs: Runs) -> Subject {
    Subject { name, arguments, file, runs, events: &WITH_OWN }
}

/// Every kind of crate, alone and in combination.
pub(crate) const SUBJECTS: &[Subject] = &[
    subject("program", &["-p", "program"], "program", Runs::Itself),
    // A package with a library and several programs.
    subject("first", &["-p", "several", "--bin", "first"], "first", Runs::Itself),
    Subject { events: &EXTRA, ..subject("second", &["-p", "several", "--bin", "second"], "second", Runs::Itself) },
    subject("sample", &["-p", "several", "--example", "sample"], "examples/sample", Runs::Itself),
    subject(
        "shared_sample",
        &["-p", "several", "--example", "shared_sample"],
        "examples/libshared_sample.so",
        Runs::Loaded,
    ),
    subject("cdylib", &["-p", "shared"], "libshared.so", Runs::Loaded),
    subject("cdylib with --lib", &["-p", "shared", "--lib"], "libshared.so", Runs::Loaded),
    subject("staticlib", &["-p", "archive"], "libarchive.a", Runs::Linked),
    subject("cdylib and rlib", &["-p", "shared-and-rlib"], "libshared_and_rlib.so", Runs::Loaded),
    subject("staticlib and rlib", &["-p", "archive-and-rlib"], "libarchive_and_rlib.a", Runs::Linked),
    subject("all kinds", &["-p", "all-kinds"], "liball_kinds.so", Runs::Loaded),
    // A Rust library that is loaded, and a program beside it that could load it: what both hold is counted once.
    subject("program beside a dylib", &["-p", "dynamic", "--bin", "dynamic-program"], "dynamic-program", Runs::Itself),
    subject("dylib", &["-p", "dynamic", "--lib"], "libdynamic.so", Runs::Loaded),
    // The compiler loads the macro; what it depends on is in no program.
    Subject { events: &CORE, ..subject("proc macro", &["-p", "expands"], "expands", Runs::Itself) },
];

const PRINT: &str = "match telemetry_runtime::manifest() { Ok(manifest) => { print!(\"{manifest}\"); 0 } \
                     Err(error) => { eprintln!(\"{error}\"); 1 } }";

/// Writes the workspace.
pub(crate) fn workspace() -> Package {
    let names = [
        "core",
        "program",
        "several",
        "shared",
        "archive",
        "shared-and-rlib",
        "archive-and-rlib",
        "all-kinds",
        "dynamic",
        "expander",
        "hidden",
        "expands",
        "loader",
    ];
    let members = names.map(|name| format!("\"{name}\"")).join(", ");
    let package =
        Package::new("matrix", &format!("members = [{members}]\nresolver = \"3\"\n\n[lib]\npath = \"lib.rs\"\n"));
    package.write("lib.rs", "");
    let member = |name: &str, more: &str| {
        let runtime = format!("'{}'", kit::workspace().join("telemetry-runtime").display());
        let manifest = format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n{more}");
        package.write(&format!("{name}/Cargo.toml"), &manifest.replace("$RUNTIME", &runtime));
    };
    let with_core = format!("{}matrix-core = {{ path = \"../core\" }}\n", packages::RUNTIME);

    // The crate whose SDK all use.
    let core = packages::SDK.replace("\"demo\"", "\"core\"").replace("\"DEMO\"", "\"CORE\"");
    let event = |name: &str| {
        format!("/// One.\n#[telemetry_event]\npub struct {name} {{ /// Whether.\n    pub well: bool }}\n")
    };
    member("core", packages::RUNTIME);
    package.write("core/Cargo.toml", &package.read("core/Cargo.toml").replace("\"core\"", "\"matrix-core\""));
    package.write(
        "core/src/lib.rs",
        &format!(
            "{core}{}{}pub fn opened() {{ record!(CoreOpened {{ well: true }}); }}\n",
            event("CoreOpened"),
            event("CoreClosed")
        ),
    );
    let own = |name: &str| {
        format!(
            "/// One.\n#[telemetry_runtime::telemetry_event(sdk = matrix_core::TELEMETRY)]\npub struct {name} {{ /// Whether.\n    pub well: bool }}\n"
        )
    };
    let body = format!("matrix_core::opened(); telemetry_runtime::record!(Own {{ well: true }}); {PRINT}");
    let program = format!("{}fn main() {{ std::process::exit({{ {body} }}) }}\n", own("Own"));
    let exported =
        format!("{}#[unsafe(no_mangle)]\npub extern \"C\" fn matrix_manifest() -> i32 {{ {body} }}\n", own("Own"));

    member("program", &format!("[features]\nmore = []\nsilent = [\"telemetry-runtime/no-telemetry\"]\n\n{with_core}"));
    let rules = "[[ignore]]\nfeature = \"more\"\nreason = \"A test of its own builds it.\"\n";
    package.write("program/telemetry-check.toml", rules);
    let more = own("More").replacen("#[", "#[cfg(feature = \"more\")]\n#[", 1);
    // Compiled out, there is no list: the program says so and runs all the same.
    package.write("program/src/main.rs", &format!("{more}{program}"));

    member("several", &format!("{with_core}\n[[example]]\nname = \"shared_sample\"\ncrate-type = [\"cdylib\"]\n"));
    let library = format!("{}pub fn run() -> i32 {{ {body} }}\n", own("Own"));
    package.write("several/src/lib.rs", &library);
    package.write("several/src/bin/first.rs", "fn main() { std::process::exit(several::run()) }\n");
    package.write(
        "several/src/bin/second.rs",
        &format!("{}fn main() {{ std::process::exit(several::run()) }}\n", own("Extra")),
    );
    package.write("several/examples/sample.rs", "fn main() { std::process::exit(several::run()) }\n");
    package.write(
        "several/examples/shared_sample.rs",
        "#[unsafe(no_mangle)]\npub extern \"C\" fn matrix_manifest() -> i32 { several::run() }\n",
    );

    for (name, kinds) in [
        ("shared", "\"cdylib\""),
        ("archive", "\"staticlib\""),
        ("shared-and-rlib", "\"rlib\", \"cdylib\""),
        ("archive-and-rlib", "\"staticlib\", \"rlib\""),
        ("all-kinds", "\"lib\", \"cdylib\", \"staticlib\""),
        ("dynamic", "\"dylib\", \"rlib\""),
    ] {
        member(name, &format!("[lib]\ncrate-type = [{kinds}]\n\n{with_core}"));
        package.write(&format!("{name}/src/lib.rs"), &exported);
    }
    package
        .write("dynamic/src/bin/dynamic-program.rs", "fn main() { std::process::exit(dynamic::matrix_manifest()) }\n");

    // A macro that records while it runs, and a program that uses it.
    member("hidden", packages::RUNTIME);
    let hidden = core.replace("\"core\"", "\"hidden\"").replace("\"CORE\"", "\"HIDDEN\"").replace("record, ", "");
    package.write("hidden/src/lib.rs", &format!("{hidden}{}", event("HiddenOpened")));
    member("expander", "[lib]\nproc-macro = true\n\n[dependencies]\nhidden = { path = \"../hidden\" }\n");
    package.write(
        "expander/src/lib.rs",
        "extern crate proc_macro;\nuse hidden as _;\n#[proc_macro]\npub fn nothing(_: proc_macro::TokenStream) -> proc_macro::TokenStream { \
         proc_macro::TokenStream::new() }\n",
    );
    member("expands", &format!("{with_core}expander = {{ path = \"../expander\" }}\n"));
    package.write(
        "expands/src/main.rs",
        &format!("expander::nothing!();\nfn main() {{ std::process::exit({{ matrix_core::opened(); {PRINT} }}) }}\n"),
    );

    member("loader", "");
    package.write("loader/src/main.rs", LOADER);
    package
}

const LOADER: &str = r#"use std::ffi::{CString, c_char, c_int, c_void};

unsafe extern "C" {
    fn dlopen(path: *const c_char, how: c_int) -> *mut c_void;
    fn dlsym(library: *mut c_void, name: *const c_char) -> *mut c_void;
}

fn main() {
    let path = CString::new(std::env::args().nth(1).expect("a library")).expect("a path");
    let library = unsafe { dlopen(path.as_ptr(), 2) };
    assert!(!library.is_null(), "it cannot be loaded");
    let function = unsafe { dlsym(library, c"matrix_manifest".as_ptr()) };
    assert!(!function.is_null(), "it has no such function");
    let function: extern "C" fn() -> c_int = unsafe { std::mem::transmute(function) };
    std::process::exit(function());
}
"#;
