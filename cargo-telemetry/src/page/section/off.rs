//! Every way to opt out, and where nothing is sent anyway.

use telemetry_schema::{DefaultConsent, Environment, Instance, Notice, Role};

use super::super::{
    Subject,
    document::{Block, Document, Line},
};

/// Variables, the stored decision, and what developers and packagers can do.
pub(super) fn turn_off(document: &mut Document, subject: &Subject<'_>) {
    let (sdk, level) = (subject.sdk, subject.level);
    document.push(Block::heading(level, &subject.anchor("turn it off"), "Turn it off"));
    if sdk.default == DefaultConsent::Off {
        document.push(Block::Note(Line::prose(
            "It is off until you turn it on. What follows keeps it off whatever else is set.",
        )));
    }
    let mut variables = vec![format!("{}_TELEMETRY_DISABLED=1", sdk.env)];
    variables.extend(sdk.env_aliases.iter().map(|alias| format!("{alias}=1")));
    let mut rows: Vec<_> = variables
        .iter()
        .map(|variable| {
            vec![Line::default().code(variable), Line::prose("this vendor's telemetry, in every program of yours")]
        })
        .collect();
    rows.push(vec![
        Line::prose("`DO_NOT_TRACK=1`"),
        Line::prose("all telemetry made with this framework, and whatever else keeps to this variable"),
    ]);
    document.push(Block::paragraph("Set one of these variables in the environment, for instance in `~/.profile`:"));
    document.push(Block::Table { head: vec!["Variable", "Turns off"], rows });
    document.push(Block::paragraph(
        "Every value counts except nothing at all, `0`, `false`, `no` and `off`: misspelt values turn it off too. While one is set, \
         the program starts no thread, opens no connection and touches no file for telemetry.",
    ));
    look_first(document, subject);
    stored_choice(document, subject);
    developers(document, subject);
}

fn look_first(document: &mut Document, subject: &Subject<'_>) {
    document.push(Block::heading(subject.level + 1, &subject.anchor("see it first"), "See it first"));
    document.push(Block::paragraph(&format!(
        "With `{}_TELEMETRY_DEBUG=1` in the environment every event is printed to standard error as it would be sent. Nothing \
         is sent or stored in such a run.",
        subject.sdk.env
    )));
}

/// A word, and what it does.
fn row(word: &str, does: &str) -> Vec<Line> {
    vec![Line::default().code(word), Line::prose(does)]
}

fn stored_choice(document: &mut Document, subject: &Subject<'_>) {
    let sdk = &subject.sdk.sdk;
    document.push(Block::heading(subject.level + 1, &subject.anchor("for good"), "Turn it off for good"));
    if let Some(command) = &subject.sdk.command {
        let row = |word: &str, does: &str| row(&format!("{command} {word}"), does);
        document.push(Block::paragraph("The program has commands for it:"));
        document.push(Block::Table {
            head: vec!["Command", "Does"],
            rows: [
                row("off", "turns it off and deletes what waits to be sent"),
                row("status", "says whether anything is collected, and what decides it"),
                row("preview", "shows what would be sent next, and sends nothing"),
                row("log", "shows what was sent lately"),
                row("erase", "removes everything of it from your machine"),
            ]
            .into_iter()
            .chain(subject.sdk.identity.map(|_| {
                row(
                    "erase --at-vendor",
                    "asks the vendor to delete what came with your ids, one request for each id and nothing else in it, and then \
                     removes everything from your machine",
                )
            }))
            .collect(),
        });
    }
    if subject.has_levels() {
        document.push(Block::paragraph("You can also choose how much:"));
        document.push(Block::Table {
            head: vec!["Level", "Records"],
            rows: vec![
                row("off", "nothing"),
                row("basic", "the events that are marked so below"),
                row("usage", "all events; this holds if you choose nothing"),
            ],
        });
        document.push(Block::paragraph(&match &subject.sdk.command {
            Some(command) => format!(
                "`{command} on --level basic` chooses, and deletes what waits to be sent. In the file below it is one more key, `\"level\":\"basic\"`."
            ),
            None => "The program may offer it as a setting. In the file below it is one more key, `\"level\":\"basic\"`.".to_owned(),
        }));
    }
    document.push(Block::paragraph("Your decision is kept in a folder of your own, once per user and vendor:"));
    let row = |system: &str, folder: String| vec![Line::prose(system), Line::default().code(&folder)];
    document.push(Block::Table {
        head: vec!["System", "Folder"],
        rows: vec![
            row("Linux, BSD", format!("~/.local/state/telemetry/{sdk}/")),
            row("macOS", format!("~/Library/Application Support/telemetry/{sdk}/")),
            row("Windows", format!("%LOCALAPPDATA%\\telemetry\\{sdk}\\")),
        ],
    });
    document.push(Block::paragraph(
        "On Linux and BSD the folder lies below `$XDG_STATE_HOME` if that is set. Its file `README.txt` says all of this again.",
    ));
    document.push(Block::listing(
        Line::prose("Write the decision there; it holds until you delete the file:"),
        r#"echo '{"version":1,"consent":"off","agreed":{},"sdk":null}' > consent.json"#,
    ));
    document.push(Block::paragraph(
        "From then on nothing is recorded or sent, and what waited in the folder is never sent. If the file cannot be read, that \
         counts as off. The program may offer the same as a setting. You may delete the folder at any time; that deletes the \
         decision, too.",
    ));
}

