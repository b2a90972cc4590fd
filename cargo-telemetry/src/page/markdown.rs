//! A page as CommonMark with the tables of GitHub.

use super::document::{Block, Document, Inline, Line};

pub(super) fn render(document: &Document) -> String {
    let mut out = format!("# {}\n", escape(&document.title, false));
    for block in &document.blocks {
        out.push('\n');
        push_block(&mut out, block);
    }
    out
}

fn push_block(out: &mut String, block: &Block) {
    match block {
        Block::Heading { level, anchor, text } => {
            // Renderers make anchors of headings by rules of their own; this one is the same everywhere.
            out.push_str(&format!(
                "<a id=\"{anchor}\"></a>\n\n{} {}\n",
                "#".repeat((*level).into()),
                line(text, false)
            ));
        }
        Block::Paragraph(text) => out.push_str(&format!("{}\n", line(text, false))),
        Block::Note(text) => out.push_str(&format!("> {}\n", line(text, false))),
        Block::List(items) => items.iter().for_each(|item| out.push_str(&format!("- {}\n", line(item, false)))),
        Block::Facts(facts) => {
            out.push_str("| | |\n| --- | --- |\n");
            for (name, text) in facts {
                out.push_str(&format!("| {name} | {} |\n", line(text, true)));
            }
        }
        Block::Table { head, rows } => {
            out.push_str(&format!("| {} |\n|{}\n", head.join(" | "), " --- |".repeat(head.len())));
            for row in rows {
                let cells: Vec<_> = row.iter().map(|cell| line(cell, true)).collect();
                out.push_str(&format!("| {} |\n", cells.join(" | ")));
            }
        }
        Block::Listing { caption, text } => {
            let fence = "`".repeat(longest_run(text).max(2) + 1);
            out.push_str(&format!("{}\n\n{fence}text\n{text}\n{fence}\n", line(caption, false)));
        }
        Block::Contents { items, .. } => {
            for (anchor, text) in items {
                out.push_str(&format!("- [{}](#{anchor})\n", line(text, false)));
            }
        }
    }
}

fn line(line: &Line, in_table: bool) -> String {
    let mut out = String::new();
    for inline in &line.0 {
        match inline {
            Inline::Text(text) => {
                let escaped = escape(text, out.is_empty());
                out.push_str(&escaped);
            }
            Inline::Code(text) => out.push_str(&code(text, in_table)),
            Inline::Strong(text) => out.push_str(&format!("**{}**", escape(text.trim(), false))),
            // Within the text of a link no address becomes a link of its own.
            Inline::Link { text, to } => {
                out.push_str(&format!("[{}]({to})", escape(text, false).replace("\\:", ":")));
            }
        }
    }
    out.trim().to_owned()
}

/// Text that means itself. At the start of a line more characters have a meaning.
fn escape(text: &str, at_start: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = if at_start { '\n' } else { ' ' };
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        let after = chars.peek().copied().unwrap_or(' ');
        let special = match char {
            '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '|' | '~' | '&' | '$' => true,
            // Within a word an underscore means itself.
            '_' => !(before.is_alphanumeric() && after.is_alphanumeric()),
            '#' | '+' | '-' | '=' => before == '\n',
            // Addresses in prose become links on some renderers; two colons at the start of a line command the runner of a CI.
            ':' => after == '/' || before == '\n',
            // `1.` would begin a list.
            '.' | ')' => {
                let number = at_start && !out.is_empty() && out.bytes().all(|byte| byte.is_ascii_digit());
                number && after.is_whitespace()
            }
            _ => false,
        };
        if special {
            out.push('\\');
        }
        out.push(char);
        before = char;
    }
    out
}

/// Code that shows `text`, whatever backticks it has.
fn code(text: &str, in_table: bool) -> String {
    let fence = "`".repeat(longest_run(text) + 1);
    // One space at either end is not shown; it keeps backticks of the text from the fence.
    let padded = text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) || text.is_empty();
    let space = if padded { " " } else { "" };
    // A bar ends a cell of a table, also within code.
    let text = if in_table { text.replace('|', "\\|") } else { text.to_owned() };
    format!("{fence}{space}{text}{space}{fence}")
}

/// The longest run of backticks in `text`.
fn longest_run(text: &str) -> usize {
    text.split(|char| char != '`').map(str::len).max().unwrap_or_default()
}
