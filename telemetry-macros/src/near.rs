//! Which word a misspelt one was meant to be.

/// The one of `known` that `word` was probably meant to be.
///
/// Letters that differ in case and separators only are the same; beyond that, one letter in three may be wrong, missing,
/// too many or swapped with the next. `mount` is `on_mount`, where no other word has that part.
pub(crate) fn closest<'a>(word: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> Option<&'a str> {
    misspelt(word, known.clone()).or_else(|| in_part(word, known))
}

fn misspelt<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = plain(word);
    let allowed = (word.len() / 3).max(1);
    let distances = known.into_iter().map(|known| (distance(&word, &plain(known)), known));
    let (distance, known) = distances.min_by_key(|(distance, _)| *distance)?;
    (distance <= allowed && distance < word.len()).then_some(known)
}

/// The only word of several parts that has this one.
fn in_part<'a>(part: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let mut with_it = known.into_iter().filter(|known| known.split('_').any(|other| other == part));
    let first = with_it.next()?;
    with_it.next().is_none().then_some(first)
}

fn plain(word: &str) -> Vec<char> {
    word.chars().filter(|char| char.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// How many letters must be changed, added, removed or swapped with their neighbour.
fn distance(from: &[char], to: &[char]) -> usize {
    let (mut before, mut above): (Vec<usize>, Vec<usize>) = (Vec::new(), (0..=to.len()).collect());
    for (row, left) in from.iter().enumerate() {
        let mut line = vec![row + 1];
        for (column, right) in to.iter().enumerate() {
            let changed = above[column] + usize::from(left != right);
            let mut least = changed.min(above[column + 1] + 1).min(line[column] + 1);
            if row > 0 && column > 0 && from[row - 1] == *right && *left == to[column - 1] {
                least = least.min(before[column - 1] + 1);
            }
            line.push(least);
        }
        before = std::mem::replace(&mut above, line);
    }
    above[to.len()]
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn misspelt_words_are_recognized() {
        let known = ["range", "rename", "rename_all", "free_text", "max_len", "sample", "env", "name"];
        for (word, meant) in [
            ("ragne", Some("range")),
            ("renameall", Some("rename_all")),
            ("renameAll", Some("rename_all")),
            ("free-text", Some("free_text")),
            ("maxlen", Some("max_len")),
            ("smaple", Some("sample")),
            ("Name", Some("name")),
            ("nmae", Some("name")),
            ("text", Some("free_text")),
            ("all", Some("rename_all")),
            ("flavour", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(closest(word, known), meant, "{word}");
        }
        assert_eq!(closest("x", []), None);
        assert_eq!(closest("on", ["on_click", "on_hover"]), None);
    }
}
