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
    pre: &'static str,
    number: Option<usize>,
    mid: &'static str,
    inner: Option<&'static Node>,
    post: &'static str,
    len: usize,
}

impl Node {
    /// No text.
    pub const EMPTY: &'static Self = &Self::leaf("");

    /// Plain text.
    pub const fn leaf(text: &'static str) -> Self {
        Self { pre: text, number: None, mid: "", inner: None, post: "", len: text.len() }
    }

    /// `inner` between two texts.
    pub const fn wrap(pre: &'static str, inner: &'static Node, post: &'static str) -> Self {
        let len = pre.len() + inner.len + post.len();
        Self { pre, number: None, mid: "", inner: Some(inner), post, len }
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
        Self { pre, number: Some(number), mid, inner: Some(inner), post, len }
    }

    /// The length of the whole text in bytes.
    #[expect(clippy::len_without_is_empty, reason = "the size of an array, never a question of emptiness")]
    pub const fn len(&self) -> usize {
        self.len
    }
}

/// A literal text, and the text of a node behind it.
pub type Part = (&'static str, &'static Node);

/// The length in bytes of all `parts` one after the other.
pub const fn total(mut parts: &[Part]) -> usize {
    let mut sum = 0;
    while let [(text, node), rest @ ..] = parts {
        sum += text.len() + node.len;
        parts = rest;
    }
    sum
}

/// All `parts` one after the other. `N` must be [`total`] of the same parts; anything else fails to compile.
#[expect(clippy::panic, reason = "evaluated by the compiler: a wrong size is a compile error, not a run-time panic")]
pub const fn concat<const N: usize>(mut parts: &[Part]) -> [u8; N] {
    let mut out = [0; N];
    let mut rest = Unwritten::new(&mut out);
    while let [(text, node), others @ ..] = parts {
        rest = rest.write(text);
        if node.len > 0 {
            rest = write_node(node, rest);
        }
        parts = others;
    }
    if rest.len() > 0 {
        panic!("the record is shorter than its array");
    }
    out
}

const fn write_node<'a>(node: &Node, mut rest: Unwritten<'a>) -> Unwritten<'a> {
    rest = rest.write(node.pre);
    if let Some(number) = node.number {
        rest = write_number(number, rest).write(node.mid);
    }
    match node.inner {
        Some(inner) => write_node(inner, rest).write(node.post),
        None => rest,
    }
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler; a digit is below ten")]
const fn write_number(number: usize, mut rest: Unwritten<'_>) -> Unwritten<'_> {
    const DIGITS: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
    let mut power = 10_usize.pow(digits(number) as u32 - 1);
    while power > 0 {
        rest = rest.write(DIGITS[number / power % 10]);
        power /= 10;
    }
    rest
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
        const PARTS: &[Part] = &[("<", ARRAY), ("-", &Node::leaf("+")), (">", Node::EMPTY)];
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
