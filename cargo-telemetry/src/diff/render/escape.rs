//! Text from untrusted files, made harmless.

use crate::hidden;

/// The most characters of a value that are shown to people; the whole value is in the JSON.
const SHOWN: usize = 240;

/// One line without characters that steer a terminal or turn the direction of text around, cut to a readable length.
pub(super) fn plain(text: &str) -> String {
    let clean = hidden::clean(text);
    match clean.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", clean.get(..end).unwrap_or_default()),
        None => clean.into_owned(),
    }
}

/// Text inside of a cell of a Markdown table. What stands between two backticks is code and stays code.
pub(super) fn cell(text: &str) -> String {
    let text = plain(text);
    let mut rest = text.as_str();
    let mut escaped = String::with_capacity(text.len());
    while let Some((before, behind)) = rest.split_once('`') {
        words(before, &mut escaped);
        match behind.split_once('`') {
            Some((inside, behind)) => {
                escaped.push_str(&code(inside));
                rest = behind;
            }
            None => {
                escaped.push_str("\\`");
                rest = behind;
            }
        }
    }
    words(rest, &mut escaped);
    escaped
}

/// A name as code in Markdown.
pub(super) fn code(name: &str) -> String {
    // A bar ends a cell even inside of code, unless it is escaped; a backtick would end the code.
    let name = plain(name).replace('`', "'").replace('|', "\\|");
    if name.trim().is_empty() { String::new() } else { format!("`{name}`") }
}

fn words(text: &str, escaped: &mut String) {
    for char in text.chars() {
        match char {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            // A mention would call somebody into the pull request.
            '@' => escaped.push_str("@\u{2060}"),
            '\\' | '|' | '[' | ']' | '*' | '_' | '~' | '#' | '!' => {
                escaped.push('\\');
                escaped.push(char);
            }
            char => escaped.push(char),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_is_not_steered() {
        assert_eq!(plain("a\u{1b}[31mb\nc\u{202e}d"), "a\\u{1b}[31mb c\\u{202e}d");
        assert_eq!(plain(&"x".repeat(1000)).chars().count(), SHOWN + 1);
    }

    #[test]
    fn a_table_stays_a_table() {
        assert_eq!(cell("one of `a|b`, <script>, [x](y)"), "one of `a\\|b`, &lt;script&gt;, \\[x\\](y)");
        assert_eq!(cell("an ` alone | *bold*"), "an \\` alone \\| \\*bold\\*");
        assert_eq!(code("a`b|c"), "`a'b\\|c`");
    }
}
