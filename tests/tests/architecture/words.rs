//! Words that this project no longer uses, and the search for them: in names, messages, comments and pages.
//!
//! `docs/glossary.md` has the words that are used instead. This file is the only one that may hold the retired ones.

use std::{
    fs,
    path::{Path, PathBuf},
};

use proc_macro2::{TokenStream, TokenTree};
use telemetry_tests::fixture::workspace;

/// Names that users wrote: in no Rust code, and in no page or message between backticks.
const PUBLIC_NAMES: [(&str, &str); 6] = [
    ("Passed", "IsPresent"),
    ("Count", "CountBucket"),
    ("recheck", "reload_environment"),
    ("not_agreed", "awaiting_consent"),
    ("adopted", "recovered"),
    ("NoPlace", "NoFolder"),
];

/// Names inside our crates: in no source of a published one.
const INTERNAL_NAMES: [(&str, &str); 20] = [
    ("Append", "WriteOn"),
    ("Lane", "SdkWriter"),
    ("lane", "writer"),
    ("lanes", "writers"),
    ("Place", "SpoolFolder, Slot or Cell"),
    ("Book", "LedgerWriter"),
    ("book", "ledger_writer"),
    ("freeze", "make_batches, or plan"),
    ("frozen", "planned"),
    ("Draw", "SampleRoll"),
    ("draw", "sample_roll"),
    ("draw_for", "roll_for"),
    ("Grant", "SendPermit"),
    ("grant", "permit"),
    ("Held", "AwaitingNotice, or LockedFile"),
    ("obey_other_processes", "reload_consent"),
    ("NOT_AGREED", "AWAITING_CONSENT"),
    ("is_not_agreed", "awaits_consent"),
    ("Frames", "FrameReader"),
    ("sampled", "sampled_out"),
];

/// Files and folders of the runtime.
const FILES: [(&str, &str); 7] = [
    ("control", "lifecycle"),
    ("activity", "effects"),
    ("passed", "presence"),
    ("stderr", "print"),
    ("lane", "writer"),
    ("place", "spool_folder"),
    ("frames", "frame_reader"),
];

/// Text of messages, comments and pages, in small or capital letters, wherever lines break.
const PHRASES: [(&str, &str); 23] = [
    ("`append`", "`write_on`"),
    ("append: caller", "write_on: Caller"),
    ("append: worker", "write_on: Worker"),
    ("the lane", "the writer"),
    ("day's draw", "day's sample roll"),
    ("a freeze", "making batches"),
    ("belongs into", "belongs in"),
    ("belong into", "belong in"),
    ("clean bill", "say what was found to be in order"),
    ("of company", "waiting for more events"),
    ("for company", "for more events"),
    ("stands here twice", "duplicate"),
    ("nobody heard the end", "say who did not see the end"),
    ("at it in the same moment", "say what the other process did"),
    ("moves the time on", "say what is written, and when"),
    ("at one go", "at a time, or in a row"),
    ("the word of the other attribute", "belongs in the other attribute"),
    ("is no telemetry value", "is not a telemetry value"),
    ("nobody's usage", "not counted as usage"),
    ("nobody's problem", "say what happens"),
    ("durable place", "a folder"),
    ("nobody must", "nobody has to"),
    ("record tells", "a record says or lists"),
];

/// Folders of the workspace that hold code or pages of ours.
const FOLDERS: [&str; 14] = [
    ".ci",
    "benches",
    "cargo-telemetry",
    "docs",
    "examples",
    "fuzz",
    "scripts",
    "telemetry-collector",
    "telemetry-macros",
    "telemetry-runtime",
    "telemetry-schema",
    "telemetry-spool",
    "telemetry-veto",
    "tests",
];

const PUBLISHED: [&str; 6] = [
    "cargo-telemetry",
    "telemetry-collector",
    "telemetry-macros",
    "telemetry-runtime",
    "telemetry-schema",
    "telemetry-spool",
];

