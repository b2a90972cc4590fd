//! Text that is put together at compile time.
//!
//! A record is one constant byte array, but the description of a field's type comes from a trait constant, and stable
//! Rust cannot size an array by a generic parameter inside a generic implementation. So types describe themselves as a
//! small linked [`Node`], and only the concrete event flattens the nodes into bytes. The cost of compiling an event is
//! the number of const-evaluation steps: whole literals are copied at once, never byte by byte, and are no nodes.

mod doc;
mod facts;
mod unwritten;

use self::unwritten::Unwritten;

pub use self::{
    doc::{doc, doc_len, opening},
    facts::{EventText, Facts},
};

/// The longest text that a type keeps in one piece, in bytes; a struct of two fields and its names fit.
const SHORT: usize = 256;

/// Constant text that describes a type.
#[derive(Debug)]
pub struct Node {
    len: usize,
    /// The most bytes of JSON that free text in a value of this type can take.
    texts: usize,
    text: Text,
}

#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "all of them are constants; on 64 bits they differ by less")]
enum Text {
    /// One literal.
    Leaf(&'static str),
    /// A short text, put together once for its type instead of once per event.
    Short([u8; SHORT]),
    /// `pre number mid inner post`
    Long { pre: &'static str, number: Option<usize>, mid: &'static str, inner: &'static Node, post: &'static str },
    /// Texts with commas between those that are not empty.
    Listed(&'static [&'static Node]),
}

impl Node {
    /// No text.
    pub const EMPTY: &'static Self = &Self::leaf("");

    /// Plain text.
    pub const fn leaf(text: &'static str) -> Self {
        Self { len: text.len(), texts: 0, text: Text::Leaf(text) }
    }

    /// `inner` between two texts.
    pub const fn wrap(pre: &'static str, inner: &'static Node, post: &'static str) -> Self {
        Self::new(pre, None, "", inner, post)
    }

    /// A decimal number and `inner` between three texts.
    pub const fn wrap_number(
        pre: &'static str,
        number: usize,
        mid: &'static str,
        inner: &'static Node,
        post: &'static str,
    ) -> Self {
        Self::new(pre, Some(number), mid, inner, post)
    }

    /// The members of one JSON list that come from several types, with commas between those that are not empty.
    pub const fn listed(members: &'static [&'static Node]) -> Self {
        let (mut rest, mut len, mut texts) = (members, 0, 0usize);
        while let [first, others @ ..] = rest {
            let comma = if len > 0 && first.len > 0 { 1 } else { 0 };
            len += comma + first.len;
            texts = texts.saturating_add(first.texts);
            rest = others;
        }
        Self { len, texts, text: Text::Listed(members) }
    }

    const fn new(
        pre: &'static str,
        number: Option<usize>,
        mid: &'static str,
        inner: &'static Node,
        post: &'static str,
    ) -> Self {
        let digits = match number {
            Some(number) => digits(number),
            None => 0,
        };
        let len = pre.len() + digits + mid.len() + inner.len + post.len();
        let times = match number {
            Some(number) => number,
            None => 1,
        };
        let texts = inner.texts.saturating_mul(times);
        let long = Self { len, texts, text: Text::Long { pre, number, mid, inner, post } };
        if len > SHORT {
            return long;
        }
        let mut bytes = [0; SHORT];
        write_node(&long, &mut Unwritten::new(&mut bytes));
        Self { len, texts, text: Text::Short(bytes) }
    }

    /// The same, of a type whose values hold so many bytes of free text, as JSON, at most.
    pub const fn with_texts(self, texts: usize) -> Self {
        Self { len: self.len, texts, text: self.text }
    }

    /// The most bytes of JSON that free text in a value of this type can take; that of a number that stands in the
    /// description is taken for how often it is there.
    pub const fn texts(&self) -> usize {
        self.texts
    }

    /// The length of the whole text in bytes.
    #[expect(clippy::len_without_is_empty, reason = "the size of an array, never a question of emptiness")]
    pub const fn len(&self) -> usize {
        self.len
    }
}

/// A literal text with holes: the text without them, at which byte each hole is, and what stands in each.
///
/// One literal for all of it, because each further constant costs the author's build.
pub type Parts = (&'static str, &'static [usize], &'static [&'static Node]);

