//! What a status says of the end of the program.

use std::fmt;

use serde::{Serialize, Serializer};

/// What the SDK does at the end of a short program. `Display` is the text for people, and what the JSON of
/// [`Status::to_json`](crate::Status::to_json) holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StatusExit {
    /// `later`: a later run sends what is left.
    Later,
    /// `grace of 300 ms`: the end of `main` waits for a delivery, at most so long.
    #[non_exhaustive]
    Grace {
        /// How long it waits at most.
        milliseconds: u16,
        /// Whether the program holds an [`exit_guard`](crate::exit_guard). Without one nothing happens at the end.
        guarded: bool,
    },
    /// `detached`: a process of its own delivers.
    #[non_exhaustive]
    Detached {
        /// Whether the program holds an [`exit_guard`](crate::exit_guard). Without one nothing happens at the end.
        guarded: bool,
    },
    /// Nothing, and no text: this program has no telemetry.
    CompiledOut,
}

/// What follows where the guard is missing.
const UNGUARDED: &str = ", but nothing happens at the end: `main` does not hold what exit_guard() returns, \
                         as in `let _telemetry = …`";

impl fmt::Display for StatusExit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let guarded = match *self {
            Self::Later => return f.write_str("later"),
            Self::CompiledOut => return Ok(()),
            Self::Grace { milliseconds, guarded } => {
                write!(f, "grace of {milliseconds} ms")?;
                guarded
            }
            Self::Detached { guarded } => {
                f.write_str("detached")?;
                guarded
            }
        };
        f.write_str(if guarded { "" } else { UNGUARDED })
    }
}

impl Serialize for StatusExit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happens_at_the_end_is_one_text_in_words_and_json() {
        let texts = [
            (StatusExit::Later, "later".to_owned()),
            (StatusExit::Grace { milliseconds: 300, guarded: true }, "grace of 300 ms".to_owned()),
            (StatusExit::Grace { milliseconds: 20, guarded: false }, format!("grace of 20 ms{UNGUARDED}")),
            (StatusExit::Detached { guarded: true }, "detached".to_owned()),
            (StatusExit::Detached { guarded: false }, format!("detached{UNGUARDED}")),
            (StatusExit::CompiledOut, String::new()),
        ];
        for (exit, text) in texts {
            assert_eq!(exit.to_string(), text);
            assert_eq!(serde_json::to_value(exit).unwrap(), text);
        }
    }
}