fn developers(document: &mut Document, subject: &Subject<'_>) {
    document.push(Block::heading(subject.level + 1, &subject.anchor("developers"), "For developers and packagers"));
    let mut ways = vec![
        Line::prose(
            "`telemetry_runtime::veto_all()` in the program turns off every vendor's telemetry in it and discards what it has recorded.",
        ),
        Line::prose(
            "`Options::new().enabled(false)`, passed to the `configure` of this vendor's kit, turns off this one.",
        ),
        Line::prose(
            "The cargo feature `no-telemetry` of `telemetry-runtime`, set by any crate of the build, leaves no event, no record and \
             no code of it in the program.",
        ),
        Line::prose(
            "`RUSTFLAGS=\"--cfg no_telemetry\"` does the same, and also keeps the network libraries it brings from being compiled.",
        ),
    ];
    if let Some(variable) = &subject.sdk.official_builds {
        ways.push(
            Line::prose("Only official builds report: those for which ")
                .code(variable)
                .text(" was set when they were built."),
        );
    }
    document.push(Block::List(ways));
}

/// What the key of an instance decides.
fn instance(rule: Option<Instance>) -> Option<&'static str> {
    rule.map(|rule| match rule {
        Instance::Required => {
            "In programs that have not set the key of a development instance, whatever their build. With the key of a production \
             instance nothing is reported."
        }
        Instance::Optional => "In programs that have set the key of a production instance, whatever their build.",
    })
}

/// What the build decides.
fn build(role: Role, instance: Option<Instance>) -> Option<&'static str> {
    match (role, instance) {
        // With such a key every build reports, and without it none.
        (Role::Library, Some(Instance::Required)) => None,
        (Role::Library, Some(Instance::Optional)) => Some(
            "In finished programs: a release build reports nothing, unless its developer allowed that in code or set the key of a \
             development instance.",
        ),
        (Role::Library, None) => {
            Some("In finished programs: a release build reports nothing, unless its developer allowed that in code.")
        }
        (Role::Application, _) => Some("In development builds of this program."),
    }
}

/// Where nothing is sent although nobody turned anything off.
pub(super) fn by_itself(document: &mut Document, subject: &Subject<'_>) {
    let sdk = subject.sdk;
    let wants = |environment| sdk.environments.contains(&environment);
    document.push(Block::heading(subject.level, &subject.anchor("off by itself"), "When it is off by itself"));
    let mut list = Vec::new();
    list.extend(instance(sdk.instance).map(Line::prose));
    list.extend(build(sdk.role, sdk.instance).map(Line::prose));
    if !wants(Environment::Ci) {
        list.push(Line::prose(
            "In continuous integration and package builds, found by variables such as `CI`, `GITHUB_ACTIONS` or `NIX_BUILD_TOP`.",
        ));
    }
    if !wants(Environment::Test) {
        list.push(Line::prose("In test runs, found by variables such as `NEXTEST` and by the names of test programs."));
    }
    list.push(Line::prose("As root in another user's home."));
    list.push(Line::prose("Where your decision cannot be kept."));
    list.push(match sdk.notice {
        Notice::NextRun => Line::prose(
            "Before you were told: the program shows a notice on your terminal first, and records nothing until its next run.",
        ),
        Notice::SameRun => Line::prose(
            "Before you were told: the program shows a notice on your terminal first, and sends nothing in the ten seconds after it.",
        ),
        Notice::Host => Line::prose("Before you were told: the program shows the notice itself, and records nothing before that."),
        Notice::None => Line::prose("Before you turned it on: there is no notice, because nothing is on by default."),
    });
    list.push(Line::prose(
        "When something new is added: an event that carries more than you were told of is held back until you are told again.",
    ));
    document.push(Block::List(list));
    let wanted: Vec<_> =
        [(Environment::Ci, "continuous integration and package builds"), (Environment::Test, "test runs")]
            .into_iter()
            .filter(|(environment, _)| wants(*environment))
            .map(|(_, words)| words)
            .collect();
    if !wanted.is_empty() {
        document.push(Block::Note(Line::prose(&format!(
            "Unlike most, this vendor's kit also reports from {}.",
            wanted.join(" and ")
        ))));
    }
    document.push(Block::paragraph("The signals of environments are best effort. A variable of yours is not."));
}
