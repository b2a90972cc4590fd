//! `cargo telemetry init`: from nothing to a package whose `check` is green.

use std::{
    fs,
    io::{BufRead as _, IsTerminal as _, Write as _},
    path::{Path, PathBuf},
    process::Command,
};

use clap::Args;

use crate::{
    arguments::Source,
    cargo::{self, Package, RUNTIME},
    config,
    exit_code::ExitCode,
    failure::Failure,
    files,
    init::{
        Declaration, MODULE, PAGE, Template, env_of, has_module, root_file, rules, with_guard, workflow, write_new,
    },
    lock, output,
};

const EXAMPLES: &str = "\
Examples:
  cargo telemetry init --runtime-path ../telemetry/telemetry-runtime       asks for the rest
  cargo telemetry init --template cli --operator \"Acme Inc.\" --contact privacy@acme.example --region EU \\
      --endpoint https://telemetry.acme.example --docs https://acme.example/telemetry --runtime-path ../telemetry/telemetry-runtime

Nothing is overwritten: files that are there stay as they are, and sources are only added to.";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// What kind of package it is [default: cli for a program, library for a library].
    #[arg(long, value_enum)]
    template: Option<Template>,
    /// The name of the SDK [default: that of the package].
    #[arg(long)]
    name: Option<String>,
    /// Where events go: an address with https.
    #[arg(long, value_name = "URL")]
    endpoint: Option<String>,
    /// Where users read what is collected.
    #[arg(long, value_name = "URL")]
    docs: Option<String>,
    /// Who receives it.
    #[arg(long, value_name = "WHO")]
    operator: Option<String>,
    /// Whom users ask.
    #[arg(long, value_name = "ADDRESS")]
    contact: Option<String>,
    /// Where it is kept.
    #[arg(long)]
    region: Option<String>,
    /// For how long it is kept [default: 90 days].
    #[arg(long)]
    retention: Option<String>,
    /// With whom it is shared [default: nobody].
    #[arg(long, value_name = "WHO")]
    shared_with: Option<String>,
    /// The package.
    #[arg(short, long, value_name = "NAME")]
    package: Option<String>,
    /// The manifest of the package.
    #[arg(long, value_name = "PATH")]
    manifest_path: Option<PathBuf>,
    /// The folder of telemetry-runtime, where the package does not depend on it yet.
    #[arg(long, value_name = "FOLDER", conflicts_with = "runtime_git")]
    runtime_path: Option<PathBuf>,
    /// The repository of telemetry-runtime, likewise.
    #[arg(long, value_name = "URL")]
    runtime_git: Option<String>,
    /// Writes files, and builds nothing: `cargo telemetry lock` and `docs` are left to you.
    #[arg(long)]
    no_build: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let source = Source {
        package: arguments.package.clone(),
        manifest_path: arguments.manifest_path.clone(),
        ..Source::default()
    };
    let package = cargo::locate(&source)?;
    let has_program = package.folder.join("src/main.rs").is_file();
    let template = arguments.template.unwrap_or(if has_program { Template::Cli } else { Template::Library });
    let root = root_file(&package.folder, template)?;
    let declaration = declaration(arguments, &package)?;
    let wanted = Wanted::of(&package, arguments)?;
    write_new(&package.folder, MODULE, &template.module(&declaration))?;
    add_to_root(&package.folder, root, template)?;
    write_new(&package.folder, config::FILE_NAME, rules())?;
    write_workflow(&package.folder, arguments)?;
    depend(&wanted, arguments, &package)?;
    if arguments.no_build {
        output::note(&format!(
            "next: `cargo telemetry lock`, `cargo telemetry docs --output {PAGE}`, `cargo telemetry check`"
        ));
        return Ok(ExitCode::Holds);
    }
    built(&package)
}

