//! Characters that nobody can see, or that change how what stands beside them is read; and text without them.
//!
//! Words of a binary, a lock file or a manifest are not trusted. They must not move a cursor, hide, turn text around, add lines,
//! or command the service that reads our output.

use std::borrow::Cow;

/// Control characters of both sets, line separators, marks of direction, joiners, fillers, tags and other characters without a
/// width.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Text of others as one line for a terminal, a log or Markdown.
///
/// Beside hidden characters it spells out what the runner of GitHub Actions takes for a command wherever a line is broken: two
/// colons at the start of a word, and `##[` anywhere.
pub fn clean(text: &str) -> Cow<'_, str> {
    // By bytes: a search for text is some kilobytes of code, and a page has no other.
    let has = |part: &[u8]| text.as_bytes().windows(part.len()).any(|window| window == part);
    if !text.chars().any(is_hidden) && !has(b"::") && !has(b"##[") {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => clean.push(' '),
            '\r' => {}
            ':' if starts_command(&clean) => clean.extend(c.escape_unicode()),
            '[' if clean.ends_with("##") => clean.extend(c.escape_unicode()),
            c if is_hidden(c) => clean.extend(c.escape_unicode()),
            c => clean.push(c),
        }
    }
    Cow::Owned(clean)
}

/// Whether another colon behind `text` would be the second one of a word that begins with two.
fn starts_command(text: &str) -> bool {
    text.strip_suffix(':').is_some_and(|before| before.chars().next_back().is_none_or(char::is_whitespace))
}

/// Several lines, each without what is hidden.
pub fn clean_lines(text: &str) -> String {
    let lines: Vec<_> = text.split('\n').map(clean).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a10_commands_of_a_runner_are_spelt_out_and_paths_stay() {
        assert_eq!(clean("a::b \u{9b}31m\u{85}c"), "a::b \\u{9b}31m\\u{85}c");
        assert_eq!(clean("::error::x"), ":\\u{3a}error::x");
        assert_eq!(clean("see ::error::x\n::y"), "see :\\u{3a}error::x :\\u{3a}y");
        assert_eq!(clean("a ##[command]x"), "a ##\\u{5b}command]x");
        assert_eq!(clean("a\r\u{2066}b"), "a\\u{2066}b");
    }
}
