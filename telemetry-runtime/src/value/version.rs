use telemetry_schema::node::Node;

use super::{Config, TelemetryValue};
use crate::{sink::Sink, version::Version};

fn write_parts(version: &Version, sink: &mut Sink) {
    let (numbers, tag, tag_number) = version.parts();
    for number in numbers {
        sink.integer(number);
    }
    sink.integer(tag);
    sink.integer(tag_number);
}

impl TelemetryValue for Version {
    const SCHEMA: &'static Node = &Node::leaf("{\"version\":{}}");

    fn write(&self, sink: &mut Sink) {
        write_parts(self, sink);
    }
}

/// A [`Version`] with `#[telemetry(prefix = "…")]`.
#[diagnostic::on_unimplemented(message = "`{Self}` cannot have a `prefix`", note = "`prefix` goes with `Version`")]
#[doc(hidden)]
pub trait Prefixed<C: Config> {
    /// The type's description in the record.
    const SCHEMA: &'static Node;
    /// Writes the version.
    fn write(&self, sink: &mut Sink);
}

impl<C: Config> Prefixed<C> for Version {
    const SCHEMA: &'static Node = C::NODE;

    fn write(&self, sink: &mut Sink) {
        write_parts(self, sink);
    }
}

impl<C: Config, T: Prefixed<C>> Prefixed<C> for Option<T> {
    const SCHEMA: &'static Node = &Node::wrap("{\"optional\":", T::SCHEMA, "}");

    fn write(&self, sink: &mut Sink) {
        sink.bool(self.is_some());
        if let Some(value) = self {
            value.write(sink);
        }
    }
}
