use std::borrow::Cow;

use telemetry_schema::{digest::Shape, node::Node};

use crate::declare::{
    sink::{Sink, TextPermit},
    value::Around,
};

/// Text with `#[telemetry(free_text, max_len = N, reason = "…")]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be `free_text`; remove `free_text`, or let the field be a `String`",
    note = "`free_text` goes with `String`, `&'static str`, `Box<str>`, `Cow<'static, str>` and `Option`s of them"
)]
#[doc(hidden)]
pub trait FreeText {
    /// The containers around the text in the record.
    const AROUND: Around;
    /// Writes the text, cut at `max_len` bytes.
    fn write(&self, sink: &mut Sink<'_>, max_len: usize, permit: TextPermit);
}

macro_rules! text {
    ($($text:ty),*) => {
        $(impl FreeText for $text {
            const AROUND: Around = Around::NOTHING;

            fn write(&self, sink: &mut Sink<'_>, max_len: usize, permit: TextPermit) {
                sink.text(self, max_len, permit);
            }
        })*
    };
}

text!(String, &'static str, Box<str>, Cow<'static, str>);

impl<T: FreeText> FreeText for Option<T> {
    const AROUND: Around = Around {
        before: &Node::wrap("{\"optional\":", T::AROUND.before, ""),
        after: &Node::wrap("", T::AROUND.after, "}"),
        shape: &Shape::Optional(T::AROUND.shape),
    };

    fn write(&self, sink: &mut Sink<'_>, max_len: usize, permit: TextPermit) {
        sink.bool(self.is_some());
        if let Some(value) = self {
            value.write(sink, max_len, permit);
        }
    }
}
