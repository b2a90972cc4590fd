//! Text that is put together at compile time.
//!
//! A record is one constant byte array, but the description of a field's type comes from a trait constant, and stable
//! Rust cannot size an array by a generic parameter inside a generic implementation. So types describe themselves as a
//! small linked [`Node`], and only the concrete event flattens the nodes into bytes. The cost of compiling an event is
//! the number of const-evaluation steps: whole literals are copied at once, never byte by byte, and are no nodes.

mod unwritten;

use self::unwritten::Unwritten;

/// A piece of constant text: `pre number mid inner post`, each part optional.
#[derive(Debug)]
pub struct Node {
    pre: Piece,
    number: Option<usize>,
    mid: Piece,
    inner: Option<&'static Node>,
    post: Piece,
    len: usize,
}

/// A text and its length, which is asked for once per type instead of once per event.
#[derive(Debug)]
struct Piece {
    text: &'static str,
    len: usize,
}

impl Piece {
    const fn new(text: &'static str) -> Self {
        Self { text, len: text.len() }
    }
}

impl Node {
    /// No text.
    pub const EMPTY: &'static Self = &Self::leaf("");

    /// Plain text.
    pub const fn leaf(text: &'static str) -> Self {
        let pre = Piece::new(text);
        let len = pre.len;
        Self { pre, number: None, mid: Piece::new(""), inner: None, post: Piece::new(""), len }
    }

    /// `inner` between two texts.
    pub const fn wrap(pre: &'static str, inner: &'static Node, post: &'static str) -> Self {
        let len = pre.len() + inner.len + post.len();
        let (pre, post) = (Piece::new(pre), Piece::new(post));
        Self { pre, number: None, mid: Piece::new(""), inner: Some(inner), post, len }
    }

    /// A decimal number and `inner` between three texts.
    pub const fn wrap_number(
        pre: &'static str,
        number: usize,
        mid: &'static str,
        inner: &'static Node,
        post: &'static str,
    ) -> Self {
        let len = pre.len() + digits(number) + mid.len() + inner.len + post.len();
        let (pre, mid, post) = (Piece::new(pre), Piece::new(mid), Piece::new(post));
        Self { pre, number: Some(number), mid, inner: Some(inner), post, len }
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
    let mut from = 0;
    let mut out = [0; N];
    let mut rest = Unwritten::new(&mut out);
    while let ([hole, other_holes @ ..], [node, other_nodes @ ..]) = (holes, nodes) {
        if *hole < from || *hole > end {
            panic!("holes stand in order inside the text");
        }
        // SAFETY: `hole` is not beyond the end of the text.
        unsafe { rest.write(text, from, *hole - from) };
        if node.len > 0 {
            write_node(node, &mut rest);
        }
        from = *hole;
        (holes, nodes) = (other_holes, other_nodes);
    }
    // SAFETY: the rest of the text.
    unsafe { rest.write(text, from, end - from) };
    if !rest.is_empty() || !holes.is_empty() || !nodes.is_empty() {
        panic!("the record is shorter than its array");
    }
    out
}

const fn write_node(node: &Node, rest: &mut Unwritten<'_>) {
    write_piece(&node.pre, rest);
    if let Some(number) = node.number {
        write_number(number, rest);
        write_piece(&node.mid, rest);
    }
    if let Some(inner) = node.inner {
        write_node(inner, rest);
        write_piece(&node.post, rest);
    }
}

#[expect(unsafe_code, reason = "a piece knows its length; see `Unwritten`")]
const fn write_piece(piece: &Piece, rest: &mut Unwritten<'_>) {
    // SAFETY: only `Piece::new` makes pieces, with the length of their text.
    unsafe { rest.write(piece.text, 0, piece.len) }
}

const fn write_number(number: usize, rest: &mut Unwritten<'_>) {
    let mut power = 10_usize.pow(digits(number) as u32 - 1);
    while power > 0 {
        write_digit(number / power % 10, rest);
        power /= 10;
    }
}

#[expect(unsafe_code, reason = "a digit is one byte; see `Unwritten`")]
const fn write_digit(digit: usize, rest: &mut Unwritten<'_>) {
    // SAFETY: the remainder of ten is one of these ten bytes.
    unsafe { rest.write("0123456789", digit % 10, 1) }
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
mod tests {
    use super::*;

    #[test]
    fn nodes_flatten_in_order() {
        const BOOL: &Node = &Node::leaf("\"bool\"");
        const OPTIONAL: &Node = &Node::wrap("{\"optional\":", BOOL, "}");
        const ARRAY: &Node = &Node::wrap_number("{\"array\":{\"len\":", 12, ",\"of\":", OPTIONAL, "}}");
        const PARTS: Parts = ("<->", &[1, 2, 2], &[ARRAY, &Node::leaf("+"), Node::EMPTY]);
        const BYTES: [u8; total(PARTS)] = concat(PARTS);
        assert_eq!(std::str::from_utf8(&BYTES).unwrap(), "<{\"array\":{\"len\":12,\"of\":{\"optional\":\"bool\"}}}-+>");
    }

    #[test]
    fn numbers_have_as_many_digits_as_they_print() {
        for number in [0, 9, 10, 99, 100, 12_345, usize::MAX] {
            assert_eq!(digits(number), number.to_string().len(), "{number}");
        }
    }
}
