//! Texts of a fixed form in a payload: versions, names of packages, pseudonyms. Each function says whether a text has the form that the
//! client writes.

use telemetry_schema::ready_made::{OS_VERSION_NUMBERS, OTHER, PACKAGE_NAME_BYTES, VERSION_TAGS, is_package_name_byte};

/// A `u32` in decimal without leading zeros.
fn is_number(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && (text == "0" || !text.starts_with('0'))
        && text.parse::<u32>().is_ok()
}

/// Whether the field type `version` sends this.
pub(super) fn is_version(text: &str, prefix: &str) -> bool {
    let Some(text) = text.strip_prefix(prefix) else { return false };
    let (numbers, tag) = text.split_once('-').map_or((text, None), |(numbers, tag)| (numbers, Some(tag)));
    let parts: Vec<_> = numbers.split('.').collect();
    parts.len() == 3 && parts.into_iter().all(is_number) && tag.is_none_or(is_tag)
}

fn is_tag(tag: &str) -> bool {
    let (name, number) = tag.split_once('.').map_or((tag, None), |(name, number)| (name, Some(number)));
    VERSION_TAGS.contains(&name) && number.is_none_or(|number| name != OTHER && is_number(number))
}

/// Whether the field type `os_version` sends this: nothing, or up to three numbers.
pub(super) fn is_os_version(text: &str) -> bool {
    text.is_empty() || (text.split('.').count() <= OS_VERSION_NUMBERS && text.split('.').all(is_number))
}

/// Whether the field type `packages` sends this name.
pub(super) fn is_package(text: &str, names: &[String], prefixes: &[String]) -> bool {
    let is_short = text.len() <= PACKAGE_NAME_BYTES && text.bytes().all(is_package_name_byte);
    names.iter().any(|name| name == text)
        || (is_short && prefixes.iter().any(|prefix| text.starts_with(prefix.as_str())))
}

/// Whether the field type `pseudonym` sends this.
pub(super) fn is_pseudonym(text: &str) -> bool {
    text == "none" || (text.len() == 32 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_told_from_what_is_close_to_them() {
        let all = |check: &dyn Fn(&str) -> bool, yes: &[&str], no: &[&str]| {
            yes.iter().for_each(|text| assert!(check(text), "{text}"));
            no.iter().for_each(|text| assert!(!check(text), "{text}"));
        };
        all(
            &|text| is_version(text, "v"),
            &["v1.2.3", "v1.2.3-alpha", "v1.2.3-rc.1", "v1.2.3-other"],
            &["1.2.3", "v1.2", "v1.2.3-other.1", "v1.2.3-dev", "v1.2.3-rc.01", "v4294967296.0.0", "v1.2.3-"],
        );
        all(&is_os_version, &["", "6", "6.18", "6.18.44"], &["6.18.44.1", "6.", ".", "6.x", "06"]);
        all(
            &|text| is_package(text, &["acme".to_owned()], &["@acme/".to_owned()]),
            &["acme", "@acme/core"],
            &["acme2", "@acme", "@acme/co re", "@other/core"],
        );
        all(
            &is_pseudonym,
            &["none", "0123456789abcdef0123456789abcdef"],
            &["None", "0123456789abcdef0123456789abcde", ""],
        );
    }
}
