use std::borrow::Cow;

use telemetry_schema::node::Node;

use super::Config;
use crate::sink::{Sink, TextPermit};

/// Text with `#[telemetry(free_text, max_len = N, reason = "…")]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be `free_text`",
    note = "`free_text` goes with `String`, `&'static str`, `Box<str>`, `Cow<'static, str>` and `Option`s of them"
)]
#[doc(hidden)]
pub trait FreeText<C: Config> {
    /// The type's description in the record.
    const SCHEMA: &'static Node;
    /// Writes the text, cut at `max_len`.
    fn write(&self, sink: &mut Sink, permit: TextPermit);
}

macro_rules! text {
    ($($text:ty),*) => {
        $(impl<C: Config> FreeText<C> for $text {
            const SCHEMA: &'static Node = C::NODE;

            fn write(&self, sink: &mut Sink, permit: TextPermit) {
                sink.text(self, C::MAX_LEN, permit);
            }
        })*
    };
}

text!(String, &'static str, Box<str>, Cow<'static, str>);

impl<C: Config, T: FreeText<C>> FreeText<C> for Option<T> {
    const SCHEMA: &'static Node = &Node::wrap("{\"optional\":", T::SCHEMA, "}");

    fn write(&self, sink: &mut Sink, permit: TextPermit) {
        sink.bool(self.is_some());
        if let Some(value) = self {
            value.write(sink, permit);
        }
    }
}
