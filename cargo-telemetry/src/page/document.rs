//! A page as headings, paragraphs, lists and tables, before it becomes Markdown or HTML.

use std::collections::HashSet;

use crate::hidden;

/// A whole page.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) title: String,
    pub(super) blocks: Vec<Block>,
    anchors: HashSet<String>,
}

/// One piece of a page.
#[derive(Debug)]
pub(super) enum Block {
    Heading {
        level: u8,
        anchor: String,
        text: Line,
    },
    Paragraph(Line),
    /// A paragraph that must not be missed.
    Note(Line),
    List(Vec<Line>),
    /// Names and what they are; the name is plain text.
    Facts(Vec<(&'static str, Line)>),
    Table {
        head: Vec<&'static str>,
        rows: Vec<Vec<Line>>,
    },
    /// Text that is shown as it is, with a sentence that says what it is.
    Listing {
        caption: Line,
        text: String,
    },
    /// Links to places of the page.
    Contents {
        label: &'static str,
        items: Vec<(String, Line)>,
    },
}

/// A run of text within a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Inline {
    Text(String),
    Code(String),
    Strong(String),
    Link { text: String, to: String },
}

/// A line of text with its markup.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Line(pub(super) Vec<Inline>);

impl Document {
    pub(super) fn new(title: String) -> Self {
        Self { title: visible(&title), blocks: Vec::new(), anchors: HashSet::new() }
    }

    pub(super) fn push(&mut self, mut block: Block) {
        if let Block::Heading { anchor, .. } = &mut block {
            // Two headings of one name must not share an anchor: links would lead to the first.
            let base = anchor.clone();
            let mut number = 2;
            while !self.anchors.insert(anchor.clone()) {
                *anchor = format!("{base}-{number}");
                number += 1;
            }
        }
        self.blocks.push(block);
    }

    /// One paragraph for each part of `text` between empty lines.
    pub(super) fn paragraphs(&mut self, text: &str) {
        for part in text.split("\n\n").filter(|part| !part.trim().is_empty()) {
            self.push(Block::Paragraph(Line::prose(part.trim())));
        }
    }
}

impl Block {
    pub(super) fn heading(level: u8, anchor: &str, text: &str) -> Self {
        Self::Heading { level, anchor: anchor.to_owned(), text: Line::prose(text) }
    }

    pub(super) fn paragraph(text: &str) -> Self {
        Self::Paragraph(Line::prose(text))
    }

    /// Text of several lines. Characters that nobody can see are spelt as JSON spells them, so that JSON stays the same.
    pub(super) fn listing(caption: Line, text: &str) -> Self {
        let mut shown = String::with_capacity(text.len());
        for char in text.chars() {
            let is_command = char == '[' && shown.ends_with("##");
            if is_command || (char != '\n' && is_hidden(char)) {
                char.encode_utf16(&mut [0; 2]).iter().for_each(|unit| shown.push_str(&format!("\\u{unit:04x}")));
            } else {
                shown.push(char);
            }
        }
        Self::Listing { caption, text: shown }
    }
}

impl Line {
    /// Text in which backticks mark code. Nothing else is markup, whoever wrote it.
    pub(super) fn prose(text: &str) -> Self {
        let mut line = Self::default();
        let mut rest = text;
        while let Some((before, code, after)) = next_code(rest) {
            line = line.text(before).code(code);
            rest = after;
        }
        line.text(rest)
    }

    #[must_use]
    pub(super) fn text(mut self, text: &str) -> Self {
        let text = visible(text);
        match self.0.last_mut() {
            _ if text.is_empty() => {}
            Some(Inline::Text(last)) => last.push_str(&text),
            _ => self.0.push(Inline::Text(text)),
        }
        self
    }

    #[must_use]
    pub(super) fn code(mut self, text: &str) -> Self {
        self.0.push(Inline::Code(visible(text)));
        self
    }

    #[must_use]
    pub(super) fn strong(mut self, text: &str) -> Self {
        self.0.push(Inline::Strong(visible(text)));
        self
    }

    #[must_use]
    pub(super) fn prose_after(mut self, text: &str) -> Self {
        for inline in Self::prose(text).0 {
            match inline {
                Inline::Text(text) => self = self.text(&text),
                other => self.0.push(other),
            }
        }
        self
    }

    /// A link if `to` is a plain web or mail address, else text: a binary must not put other schemes onto a page.
    #[must_use]
    pub(super) fn link(mut self, text: &str, to: &str) -> Self {
        let web = to.starts_with("https://") || to.starts_with("http://");
        let mail = to.strip_prefix("mailto:").is_some_and(|address| address.contains('@'));
        let plain = to.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"'<>`\\()[]{}|".contains(&byte));
        if (web || mail) && plain {
            self.0.push(Inline::Link { text: visible(text), to: to.to_owned() });
            return self;
        }
        self.text(text)
    }

    /// A link to a place of the page.
    #[must_use]
    pub(super) fn place(mut self, text: &str, anchor: &str) -> Self {
        self.0.push(Inline::Link { text: visible(text), to: format!("#{anchor}") });
        self
    }

    /// An address as a link to itself; `name@host` as a mail address.
    pub(super) fn address(text: &str) -> Self {
        let is_mail = text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
        let to = if is_mail && !text.contains(':') { format!("mailto:{text}") } else { text.to_owned() };
        Self::default().link(text, &to)
    }

    /// `items` as code, separated by commas.
    #[must_use]
    pub(super) fn codes<'a>(mut self, items: impl IntoIterator<Item = &'a str>) -> Self {
        for (number, item) in items.into_iter().enumerate() {
            if number > 0 {
                self = self.text(", ");
            }
            self = self.code(item);
        }
        self
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The first code of `text` with what stands before and after it.
fn next_code(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('`')?;
    let (code, after) = rest.split_once('`')?;
    // Two backticks with nothing between them are no code.
    if code.is_empty() { None } else { Some((before, code, after)) }
}

/// Line ends as spaces, and characters that nobody can see, or that change the order in which text is read, spelt out.
fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '\n' | '\r' | '\t' => out.push(' '),
            // Within code nothing can be escaped, and `##[` commands the runner of a CI that prints the page.
            '[' if out.ends_with("##") => {
                out.pop();
                out.push_str("[U+0023][");
            }
            char if is_hidden(char) => out.push_str(&format!("[U+{:04X}]", u32::from(char))),
            char => out.push(char),
        }
    }
    out
}

/// What nobody can see, or what changes the order in which text is read. Joiners stay: scripts and emoji need them.
fn is_hidden(char: char) -> bool {
    !matches!(char, '\u{200c}' | '\u{200d}') && hidden::is_hidden(char)
}

/// `text` as part of an address: small letters, digits and hyphens.
pub(super) fn slug(text: &str) -> String {
    let mut slug = String::with_capacity(text.len());
    for char in text.chars() {
        if char.is_ascii_alphanumeric() {
            slug.push(char.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(slug.trim_end_matches('-').len());
    if slug.is_empty() { "section".to_owned() } else { slug }
}
