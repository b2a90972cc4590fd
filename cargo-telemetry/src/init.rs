//! What `init` writes into a package: a declaration with one event and one test, the rules, a step of CI. Nothing is overwritten: a
//! file that is there stays, and sources are only added to.

use std::{fs, path::Path};

use clap::ValueEnum;

use crate::{exit_code::ExitCode, failure::Failure, output};

/// What kind of package it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Template {
    /// A library that reports which of its features are used.
    Library,
    /// A command-line program that reports which of its commands have succeeded.
    Cli,
    /// A library of components that reports which of them are rendered.
    Components,
}

/// All that `sdk!` must know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Declaration {
    pub(crate) name: String,
    pub(crate) env: String,
    pub(crate) endpoint: String,
    pub(crate) docs: String,
    pub(crate) operator: String,
    pub(crate) contact: String,
    pub(crate) region: String,
    pub(crate) retention: String,
    pub(crate) shared_with: String,
}

/// The module, from the root of the package.
pub(crate) const MODULE: &str = "src/telemetry.rs";
/// The page, from there.
pub(crate) const PAGE: &str = "docs/telemetry.md";

/// The name of an environment variable for an SDK: `ACME_UI` for `acme-ui`.
pub(crate) fn env_of(name: &str) -> String {
    let letter = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_uppercase() } else { '_' };
    name.chars().map(letter).collect()
}

impl Template {
    const fn text(self) -> &'static str {
        match self {
            Self::Library => include_str!("init/templates/library.rs.txt"),
            Self::Cli => include_str!("init/templates/cli.rs.txt"),
            Self::Components => include_str!("init/templates/components.rs.txt"),
        }
    }

    /// The source of the module.
    pub(crate) fn module(self, declaration: &Declaration) -> String {
        let Declaration { name, env, endpoint, docs, operator, contact, region, retention, shared_with } = declaration;
        // The escapes of `Debug` are those of Rust.
        let common = format!(
            "    endpoint: {endpoint:?}, wire: EventBatch {{ strict: false }},\n    docs: {docs:?},\n    operator: {operator:?}, \
             contact: {contact:?},\n    region: {region:?}, retention: {retention:?}, shared_with: {shared_with:?},"
        );
        let text = self.text().replace("{common}", &common).replace("{env}", &format!("{env:?}"));
        text.replace("{name_text}", &format!("{name:?}")).replace("{name}", name)
    }

    /// What the root of the crate gets, at its end. Events look for the declaration there.
    pub(crate) const fn root_lines(self) -> &'static str {
        match self {
            Self::Library | Self::Components => "\npub mod telemetry;\npub use telemetry::TELEMETRY;\n",
            Self::Cli => "\nmod telemetry;\nuse telemetry::TELEMETRY;\n",
        }
    }
}

/// The root of the crate that the module goes into.
pub(crate) fn root_file(folder: &Path, template: Template) -> Result<&'static str, Failure> {
    let (wanted, what) = match template {
        Template::Library | Template::Components => ("src/lib.rs", "a library"),
        Template::Cli => ("src/main.rs", "a program"),
    };
    if folder.join(wanted).is_file() {
        return Ok(wanted);
    }
    Err(Failure::usage(format!("the package is not {what}: there is no {wanted}"))
        .with_hint("`--template library`, `cli` or `components` says what it is"))
}

/// The rules.
pub(crate) fn rules() -> &'static str {
    include_str!("init/templates/check.toml.txt")
}

/// The step of CI; `folder` is that of the package, from the root of the repository. The tool is installed from the repository that was
/// named and from nowhere else: on a registry, its name may be anybody's.
pub(crate) fn workflow(folder: &str, repository: Option<&str>) -> String {
    let install = match repository {
        Some(url) => format!("- run: cargo install --locked --git {url} cargo-telemetry"),
        None => "# Fill in where the tool is; it is on no registry yet:\n      \
                 # - run: cargo install --locked --git <repository> cargo-telemetry"
            .to_owned(),
    };
    include_str!("init/templates/github.yml.txt").replace("{folder}", folder).replace("{install}", &install)
}

/// Whether the root of the crate has the module.
pub(crate) fn has_module(root: &str) -> bool {
    root.lines().any(|line| {
        let item = line.trim();
        let item = match item.strip_prefix("pub") {
            Some(rest) if rest.starts_with('(') => rest.split_once(')').map_or(rest, |(_, rest)| rest).trim_start(),
            Some(rest) => rest.trim_start(),
            None => item,
        };
        let after = item.strip_prefix("mod telemetry").map(str::trim_start);
        after.is_some_and(|after| after.starts_with(';') || after.starts_with('{'))
    })
}

/// `main` with the line that a command-line program begins with and one that reports, where it is written as `cargo new` writes it;
/// `None` where people have to do it.
pub(crate) fn with_guard(main: &str) -> Option<String> {
    const HEAD: &str = "fn main() {";
    let (before, rest) = main.split_once(&format!("{HEAD}\n"))?;
    // Else it is in a comment or within something.
    let is_item = before.is_empty() || before.ends_with('\n') || before.ends_with("\nasync ");
    let (body, after) = match rest.strip_prefix("}\n") {
        Some(after) => ("", after),
        None => rest.split_once("\n}\n")?,
    };
    if !is_item || !is_whole(body) || body.contains("return") || body.contains("exit(") {
        return None;
    }
    let body = if body.trim().is_empty() { String::new() } else { format!("{body}\n") };
    Some(format!(
        "{before}{HEAD}\n    let _telemetry = telemetry_runtime::exit_guard(); // the first line, and held to the end\n{body}    \
         telemetry::command_succeeded(telemetry::Command::Run);\n}}\n{after}"
    ))
}