/// Asks for what is missing, or says which flags are.
fn declaration(arguments: &Arguments, package: &Package) -> Result<Declaration, Failure> {
    let is_asked = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    let mut missing = Vec::new();
    let mut answer = |given: &Option<String>, flag: &str, question: &str, default: Option<String>| {
        if let Some(given) = given {
            return given.clone();
        }
        let answer = if is_asked { ask(question, default.as_deref()) } else { None };
        answer.or(default).unwrap_or_else(|| {
            missing.push(format!("--{flag}"));
            String::new()
        })
    };
    let name = answer(&arguments.name, "name", "Name of the SDK", Some(package.name.replace('_', "-")));
    let declaration = Declaration {
        env: env_of(&name),
        endpoint: answer(&arguments.endpoint, "endpoint", "Where do events go (https://…)?", None),
        docs: answer(&arguments.docs, "docs", "Where do users read what is collected (https://…)?", None),
        operator: answer(&arguments.operator, "operator", "Who receives it?", None),
        contact: answer(&arguments.contact, "contact", "Whom do users ask?", None),
        region: answer(&arguments.region, "region", "Where is it kept?", None),
        retention: answer(&arguments.retention, "retention", "For how long?", Some("90 days".to_owned())),
        shared_with: answer(
            &arguments.shared_with,
            "shared-with",
            "With whom is it shared?",
            Some("nobody".to_owned()),
        ),
        name,
    };
    if missing.is_empty() {
        return Ok(declaration);
    }
    Err(Failure::usage(format!("`sdk!` must know more: {}", missing.join(", ")))
        .with_hint("give these flags, or run it on a terminal, where it asks"))
}

/// One answer on the terminal; none where it is empty.
fn ask(question: &str, default: Option<&str>) -> Option<String> {
    let mut terminal = anstream::stderr();
    let _ = match default {
        Some(default) => write!(terminal, "{question} [{default}] "),
        None => write!(terminal, "{question} "),
    };
    let _ = terminal.flush();
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).ok()?;
    Some(line.trim().to_owned()).filter(|line| !line.is_empty())
}

/// Puts the module into the root of the crate, where it is not.
fn add_to_root(folder: &Path, root: &str, template: Template) -> Result<(), Failure> {
    let path = folder.join(root);
    let mut text = files::text(&path, root)?;
    if has_module(&text) {
        output::note(&format!("kept the module in {root}"));
        return Ok(());
    }
    if template == Template::Cli && !text.contains("exit_guard") {
        match with_guard(&text) {
            Some(with_guard) => text = with_guard,
            None => output::note(
                "next: begin `main` with `let _telemetry = telemetry_runtime::exit_guard();`, and call \
                 `telemetry::command_succeeded(…)` where a command has succeeded",
            ),
        }
    }
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text.push_str(template.root_lines());
    output::file(&path, &text)?;
    output::note(&format!("added the module to {root}"));
    Ok(())
}

/// A workflow beside those that the repository has.
fn write_workflow(folder: &Path, arguments: &Arguments) -> Result<(), Failure> {
    let root = folder.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(folder);
    let below = folder.strip_prefix(root).ok().map(|path| path.display().to_string()).filter(|path| !path.is_empty());
    let text = workflow(below.as_deref().unwrap_or("."), arguments.runtime_git.as_deref());
    write_new(root, ".github/workflows/telemetry.yml", &text)
}

/// What the manifest of a package lacks of the runtime.
struct Wanted {
    /// The key of the entries that are there, and so of those to come.
    key: String,
    /// Whether there is any entry. It says where the crate is, for another one too.
    is_named: bool,
    /// No entry for the package.
    plain: bool,
    /// No entry for tests with `testing`.
    testing: bool,
}

