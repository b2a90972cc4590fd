//! Standard error of a program, in which lines of debug mode stand between its own.

/// A part of it.
#[derive(Debug, PartialEq)]
pub(super) enum Piece<'a> {
    /// Of the program.
    Foreign(&'a [u8]),
    /// A line of debug mode of this SDK, without its beginning and its end.
    Ours { sdk: &'a str, text: &'a str },
}

/// Tells lines of debug mode from what the program writes, however it is cut.
pub(super) struct Lines {
    /// SDKs, each with how its lines begin.
    sdks: Vec<(String, String)>,
    /// A line that is ours, or may become so.
    line: Vec<u8>,
    /// The rest of the line is the program's.
    is_foreign: bool,
}

impl Lines {
    pub(super) fn new<'a>(sdks: impl Iterator<Item = &'a str>) -> Self {
        let sdks = sdks.map(|sdk| (sdk.to_owned(), format!("[{sdk} telemetry] "))).collect();
        Self { sdks, line: Vec::new(), is_foreign: false }
    }

    /// Takes what was read next. What cannot be ours is handed on at once, before its line has ended.
    pub(super) fn take(&mut self, bytes: &[u8], mut to: impl FnMut(Piece<'_>)) {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            if self.is_foreign {
                to(Piece::Foreign(part));
                self.is_foreign = !part.ends_with(b"\n");
                continue;
            }
            self.line.extend_from_slice(part);
            let could_be = |(_, begin): &(String, String)| {
                begin.as_bytes().starts_with(&self.line) || self.line.starts_with(begin.as_bytes())
            };
            if !self.sdks.iter().any(could_be) || self.line.ends_with(b"\n") {
                self.is_foreign = !self.line.ends_with(b"\n");
                self.hand_on(&mut to);
            }
        }
    }

    /// Nothing follows.
    pub(super) fn end(&mut self, mut to: impl FnMut(Piece<'_>)) {
        self.hand_on(&mut to);
    }

    fn hand_on(&mut self, to: &mut impl FnMut(Piece<'_>)) {
        let line = std::mem::take(&mut self.line);
        let ours = str::from_utf8(&line).ok().and_then(|line| {
            let (sdk, begin) = self.sdks.iter().find(|(_, begin)| line.starts_with(begin))?;
            Some(Piece::Ours { sdk, text: line.strip_prefix(begin.as_str())?.trim_end_matches(['\r', '\n']) })
        });
        match ours {
            Some(piece) => to(piece),
            None if line.is_empty() => {}
            None => to(Piece::Foreign(&line)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(chunks: &[&[u8]]) -> (Vec<u8>, Vec<(String, String)>) {
        let (mut foreign, mut ours) = (Vec::new(), Vec::new());
        let mut lines = Lines::new(["acme-ui", "acme"].into_iter());
        let mut to = |piece: Piece<'_>| match piece {
            Piece::Foreign(bytes) => foreign.extend_from_slice(bytes),
            Piece::Ours { sdk, text } => ours.push((sdk.to_owned(), text.to_owned())),
        };
        chunks.iter().for_each(|chunk| lines.take(chunk, &mut to));
        lines.end(&mut to);
        (foreign, ours)
    }

    #[test]
    fn lines_are_told_apart_wherever_they_are_cut() {
        let text = b"Building [1/2]\n[acme-ui telemetry] used {\"a\":1}\n[other telemetry] x\n[acme telemetry]   note: n\r\n\xff\xfe\nGo on? [y/N] ";
        let expected = [("acme-ui", "used {\"a\":1}"), ("acme", "  note: n")];
        let expected: Vec<_> = expected.iter().map(|(sdk, text)| (sdk.to_string(), text.to_string())).collect();
        for cut in 0..text.len() {
            let (before, after) = text.split_at(cut);
            let (foreign, ours) = told(&[before, after]);
            assert_eq!(foreign, b"Building [1/2]\n[other telemetry] x\n\xff\xfe\nGo on? [y/N] ", "{cut}");
            assert_eq!(ours, expected, "{cut}");
        }
    }

    #[test]
    fn a_prompt_does_not_wait_for_the_end_of_its_line() {
        let mut lines = Lines::new(["acme"].into_iter());
        let mut seen = Vec::new();
        lines.take(b"Name: ", |piece| seen.push(format!("{piece:?}")));
        assert_eq!(seen.len(), 1, "{seen:?}");
    }
}
