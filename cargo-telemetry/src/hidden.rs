//! Characters that nobody can see, kept from every output. What they are says `telemetry-schema`, whose notice has the same words.

pub(crate) use telemetry_schema::shown::{clean, clean_lines, is_hidden};

/// The same JSON, with hidden characters as their escapes: whoever reads it gets the text as it was.
pub(crate) fn in_json(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '\n' => out.push(c),
            '[' if out.ends_with("##") => out.push_str("\\u005b"),
            c if is_hidden(c) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    out.push_str(&format!("\\u{unit:04x}"));
                }
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a10_escapes_of_json_read_back_as_they_were() {
        for text in ["\u{9b}31m", "\u{e0041}\u{202e}x", "##[error]", "\\##[x]", "\u{7f}\u{2028}"] {
            let json = in_json(&serde_json::to_string(text).unwrap());
            assert!(!json.chars().any(is_hidden) && !json.contains("##["), "{json}");
            assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }
    }
}
