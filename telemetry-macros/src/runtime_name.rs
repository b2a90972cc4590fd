//! By which name a crate knows the runtime.
//!
//! Expansions name it `::telemetry_runtime`. A crate that has renamed its dependency must say so with `crate = …`, and is told
//! by which name: the compiler was called with `--extern name=…/libtelemetry_runtime-….rlib`, and this macro runs inside it.

use std::sync::OnceLock;

use proc_macro2::Span;
use syn::Path;

use crate::errors::Errors;

/// The other name under which this crate depends on the runtime; `None` where it has the usual one, or where nobody can say.
pub(crate) fn other() -> Option<&'static str> {
    static NAME: OnceLock<Option<String>> = OnceLock::new();
    NAME.get_or_init(|| {
        let args = arguments();
        let name = renamed(&args)?;
        // `extern crate name as telemetry_runtime;` at the root makes the usual name hold.
        let root = args.iter().find(|arg| arg.ends_with(".rs")).and_then(|root| std::fs::read_to_string(root).ok());
        let holds = root.is_some_and(|root| root.contains("as telemetry_runtime;"));
        (!holds).then_some(name)
    })
    .as_deref()
}

/// Whether the crate that is being compiled is a build script: a file with clap's types is often included there.
pub(crate) fn is_build_script() -> bool {
    static ANSWER: OnceLock<bool> = OnceLock::new();
    *ANSWER.get_or_init(|| named_as_build_script(&arguments()))
}

/// What the compiler was called with.
fn arguments() -> Vec<String> {
    std::env::args_os().map(|arg| arg.to_string_lossy().into_owned()).collect()
}

/// The values of an option: `--option value` and `--option=value`.
fn values<'a>(args: &'a [String], option: &'a str) -> impl Iterator<Item = &'a str> {
    let behind = args.iter().zip(args.iter().skip(1)).filter(move |(arg, _)| *arg == option).map(|(_, value)| value);
    let joined = args.iter().filter_map(move |arg| arg.strip_prefix(option)?.strip_prefix('='));
    behind.map(String::as_str).chain(joined)
}

/// cargo calls each build script so, whatever its file is called.
fn named_as_build_script(args: &[String]) -> bool {
    values(args, "--crate-name").any(|name| name.starts_with("build_script_"))
}

/// Says by which name the runtime is known here, unless the author has said it; `written` is how to say it.
pub(crate) fn check(said: Option<&Path>, span: Span, written: impl FnOnce(&str) -> String, errors: &mut Errors) {
    if let (None, Some(name)) = (said, other()) {
        errors
            .at(span, format!("this crate knows `telemetry_runtime` by the name `{name}`; write `{}`", written(name)));
    }
}

/// The name of the runtime in the compiler's arguments, if it is another one only.
fn renamed(args: &[String]) -> Option<String> {
    let externs = values(args, "--extern").filter_map(|value| {
        let (name, file) = value.split_once('=')?;
        // `--extern noprelude:name=file`
        Some((name.rsplit(':').next().unwrap_or(name), file))
    });
    let is_runtime = |file: &str| {
        let file = file.rsplit(['/', '\\']).next().unwrap_or(file);
        let stem = file.strip_prefix("lib").unwrap_or(file);
        stem.strip_prefix("telemetry_runtime").is_some_and(|rest| rest.starts_with(['-', '.']))
    };
    let mut other = None;
    for (name, file) in externs {
        if name == "telemetry_runtime" {
            return None;
        }
        if is_runtime(file) {
            other = Some(name.to_owned());
        }
    }
    other
}

#[cfg(test)]
mod tests {
    use super::{named_as_build_script, renamed};

    #[test]
    fn a_build_script_is_known_by_its_name() {
        for (args, is) in [
            (&["rustc", "--crate-name", "build_script_build", "build.rs"][..], true),
            (&["rustc", "--crate-name=build_script_main"], true),
            (&["rustc", "--crate-name", "acme", "src/build_script_build.rs"], false),
            (&["rustc", "build_script_build"], false),
        ] {
            let args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
            assert_eq!(named_as_build_script(&args), is, "{args:?}");
        }
    }

    #[test]
    fn a04_a_renamed_runtime_is_found_by_its_file() {
        for (args, name) in [
            (&["rustc", "--extern", "rt=/t/deps/libtelemetry_runtime-0a1b.rmeta"][..], Some("rt")),
            (&["rustc", "--extern=rt=/t/deps/libtelemetry_runtime.rlib"], Some("rt")),
            (&["rustc", "--extern", "noprelude:rt=C:\\t\\telemetry_runtime-0a1b.dll"], Some("rt")),
            (&["rustc", "--extern", "telemetry_runtime=/t/libtelemetry_runtime-1.rlib"], None),
            (
                &["rustc", "--extern", "rt=/t/libtelemetry_runtime-1.rlib", "--extern", "telemetry_runtime=/t/x.rlib"],
                None,
            ),
            (&["rustc", "--extern", "other=/t/libtelemetry_runtime_tools-1.rlib"], None),
            (&["rustc", "--extern", "telemetry_runtime"], None),
            (&["rustc", "@arguments"], None),
        ] {
            let args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
            assert_eq!(renamed(&args).as_deref(), name, "{args:?}");
        }
    }
}