/// All identifiers of Rust code; strings and comments are none.
fn identifiers(tokens: TokenStream, found: &mut Vec<(String, usize)>) {
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => found.push((ident.to_string(), ident.span().start().line)),
            TokenTree::Group(group) => identifiers(group.stream(), found),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

/// The retired names among the identifiers of a source, as a message each. A source that is wrong on purpose, and has no
/// tokens for that, is read by its words.
fn names_in(file: &str, text: &str, retired: &[(&str, &str)]) -> Vec<String> {
    let mut all = Vec::new();
    // The word is clap's there.
    let text = text.replace("ArgAction::Count", "ArgAction");
    match text.parse::<TokenStream>() {
        Ok(tokens) => identifiers(tokens, &mut all),
        Err(_) => {
            for (line, number) in text.lines().zip(1..) {
                let words = line.split(|char: char| !char.is_alphanumeric() && char != '_');
                all.extend(words.map(|word| (word.to_owned(), number)));
            }
        }
    }
    let message = |(name, line): (String, usize)| {
        let (_, instead) = retired.iter().find(|(retired, _)| *retired == name)?;
        Some(format!("{file}:{line}: the name `{name}` is retired; use {instead}"))
    };
    all.into_iter().filter_map(message).collect()
}

/// The text without the marks of comments and without line breaks.
fn flat(text: &str) -> String {
    let lines = text.lines().map(|line| line.trim_start().trim_start_matches(['/', '!', '#', '>', '\\']));
    let words: Vec<_> = lines.flat_map(str::split_whitespace).filter(|word| *word != "\\").collect();
    words.join(" ")
}

/// Methods of other crates that have a name which is retired here: file and name.
const FOREIGN: [(&str, &str); 1] = [("telemetry-collector/src/page/plot.rs", "draw")];

fn is_foreign(message: &str) -> bool {
    FOREIGN.iter().any(|(file, name)| message.starts_with(file) && message.contains(&format!("`{name}`")))
}

/// The retired phrases and public names in the text of a file, as a message each.
fn phrases_in(file: &str, text: &str) -> Vec<String> {
    let text = flat(text);
    let small = text.to_lowercase();
    let names = PUBLIC_NAMES.iter().filter(|(name, _)| text.contains(&format!("`{name}`")));
    PHRASES
        .iter()
        .filter(|(phrase, _)| small.contains(phrase))
        .chain(names)
        .map(|(retired, instead)| format!("{file}: \"{retired}\" is retired; instead: {instead}"))
        .collect()
}

/// Files below a folder, without what is built, recorded from others, or generated in them.
fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_symlink() || ["target", "corpus", "corpus-seed", "crashes", "data"].contains(&name.as_str()) {
            continue;
        }
        if path.is_dir() {
            collect(&path, found);
        } else if name != "words.rs" {
            found.push(path);
        }
    }
}

/// Each file of these folders with the text that it holds.
fn texts(folders: &[PathBuf]) -> Vec<(String, String)> {
    let mut paths = Vec::new();
    folders.iter().for_each(|folder| collect(folder, &mut paths));
    paths.sort();
    let named = |path: &PathBuf| {
        let file = path.strip_prefix(workspace()).unwrap().to_string_lossy().into_owned();
        Some((file, fs::read_to_string(path).ok()?))
    };
    paths.iter().filter_map(named).collect()
}

/// The pages at the root of the workspace, and everything in our folders.
fn everything() -> Vec<(String, String)> {
    let mut all = texts(&FOLDERS.map(|folder| workspace().join(folder)));
    for entry in fs::read_dir(workspace()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "md") {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            all.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
    all
}

#[test]
fn no_retired_name_is_left() {
    let sources = |all: Vec<(String, String)>| all.into_iter().filter(|(file, _)| file.ends_with(".rs"));
    let mut found = Vec::new();
    let (mut read, mut published) = (0, 0);
    for (file, text) in sources(everything()) {
        found.extend(names_in(&file, &text, &PUBLIC_NAMES));
        read += 1;
    }
    for (file, text) in sources(texts(&PUBLISHED.map(|name| workspace().join(name).join("src")))) {
        let names = names_in(&file, &text, &INTERNAL_NAMES);
        found.extend(names.into_iter().filter(|message| !is_foreign(message)));
        published += 1;
    }
    assert!(read > 500 && published > 200, "the search is blunt: {read} files, {published} published");
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn no_retired_phrase_is_left() {
    let all = everything();
    let found: Vec<_> = all.iter().flat_map(|(file, text)| phrases_in(file, text)).collect();
    assert!(all.iter().any(|(file, _)| file == "README.md"), "the search is blunt");
    assert!(all.iter().any(|(file, _)| file.ends_with(".stderr")), "the search is blunt");
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn no_retired_file_name_is_left() {
    for (file, _) in texts(&[workspace().join("telemetry-runtime/src"), workspace().join("telemetry-spool/src")]) {
        for part in file.trim_end_matches(".rs").split('/') {
            let retired = FILES.iter().find(|(name, _)| *name == part);
            assert!(retired.is_none(), "{file}: `{part}` is retired; use {}", retired.unwrap().1);
        }
    }
}

/// The search finds what it should, and nothing else.
#[test]
fn each_kind_of_retired_word_is_found() {
    let code = "use a::Lane;\nfn recheck(book: u8) { let x = s!(draw); }\n";
    let found = names_in("a.rs", code, &[&PUBLIC_NAMES[..], &INTERNAL_NAMES[..]].concat());
    assert_eq!(found.len(), 4, "{found:?}");
    assert!(found[0].starts_with("a.rs:1: the name `Lane` is retired"), "{found:?}");
    let other = "// a lane\nfn reload() { let planes = \"recheck\"; counts::DRAWN.count(); }\n";
    assert_eq!(names_in("a.rs", other, &INTERNAL_NAMES), [""; 0]);
    for text in [
        "It belongs into a list.",
        "/// It belongs\n/// into a list.",
        "\"it belongs \\\n    into a list\"",
        "Write `append`: it is a key.",
        "Take `Count` for that.",
        "`region` stands here twice",
    ] {
        assert_eq!(phrases_in("page.md", text).len(), 1, "{text}");
    }
    for text in ["It belongs in a list.", "It counts. Count it: `count`.", "Others append, callers wait."] {
        assert_eq!(phrases_in("page.md", text), [""; 0], "{text}");
    }
}
