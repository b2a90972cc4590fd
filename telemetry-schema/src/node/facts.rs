//! The text of an event's record, and what it takes from the types of the event's fields.

use super::{
    Node,
    unwritten::{MAX, Unwritten, write_here},
    write_node,
};

/// What an event says of the type of a field: one constant for all of it, because each mention of a type costs the author's build.
#[derive(Debug)]
pub struct Facts {
    before: &'static Node,
    text: &'static str,
    after: &'static Node,
    texts: usize,
    digest: u128,
}

impl Facts {
    /// Of a type that describes itself; the digest of a text that is no type is 0.
    pub const fn of(schema: &'static Node, digest: u128) -> Self {
        Self { before: schema, text: "", after: Node::EMPTY, texts: schema.texts, digest }
    }

    /// Of a type of which an attribute says more: `text`, with so many bytes of free text, stands between what its containers say.
    pub const fn around(
        before: &'static Node,
        text: &'static str,
        after: &'static Node,
        texts: usize,
        digest: u128,
    ) -> Self {
        Self { before, text, after, texts, digest }
    }

    /// The digest of the type.
    pub const fn digest(&self) -> u128 {
        self.digest
    }

    /// The most bytes of JSON that free text in a value can take.
    pub const fn texts(&self) -> usize {
        self.texts
    }
}

/// The text of an event's record: one literal, and at which byte of it each hole is. In the holes stand the name of the SDK, that of the
/// event, then what each field's type says.
#[derive(Debug)]
pub struct EventText {
    /// The literal.
    pub text: &'static str,
    /// As many as there are fields, and two.
    pub holes: &'static [usize],
    /// What stands in the others.
    pub fields: &'static [&'static Facts],
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler; the lengths are compared in `fill`")]
impl EventText {
    /// The length in bytes of the text with its holes filled.
    pub const fn len(&self, sdk: &str, event: &str) -> usize {
        let (fields, mut index) = (self.fields, 0);
        let mut sum = self.text.len() + sdk.len() + event.len();
        while index < fields.len() {
            let field = fields[index];
            sum += field.before.len + field.text.len() + field.after.len;
            index += 1;
        }
        sum
    }

    /// The text with its holes filled. `N` must be its length; anything else fails to compile, and so do holes that are not in order or
    /// not as many as what stands in them.
    #[expect(clippy::panic, reason = "evaluated by the compiler: a compile error, not a run-time panic")]
    #[expect(unsafe_code, reason = "the lengths were compared; see `Unwritten`")]
    pub const fn fill<const N: usize>(&self, sdk: &str, event: &str) -> [u8; N] {
        let (holes, fields, end) = (self.holes, self.fields, self.text.len());
        if holes.len() != fields.len() + 2 {
            panic!("there is something for each hole");
        }
        let text = self.text as *const str as *const u8;
        let (mut from, mut index) = (0, 0);
        let mut out = [0; N];
        let mut rest = Unwritten::new(&mut out);
        while index < holes.len() {
            let hole = holes[index];
            if hole < from || hole > end {
                panic!("holes stand in order inside the text");
            }
            // SAFETY: `hole` is not beyond the end of the text.
            unsafe { write_here!(rest, text, from, hole - from) };
            from = hole;
            if index > 1 {
                let field = fields[index - 2];
                write_node(field.before, &mut rest);
                if !field.text.is_empty() {
                    // SAFETY: all of the text.
                    unsafe { write_here!(rest, field.text as *const str as *const u8, 0, field.text.len()) };
                }
                if field.after.len > 0 {
                    write_node(field.after, &mut rest);
                }
            } else {
                let name = if index == 0 { sdk } else { event };
                // SAFETY: all of the name.
                unsafe { write_here!(rest, name as *const str as *const u8, 0, name.len()) };
            }
            index += 1;
        }
        // SAFETY: the rest of the text.
        unsafe { write_here!(rest, text, from, end - from) };
        if !rest.is_empty() {
            panic!("the record is shorter than its array");
        }
        out
    }
}