/// Whether the body of a function up to a line `}` is all of it, and statements that a further one can follow. No where it cannot be
/// told: in a text of several lines, that line may be anything.
fn is_whole(body: &str) -> bool {
    let quotes = |line: &str| line.replace(r"\\", "").replace("\\\"", "").replace("'\"'", "").matches('"').count();
    let has_open_text = |line: &str| !quotes(line).is_multiple_of(2);
    let may_hide = ["r\"", "r#", "/*"].iter().any(|start| body.contains(start)) || body.lines().any(has_open_text);
    let last = body.trim_end().lines().last().unwrap_or_default();
    let is_statement = last.is_empty() || (last.ends_with(';') && !last.contains("//"));
    !may_hide && is_statement && body.matches('{').count() == body.matches('}').count()
}

/// Writes a file that is not there yet, and says whether it did.
pub(crate) fn write_new(folder: &Path, name: &str, text: &str) -> Result<(), Failure> {
    let path = folder.join(name);
    let failed = |error: std::io::Error| {
        Failure::new(ExitCode::CannotWrite, format!("cannot write {}: {error}", path.display()))
    };
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(failed)?;
    }
    match fs::OpenOptions::new().write(true).create_new(true).open(&path) {
        Ok(file) => {
            std::io::Write::write_all(&mut &file, text.as_bytes()).map_err(failed)?;
            output::note(&format!("wrote {name}"));
            Ok(())
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            output::note(&format!("kept {name}, which is there"));
            Ok(())
        }
        Err(error) => Err(failed(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_main_gets_both_lines_and_another_is_left_to_people() {
        let plain = "//! A.\n\nfn main() {\n    println!(\"a\");\n}\n\nfn other() {}\n";
        let found = with_guard(plain).unwrap();
        assert!(
            found.starts_with("//! A.\n\nfn main() {\n    let _telemetry = ")
                && found.ends_with("}\n\nfn other() {}\n")
        );
        assert!(
            found.contains("    println!(\"a\");\n    telemetry::command_succeeded(telemetry::Command::Run);\n}\n")
        );
        for other in [
            "fn main() -> ExitCode {\n    ExitCode::SUCCESS\n}\n",
            "fn main() {\n    if a() { return; }\n}\n",
            "#[tokio::main]\nasync fn main() -> R {\n}\n",
            // It ends in an expression, or in what may be one.
            "fn main() {\n    run()\n}\n",
            "fn main() {\n    run() // done;\n}\n",
            "fn main() {\n    run()\n    // done;\n}\n",
            "fn main() {\n    if a() {\n        b();\n    }\n}\n",
            // Where it ends cannot be told.
            "fn main() {\n    say(r#\"a;\n}\n\"#);\n}\n",
            "fn main() {\n    say(r\"a;\n}\n\");\n}\n",
            "fn main() {\n    say(\"a;\n}\n\");\n}\n",
            "fn main() {\n    /* a;\n}\n */\n}\n",
            "fn main() {\n    if a() {\n        b();\n}\n    c();\n}\n",
            // It is no code.
            "//! fn main() {\n//!     a();\n//! }\n\nfn main() {\n    a();\n}\n",
        ] {
            assert_eq!(with_guard(other), None, "{other}");
        }
    }

    #[test]
    fn a_main_without_statements_is_not_taken_for_the_function_behind_it() {
        let found = with_guard("fn main() {\n}\n\nfn other() {\n    a();\n}\n").unwrap();
        assert!(found.ends_with("Command::Run);\n}\n\nfn other() {\n    a();\n}\n"), "{found}");
        // Quotes of a character, and text of one line, hide nothing.
        let found = with_guard("fn main() {\n    say(\"a \\\" {}\", '\"');\n}\n").unwrap();
        assert!(found.contains("    say(\"a \\\" {}\", '\"');\n    telemetry::command_succeeded"), "{found}");
    }

    #[test]
    fn the_module_is_found_where_the_root_has_it() {
        for root in ["mod telemetry;\n", "//! A.\npub mod telemetry;\n", "pub(crate) mod telemetry {\n}\n"] {
            assert!(has_module(root), "{root}");
        }
        for root in ["", "// mod telemetry;\n", "mod telemetry_more;\n", "use acme::telemetry;\n"] {
            assert!(!has_module(root), "{root}");
        }
    }

    #[test]
    fn a_workflow_installs_only_from_what_was_named() {
        let named = workflow("ui", Some("https://git.example/telemetry"));
        assert!(
            named.contains(
                "\n      - run: cargo install --locked --git https://git.example/telemetry cargo-telemetry\n"
            )
        );
        // A crate of this name on a registry may be anybody's.
        let open = workflow(".", None);
        assert!(open.contains("working-directory: .\n") && open.contains("# - run: cargo install"), "{open}");
        assert!(!open.lines().any(|line| line.contains("cargo install") && !line.trim().starts_with('#')), "{open}");
        assert!(open.ends_with("      - run: cargo telemetry check --format github\n"), "{open}");
    }

    #[test]
    fn what_is_answered_is_written_as_text_of_rust() {
        let text = |text: &str| text.to_owned();
        let declaration = Declaration {
            name: text("acme-ui"),
            env: env_of("acme-ui"),
            endpoint: text("https://t.example"),
            docs: text("https://d.example"),
            operator: text("Acme \"A\" \\ Inc."),
            contact: text("c"),
            region: text("EU"),
            retention: text("90 days"),
            shared_with: text("nobody"),
        };
        for template in [Template::Library, Template::Cli, Template::Components] {
            let module = template.module(&declaration);
            assert!(
                module.contains(r#"operator: "Acme \"A\" \\ Inc.""#) && module.contains("env: \"ACME_UI\""),
                "{module}"
            );
            assert!(!module.contains("{name") && !module.contains("{common"), "{module}");
        }
    }
}