impl Wanted {
    /// Refuses where nobody has said where the runtime is. The crates are on no registry yet, so whoever took the name there would be
    /// believed.
    fn of(package: &Package, arguments: &Arguments) -> Result<Self, Failure> {
        let entries = &package.runtime_entries;
        let wanted = Self {
            key: entries.first().map_or_else(|| RUNTIME.to_owned(), |entry| entry.key.clone()),
            is_named: !entries.is_empty(),
            plain: !entries.iter().any(|entry| !entry.is_for_tests),
            testing: !entries.iter().any(|entry| entry.has_testing),
        };
        if wanted.is_named || arguments.runtime_path.is_some() || arguments.runtime_git.is_some() {
            return Ok(wanted);
        }
        Err(Failure::usage(format!("{RUNTIME} is on no registry yet, and Cargo.toml does not say where it is"))
            .with_hint("name its folder by `--runtime-path FOLDER`, or its repository by `--runtime-git URL`"))
    }
}

/// Has cargo add the runtime, and `testing` for tests, each where the manifest lacks it.
fn depend(wanted: &Wanted, arguments: &Arguments, package: &Package) -> Result<(), Failure> {
    let Wanted { key, is_named, plain, testing } = wanted;
    if !plain && !testing {
        output::note("kept the dependency on telemetry-runtime");
        return Ok(());
    }
    let path = arguments.runtime_path.as_deref().map(fs::canonicalize).transpose();
    let path = path.map_err(|error| Failure::new(ExitCode::NoInput, format!("--runtime-path: {error}")))?;
    for (is_wanted, more) in [(plain, &[][..]), (testing, &["--dev", "--features", "testing"])] {
        if !is_wanted {
            continue;
        }
        let mut command = Command::new(cargo::executable());
        command.args(["add", "--quiet", RUNTIME, "--manifest-path"]).arg(&package.manifest_path).args(more);
        if key != RUNTIME {
            command.args(["--rename", key]);
        }
        // Beside an entry that is there, cargo takes its source.
        match (&path, &arguments.runtime_git) {
            _ if *is_named => &mut command,
            (Some(path), _) => command.arg("--path").arg(path),
            (None, Some(url)) => command.args(["--git", url]),
            (None, None) => &mut command,
        };
        let status = command.status();
        if !status.is_ok_and(|status| status.success()) {
            return Err(Failure::new(ExitCode::Build, "cargo could not add telemetry-runtime").with_hint(
                "where it is, say --runtime-path or --runtime-git; the files are written, so run it again",
            ));
        }
        output::note(&format!(
            "added telemetry-runtime to Cargo.toml{}",
            if more.is_empty() { "" } else { ", with `testing` for tests" }
        ));
    }
    Ok(())
}

/// Lock file and page from a build, then `check`: each as its own command does it.
fn built(package: &Package) -> Result<ExitCode, Failure> {
    let program = std::env::current_exe()
        .map_err(|error| Failure::new(ExitCode::Build, format!("cannot find this program: {error}")))?;
    let page = package.folder.join(PAGE);
    let run = |arguments: &[&str]| {
        let status = Command::new(&program).args(arguments).arg("--manifest-path").arg(&package.manifest_path).status();
        status.map_err(|error| Failure::new(ExitCode::Build, format!("cannot start this program: {error}")))
    };
    let mut steps: Vec<Vec<&str>> = Vec::new();
    if package.folder.join(lock::FILE_NAME).exists() {
        output::note(&format!("kept {}, which is there", lock::FILE_NAME));
    } else {
        steps.push(vec!["lock"]);
    }
    let page_text = page.display().to_string();
    if page.exists() {
        output::note(&format!("kept {PAGE}, which is there"));
    } else {
        if let Some(folder) = page.parent() {
            let _ = fs::create_dir_all(folder);
        }
        steps.push(vec!["docs", "--output", &page_text]);
    }
    steps.push(vec!["check"]);
    for step in steps {
        let status = run(&step)?;
        if !status.success() {
            let message = format!("`cargo telemetry {}` did not hold, as said above", step.join(" "));
            return Err(
                Failure::new(ExitCode::Found, message).with_hint("what was written stays; repair it, and run `check`")
            );
        }
    }
    output::note("`cargo test` runs the test of the event; `cargo telemetry check` holds from here on");
    Ok(ExitCode::Holds)
}
