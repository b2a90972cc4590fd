//! How manifests look to people and programs.

pub(crate) mod capacity;
pub(crate) mod check;
pub(crate) mod json;
pub(crate) mod markdown;
pub(crate) mod show;
pub(crate) mod text;
pub(crate) mod words;
mod wrap;

use std::borrow::Cow;

use crate::lock::is_hidden;

/// Text of others as it may be shown: a binary is not trusted, and its words must not move the cursor, hide behind
/// marks of direction or add lines.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => clean.push(' '),
            '\r' => {}
            c if is_hidden(c) => clean.extend(c.escape_unicode()),
            c => clean.push(c),
        }
    }
    Cow::Owned(clean)
}

/// `1 event`, `2 events`.
pub(crate) fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
