//! Splits identifiers into words and spells them in the eight ways that serde knows.

/// One table: a case and serde's word for it.
macro_rules! cases {
    ($($case:ident = $word:literal,)*) => {
        /// How a name is spelt; the words and the order are those of `EventCase` in `telemetry-schema`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Case {
            $($case,)*
        }

        impl Case {
            /// Every case with serde's word for it, in the order of `EventCase::ALL`.
            pub(crate) const ALL: [(&'static str, Self); [$($word),*].len()] = [$(($word, Self::$case)),*];

            /// serde's word for this case.
            pub(crate) fn word(self) -> &'static str {
                match self {
                    $(Self::$case => $word,)*
                }
            }

            /// The variant of `EventCase`.
            pub(crate) fn variant(self) -> &'static str {
                match self {
                    $(Self::$case => stringify!($case),)*
                }
            }
        }
    };
}

cases! {
    Lower = "lowercase",
    Upper = "UPPERCASE",
    Pascal = "PascalCase",
    Camel = "camelCase",
    Snake = "snake_case",
    ScreamingSnake = "SCREAMING_SNAKE_CASE",
    Kebab = "kebab-case",
    ScreamingKebab = "SCREAMING-KEBAB-CASE",
}

impl Case {
    /// The case that serde calls `word`.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == word).map(|(_, case)| *case)
    }

    /// Spells the name of a type, variant or function.
    pub(crate) fn spell(self, name: &str) -> String {
        self.join(&words(name))
    }

    /// Puts lower-case words together.
    fn join(self, words: &[String]) -> String {
        match self {
            Self::Lower => words.concat(),
            Self::Upper => words.concat().to_uppercase(),
            Self::Pascal => words.iter().map(|word| capitalized(word)).collect(),
            Self::Camel => {
                let mut words = words.iter();
                let first = words.next().cloned().unwrap_or_default();
                words.fold(first, |name, word| name + &capitalized(word))
            }
            Self::Snake => words.join("_"),
            Self::ScreamingSnake => words.join("_").to_uppercase(),
            Self::Kebab => words.join("-"),
            Self::ScreamingKebab => words.join("-").to_uppercase(),
        }
    }

    /// Spells the name of a field; as in serde, `lowercase` and `UPPERCASE` keep its underscores.
    pub(crate) fn spell_field(self, name: &str) -> String {
        match self {
            Self::Lower | Self::Snake => name.to_lowercase(),
            Self::Upper | Self::ScreamingSnake => name.to_uppercase(),
            Self::Pascal | Self::Camel | Self::Kebab | Self::ScreamingKebab => self.spell(name),
        }
    }
}

/// All spellings of one name, in the order of `EventCase::ALL`.
pub(crate) fn spellings(name: &str) -> [String; Case::ALL.len()] {
    let words = words(name);
    Case::ALL.map(|(_, case)| case.join(&words))
}

/// The words of an identifier in lower case: `HTTPServer_v2` is `http`, `server`, `v2`.
///
/// A word starts at an upper-case letter after a lower-case one or a digit, and at the last upper-case letter before a
/// lower-case one, so that acronyms stay whole.
fn words(name: &str) -> Vec<String> {
    let chars: Vec<char> = name.chars().collect();
    let mut words = vec![String::new()];
    for (at, &char) in chars.iter().enumerate() {
        if !char.is_alphanumeric() {
            words.push(String::new());
            continue;
        }
        let after_small = at > 0 && (chars[at - 1].is_lowercase() || chars[at - 1].is_numeric());
        let before_small = chars.get(at + 1).is_some_and(|next| next.is_lowercase());
        let after_capital = at > 0 && chars[at - 1].is_uppercase();
        if char.is_uppercase() && (after_small || (after_capital && before_small)) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.extend(char.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn capitalized(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_split_into_words() {
        for (name, expected) in [
            ("ComponentMounted", "component mounted"),
            ("HTTPServer", "http server"),
            ("get_auth", "get auth"),
            ("OAuth2Token", "o auth2 token"),
            ("__x__y", "x y"),
            ("a", "a"),
        ] {
            assert_eq!(words(name).join(" "), expected, "{name}");
        }
    }

    #[test]
    fn all_spellings_stand_in_the_order_of_the_schema() {
        assert_eq!(
            spellings("ComponentMounted"),
            [
                "componentmounted",
                "COMPONENTMOUNTED",
                "ComponentMounted",
                "componentMounted",
                "component_mounted",
                "COMPONENT_MOUNTED",
                "component-mounted",
                "COMPONENT-MOUNTED",
            ]
        );
        for (word, case) in Case::ALL {
            assert_eq!((case.word(), Case::from_word(word)), (word, Some(case)));
        }
    }

    #[test]
    fn fields_are_spelt_as_serde_spells_them() {
        for (case, expected) in [
            (Case::Lower, "appearance_prop"),
            (Case::Upper, "APPEARANCE_PROP"),
            (Case::Camel, "appearanceProp"),
            (Case::Kebab, "appearance-prop"),
        ] {
            assert_eq!(case.spell_field("appearance_prop"), expected);
        }
    }
}
