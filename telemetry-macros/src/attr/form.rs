//! What is said of a word whose value has not the form of its example.

use proc_macro2::{Spacing, TokenTree};
use syn::Lit;

/// How `name` is written, as close to what stands there as can be; `value` is everything behind the word.
pub(super) fn message(name: &str, example: &str, value: &[TokenTree]) -> String {
    instead(name, example, value).unwrap_or_else(|| format!("`{name}` is written `{example}`"))
}

/// What is said of text in place of one of the words `instead`.
pub(super) fn quoted(name: &str, example: &str, instead: &[String]) -> String {
    let sign = split(name, example).map_or(" = ", |(sign, _)| sign);
    let instead: Vec<_> = instead.iter().map(|word| format!("`{name}{sign}{word}`")).collect();
    format!("`{name}` takes a word without quotes: {}", instead.join(", "))
}

fn instead(name: &str, example: &str, value: &[TokenTree]) -> Option<String> {
    let (sign, sample) = split(name, example)?;
    let (TokenTree::Punct(written), rest) = value.split_first()? else { return None };
    if !matches!(written.as_char(), '=' | ':') || written.spacing() == Spacing::Joint {
        return None;
    }
    let takes_text = sample.starts_with('"');
    if sign.trim() != written.as_char().to_string() {
        let word = match rest {
            [TokenTree::Ident(word)] if !takes_text => Some(word.to_string()),
            _ => text(rest).filter(|_| takes_text),
        };
        let value = word.unwrap_or_else(|| sample.to_owned());
        return Some(format!("`{name}` is written with `{}`: `{name}{sign}{value}`", sign.trim()));
    }
    match (takes_text, text(rest)) {
        (true, None) if sample.contains("://") || is_computed(rest) => Some(format!(
            "`{name}` takes the text itself, because it is read before constants and macros are: `{example}`"
        )),
        (true, None) => {
            let text = with_unit(joined(rest)?, sample);
            Some(format!("`{name}` takes text in quotes: `{name}{sign}\"{text}\"`"))
        }
        (false, Some(text)) => {
            let text = text.trim_matches('"');
            let alike = |digits: fn(char) -> bool| sample.chars().all(digits) && text.chars().all(digits);
            let is_number = |char: char| char.is_ascii_digit() || char == '.';
            let value = if !text.is_empty() && alike(is_number) { text } else { sample };
            Some(format!("`{name}` takes no quotes: `{name}{sign}{value}`"))
        }
        _ => None,
    }
}

/// Between `name` and its value in an example: ` = ` or `: `; and the value.
fn split<'a>(name: &str, example: &'a str) -> Option<(&'a str, &'a str)> {
    let rest = example.strip_prefix(name)?;
    ["= ", ": ", " = "].iter().find_map(|sign| rest.strip_prefix(sign).map(|sample| (&rest[..sign.len()], sample)))
}

/// The literal, if the value is one piece of text.
fn text(value: &[TokenTree]) -> Option<String> {
    let [TokenTree::Literal(literal)] = value else { return None };
    matches!(Lit::new(literal.clone()), Lit::Str(_)).then(|| literal.to_string())
}

/// `NAME`, `a::b` and `env!(…)`, but not `EU`.
fn is_computed(value: &[TokenTree]) -> bool {
    let is = |tree: &TokenTree, char: char| matches!(tree, TokenTree::Punct(punct) if punct.as_char() == char);
    value.iter().any(|tree| is(tree, '!') || is(tree, ':') || is(tree, '&'))
        || matches!(value, [TokenTree::Ident(word)] if is_constant(&word.to_string()))
}

fn is_constant(word: &str) -> bool {
    word.contains('_') && !word.contains(char::is_lowercase)
}

/// What somebody wrote without quotes.
fn joined(value: &[TokenTree]) -> Option<String> {
    let mut text = String::new();
    let mut after_word = false;
    for tree in value {
        let is_word = matches!(tree, TokenTree::Ident(_) | TokenTree::Literal(_));
        if matches!(tree, TokenTree::Group(_)) || tree.to_string().contains('"') {
            return None;
        }
        if is_word && after_word {
            text.push(' ');
        }
        text.push_str(&tree.to_string());
        after_word = is_word;
    }
    (!text.is_empty() && text.len() <= 64).then_some(text)
}

/// `90 days` for `90`, where the `sample` is a number with a unit.
fn with_unit(text: String, sample: &str) -> String {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match sample.trim_matches('"').split_once(' ') {
        Some((number, unit)) if is_number(number) && is_number(&text) => format!("{text} {unit}"),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    #[test]
    fn the_repair_is_what_was_meant() {
        for (name, example, value, expected) in [
            ("region", "region: \"EU\"", quote!(: EU), "`region` takes text in quotes: `region: \"EU\"`"),
            ("name", "name: \"x\"", quote!(: acme-ui), "`name` takes text in quotes: `name: \"acme-ui\"`"),
            (
                "retention",
                "retention: \"9 d\"",
                quote!(: 90 days),
                "`retention` takes text in quotes: `retention: \"90 days\"`",
            ),
            (
                "retention",
                "retention: \"9 d\"",
                quote!(: 90),
                "`retention` takes text in quotes: `retention: \"90 d\"`",
            ),
            ("name", "name: \"x 9\"", quote!(: 90), "`name` takes text in quotes: `name: \"90\"`"),
            ("sample", "sample = 0.1", quote!(= "0.5"), "`sample` takes no quotes: `sample = 0.5`"),
            ("sample", "sample = 0.1", quote!(= "half"), "`sample` takes no quotes: `sample = 0.1`"),
            ("name", "name = \"x\"", quote!(: "y"), "`name` is written with `=`: `name = \"y\"`"),
            ("name", "name: \"x\"", quote!(= "y"), "`name` is written with `:`: `name: \"y\"`"),
            ("name", "name = \"x\"", quote!(("y")), "`name` is written `name = \"x\"`"),
            ("skip", "skip", quote!(= true), "`skip` is written `skip`"),
            (
                "docs",
                "docs: \"https://a.example\"",
                quote!(: URL),
                "`docs` takes the text itself, because it is read before constants and macros are: `docs: \"https://a.example\"`",
            ),
        ] {
            let value: Vec<_> = value.into_iter().collect();
            assert_eq!(message(name, example, &value), expected);
        }
    }
}
