//! What the messages of the macros have in common, read from the snapshots in `ui/fail`; `ui.rs` keeps these true.
//!
//! A file holds one mistake, unless its first comment says how many messages it has: `// 3 mistakes`. Behind the number may stand
//! why: what macros cannot see, such as a name that is not imported, the compiler alone can speak of.

use std::{fs, path::Path};

/// The longest place in characters: a type or an address, but no item and no call.
const LONGEST: usize = 48;

/// Messages that stand at more, and why.
const LONGER: [(&str, &str); 2] = [
    ("event-name-too-long", "the text that is too long is the mistake"),
    ("sdk-texts-too-long", "the text that is too long is the mistake"),
];

/// One message of the compiler.
struct Message {
    /// `[E0277]`; empty for those of macros, and for some of the compiler's own.
    code: String,
    head: String,
    body: String,
}

/// The messages of a snapshot: each begins with `error` at the start of a line.
fn messages(snapshot: &str) -> Vec<Message> {
    let mut messages: Vec<Message> = Vec::new();
    let mut in_head = false;
    for line in snapshot.lines() {
        let begins = line.strip_prefix("error").filter(|rest| rest.starts_with([':', '[']));
        if let Some((code, text)) = begins.and_then(|rest| rest.split_once(": ")) {
            messages.push(Message { code: code.to_owned(), head: text.to_owned(), body: String::new() });
            in_head = true;
        } else if line.starts_with("warning") {
            in_head = false;
            messages.push(Message { code: String::new(), head: String::new(), body: String::new() });
        } else if let Some(last) = messages.last_mut() {
            in_head &= !line.trim_start().starts_with("--> ");
            let part = if in_head { &mut last.head } else { &mut last.body };
            part.push('\n');
            part.push_str(line);
        }
    }
    messages.retain(|message| !message.head.is_empty());
    messages
}

/// The widest place that a message underlines with carets; a place over several lines is wider than any.
fn widest(body: &str) -> usize {
    // What the compiler shows of other places stands behind.
    let own: Vec<&str> =
        body.lines().take_while(|line| !line.starts_with("note:") && !line.starts_with("help:")).collect();
    let over_lines = own.iter().any(|line| line.contains("|_") && line.contains('^'));
    let carets = own.iter().flat_map(|line| line.split(|char| char != '^')).map(str::len).max().unwrap_or(0);
    if over_lines { usize::MAX } else { carets }
}

/// Whether a message says in words that can be pasted what to write, or the compiler offers to.
fn names_a_repair(message: &Message) -> bool {
    let quotes = |text: &str| text.matches('`').count() >= 2;
    let about_traits = ["the trait", "the following", "required", "this error", "lint level", "inside `", "the name"];
    let is_advice = |line: &str| {
        let line = line.trim_start().trim_start_matches(['=', '|']).trim_start();
        let advice = line.strip_prefix("help: ").or_else(|| line.strip_prefix("note: "));
        advice.is_some_and(|advice| {
            !about_traits.iter().any(|about| advice.starts_with(about)) && (line.starts_with("help") || quotes(advice))
        })
    };
    // The words of a trait's message, or of a panic in a constant, are ours; what the compiler quotes in its own is no repair.
    let is_ours =
        matches!(message.code.as_str(), "" | "[E0277]" | "[E0080]") && !message.head.starts_with("cannot find");
    (is_ours && quotes(&message.head)) || message.body.lines().any(is_advice)
}

/// `// 3 mistakes…` in the first comment; one without it. And whether it says that the compiler alone can speak.
fn declared(source: &str) -> (usize, bool) {
    let Some(comment) = source.lines().find_map(|line| line.strip_prefix("// ")) else { return (1, false) };
    let number = comment.split(' ').next().and_then(|number| number.parse().ok());
    (number.unwrap_or(1), comment.contains("rustc"))
}

#[test]
fn a04_every_message_stands_at_one_token_and_names_the_repair() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/fail");
    let (mut files, mut wrong) = (0, Vec::new());
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        files += 1;
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let (count, only_rustc) = declared(&fs::read_to_string(&path).unwrap());
        let snapshot = fs::read_to_string(path.with_extension("stderr")).unwrap_or_default();
        let messages = messages(&snapshot);
        if messages.len() != count {
            wrong.push(format!("{name}: {} messages for {count} mistakes", messages.len()));
        }
        for message in &messages {
            let head = &message.head;
            let is_excused = LONGER.iter().any(|(longer, _)| *longer == name);
            if (widest(&message.body) > LONGEST) != is_excused {
                wrong.push(format!("{name}: stands at more than a token, or is excused for nothing: {head}"));
            }
            if !only_rustc && !names_a_repair(message) {
                wrong.push(format!("{name}: names no repair: {head}"));
            }
            if head.starts_with(char::is_uppercase) || head.ends_with('.') {
                wrong.push(format!("{name}: is no line of a message: {head}"));
            }
        }
    }
    assert!(files > 300, "the search is blunt: {files} files");
    wrong.sort();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a04_a_message_without_place_or_repair_is_noticed() {
    let snapshot = "error[E0277]: `A` is no event\n --> a.rs:1:1\n  |\n1 | record!(A);\n  | ^^^^^^^^^^ here\n  |\n  \
                    = note: write `#[telemetry_event]`\n\nerror: wrong\n --> a.rs:1:1\n  |\n1 | / sdk! {\n2 | | }\n  | |_^\n  |\n  \
                    = help: the trait `B` is not implemented for `C`\n\nwarning: unused\n --> a.rs:1:1\n";
    let messages = messages(snapshot);
    assert_eq!(messages.len(), 2);
    assert_eq!(messages.iter().map(|message| widest(&message.body)).collect::<Vec<_>>(), [10, usize::MAX]);
    assert_eq!(messages.iter().map(names_a_repair).collect::<Vec<_>>(), [true, false]);
    assert_eq!(declared("// 3 mistakes\nfn main() {}"), (3, false));
    assert_eq!(declared("// 1 mistake, only rustc can speak\n"), (1, true));
    assert_eq!(declared("fn main() {}"), (1, false));
}
