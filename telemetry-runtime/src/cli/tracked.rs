use telemetry_schema::{digest::Digests, node::Node};

use super::Telemetry;
use crate::declare::{command::TrackedArgs, sink::Sink};

/// The user's say is no use of the product, so nobody is told of it.
impl TrackedArgs for Telemetry {
    const FIELDS: &'static Node = Node::EMPTY;
    const DIGESTS: &'static Digests = &Digests::All(&[]);

    fn write(&self, _: &mut Sink<'_>) {}

    fn is_reported(&self) -> bool {
        false
    }
}