/// The sum of sizes.
pub const fn all_texts(mut sizes: &[usize]) -> usize {
    let mut sum: usize = 0;
    while let [size, rest @ ..] = sizes {
        sum = sum.saturating_add(*size);
        sizes = rest;
    }
    sum
}

/// The largest of sizes: a value is one of the variants of its type.
pub const fn most_texts(mut sizes: &[usize]) -> usize {
    let mut most = 0;
    while let [size, rest @ ..] = sizes {
        if *size > most {
            most = *size;
        }
        sizes = rest;
    }
    most
}

/// The text that [`concat()`] has put together.
#[expect(clippy::panic, reason = "evaluated by the compiler: a compile error, not a run-time panic")]
pub const fn text(bytes: &'static [u8]) -> &'static str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => panic!("pieces of text are text"),
    }
}

/// The length in bytes of the text with its holes filled.
pub const fn total(parts: Parts) -> usize {
    let (text, _, mut nodes) = parts;
    let mut sum = text.len();
    while let [node, rest @ ..] = nodes {
        sum += node.len;
        nodes = rest;
    }
    sum
}

/// The text with its holes filled. `N` must be [`total`] of the same parts; anything else fails to compile, and so do
/// holes that are not in order or not as many as the nodes.
#[expect(clippy::panic, reason = "evaluated by the compiler: a wrong size is a compile error, not a run-time panic")]
#[expect(unsafe_code, reason = "the lengths were compared; see `Unwritten`")]
pub const fn concat<const N: usize>(parts: Parts) -> [u8; N] {
    let (text, mut holes, mut nodes) = parts;
    let end = text.len();
    let text = text as *const str as *const u8;
    let mut from = 0;
    let mut out = [0; N];
    let mut rest = Unwritten::new(&mut out);
    while let ([hole, other_holes @ ..], [node, other_nodes @ ..]) = (holes, nodes) {
        if *hole < from || *hole > end {
            panic!("holes stand in order inside the text");
        }
        // Nothing to write in between leaves one copy instead of two.
        if node.len > 0 {
            // SAFETY: `hole` is not beyond the end of the text.
            unsafe { rest.write(text, from, *hole - from) };
            write_node(node, &mut rest);
            from = *hole;
        }
        (holes, nodes) = (other_holes, other_nodes);
    }
    // SAFETY: the rest of the text.
    unsafe { rest.write(text, from, end - from) };
    if !rest.is_empty() || !holes.is_empty() || !nodes.is_empty() {
        panic!("the record is shorter than its array");
    }
    out
}

#[expect(unsafe_code, reason = "a node knows its length; see `Unwritten`")]
const fn write_node(node: &Node, rest: &mut Unwritten<'_>) {
    match &node.text {
        // SAFETY: only `Node::leaf` makes leaves, with the length of their text.
        Text::Leaf(text) => unsafe { rest.write(*text as *const str as *const u8, 0, node.len) },
        // SAFETY: only `Node::new` makes short texts, of at most `SHORT` bytes.
        Text::Short(bytes) => unsafe { rest.write(bytes as *const [u8; SHORT] as *const u8, 0, node.len) },
        Text::Long { pre, number, mid, inner, post } => {
            write_text(pre, rest);
            if let Some(number) = number {
                write_number(*number, rest);
            }
            write_text(mid, rest);
            write_node(inner, rest);
            write_text(post, rest);
        }
        Text::Listed(members) => {
            let (mut members, mut is_first) = (*members, true);
            while let [first, others @ ..] = members {
                if first.len > 0 {
                    if !is_first {
                        write_text(",", rest);
                    }
                    is_first = false;
                    write_node(first, rest);
                }
                members = others;
            }
        }
    }
}

#[expect(unsafe_code, reason = "see `Unwritten`")]
const fn write_text(text: &str, rest: &mut Unwritten<'_>) {
    // SAFETY: all of the text.
    unsafe { rest.write(text as *const str as *const u8, 0, text.len()) }
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler; the remainder of ten is below ten")]
const fn write_number(number: usize, rest: &mut Unwritten<'_>) {
    const DIGITS: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
    if number >= 10 {
        write_number(number / 10, rest);
    }
    write_text(DIGITS[number % 10], rest);
}

const fn digits(mut number: usize) -> usize {
    let mut count = 1;
    while number >= 10 {
        number /= 10;
        count += 1;
    }
    count
}

#[cfg(test)]
mod tests;
