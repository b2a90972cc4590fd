use telemetry_schema::{digest::Shape, node::Node};

use crate::{
    base::version::Version,
    declare::{
        sink::Sink,
        value::{Around, TelemetryValue, digests},
    },
};

fn write_parts(version: &Version, sink: &mut Sink<'_>) {
    let (numbers, tag, tag_number) = version.parts();
    for number in numbers {
        sink.integer(number);
    }
    sink.integer(tag);
    sink.integer(tag_number);
}

impl TelemetryValue for Version {
    type Sent = super::Sent;
    const SCHEMA: &'static Node = &Node::leaf("{\"version\":{}}");
    const DIGEST: u128 = digests::VERSION;

    fn write(&self, sink: &mut Sink<'_>) {
        write_parts(self, sink);
    }
}

/// A [`Version`] with `#[telemetry(prefix = "…")]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot have a `prefix`; remove `prefix`, or let the field be a `Version`",
    note = "`prefix` goes with `Version`"
)]
#[doc(hidden)]
pub trait Prefixed {
    /// The containers around the version in the record.
    const AROUND: Around;
    /// Writes the version.
    fn write(&self, sink: &mut Sink<'_>);
}

impl Prefixed for Version {
    const AROUND: Around = Around::NOTHING;

    fn write(&self, sink: &mut Sink<'_>) {
        write_parts(self, sink);
    }
}

impl<T: Prefixed> Prefixed for Option<T> {
    const AROUND: Around = Around {
        before: &Node::wrap("{\"optional\":", T::AROUND.before, ""),
        after: &Node::wrap("", T::AROUND.after, "}"),
        shape: &Shape::Optional(T::AROUND.shape),
    };

    fn write(&self, sink: &mut Sink<'_>) {
        sink.bool(self.is_some());
        if let Some(value) = self {
            value.write(sink);
        }
    }
}
