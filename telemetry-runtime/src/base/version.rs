//! Version numbers, as plain data: the same in builds with and without telemetry.

use telemetry_schema::ready_made::VERSION_TAGS;

/// A pre-release tag of a [`Version`], in the order of [`VERSION_TAGS`]; tags outside the list are sent as `other`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum VersionTag {
    /// `-alpha`
    Alpha,
    /// `-beta`
    Beta,
    /// `-rc`
    Rc,
    /// `-canary`
    Canary,
    /// `-next`
    Next,
    /// Anything else.
    Other,
}

/// A version number: three numbers and at most a pre-release tag with a number. Build metadata is dropped.
///
/// ```
/// use telemetry_runtime::Version;
///
/// assert_eq!(Version::parse("15.0.0-canary.3").to_string(), "15.0.0-canary.3");
/// assert_eq!(Version::parse("1.2.3-jane.doe+host7").to_string(), "1.2.3-other");
/// assert_eq!(Version::parse("v20.20.2").to_string(), "20.20.2");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Version {
    numbers: [u32; 3],
    tag: Option<(VersionTag, Option<u32>)>,
}

impl Version {
    /// Reads a version. Missing or unreadable numbers become 0, a leading `v` is dropped.
    pub fn parse(text: &str) -> Self {
        let text = text.trim();
        let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
        let text = text.split('+').next().unwrap_or_default();
        let (core, tag) = match text.split_once('-') {
            Some((core, tag)) => (core, Some(tag)),
            None => (text, None),
        };
        let mut numbers = [0; 3];
        for (number, part) in numbers.iter_mut().zip(core.split('.')) {
            *number = part.parse().unwrap_or_default();
        }
        Self { numbers, tag: tag.map(parse_tag) }
    }

    /// Three numbers, 0 or one more than the tag's index, -1 or the tag's number: what [`render`] takes.
    pub(crate) fn parts(&self) -> ([i64; 3], i64, i64) {
        let (tag, number) = match self.tag {
            Some((tag, number)) => (tag as i64 + 1, number.map_or(-1, i64::from)),
            None => (0, -1),
        };
        (self.numbers.map(i64::from), tag, number)
    }
}

fn parse_tag(text: &str) -> (VersionTag, Option<u32>) {
    let name = text.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    let tag = match name {
        "alpha" => VersionTag::Alpha,
        "beta" => VersionTag::Beta,
        "rc" => VersionTag::Rc,
        "canary" => VersionTag::Canary,
        "next" => VersionTag::Next,
        _ => return (VersionTag::Other, None),
    };
    let number = text.get(name.len()..).unwrap_or_default().trim_start_matches(['.', '-']);
    (tag, number.parse().ok())
}

/// The text of a version from its encoded parts: three numbers, 0 or one more than the tag's index, -1 or its number.
pub(crate) fn render(numbers: [i64; 3], tag: i64, tag_number: i64) -> String {
    let [major, minor, patch] = numbers;
    let mut text = format!("{major}.{minor}.{patch}");
    if let Some(name) = usize::try_from(tag - 1).ok().and_then(|index| VERSION_TAGS.get(index)) {
        text.push('-');
        text.push_str(name);
        if tag_number >= 0 {
            text.push('.');
            text.push_str(&tag_number.to_string());
        }
    }
    text
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (numbers, tag, tag_number) = self.parts();
        f.write_str(&render(numbers, tag, tag_number))
    }
}

#[cfg(test)]
mod tests {
    use super::Version;

    #[test]
    fn versions_keep_numbers_and_known_tags() {
        for (text, sent) in [
            ("15.0.0", "15.0.0"),
            ("1.2", "1.2.0"),
            ("2.0.0-rc1", "2.0.0-rc.1"),
            ("2.0.0-rc.1", "2.0.0-rc.1"),
            ("2.0.0-beta", "2.0.0-beta"),
            ("2.0.0-secret-branch-name", "2.0.0-other"),
            ("/home/jane", "0.0.0"),
            ("", "0.0.0"),
        ] {
            assert_eq!(Version::parse(text).to_string(), sent, "{text}");
        }
    }
}
