//! What a command line says of itself: which command, and which flags were passed. Never the value of an argument.
//!
//! `#[derive(TrackCommand)]` implements these traits, so that types which clap puts together report together.

use telemetry_schema::{
    digest::{Digests, combine, variants},
    node::Node,
};

use crate::declare::{command::outcome::CommandOutcome, sink::Sink, value::TelemetryValue};

/// The flags of a struct with clap's `Args` or `Parser`, as fields of a record.
#[diagnostic::on_unimplemented(
    message = "nothing says which flags of `{Self}` were passed; put `#[derive(TrackCommand)]` on it, or `#[telemetry(skip)]` here",
    label = "these arguments have no `#[derive(TrackCommand)]`"
)]
pub trait TrackedArgs {
    /// The fields in the record, with commas between them.
    const FIELDS: &'static Node;
    /// Their digests.
    const DIGESTS: &'static Digests;

    /// Writes each field, as the record has it.
    fn write(&self, sink: &mut Sink<'_>);

    /// Whether no command is in there whose use is not reported.
    fn is_reported(&self) -> bool;
}

/// The commands of an enum with clap's `Subcommand` or `Parser`, as variants of a record.
#[diagnostic::on_unimplemented(
    message = "nothing says which command of `{Self}` this is; put `#[derive(TrackCommand)]` on it, or `#[telemetry(skip)]` here",
    label = "these commands have no `#[derive(TrackCommand)]`"
)]
pub trait TrackedCommands {
    /// The variants in the record, with commas between them.
    const VARIANTS: &'static Node;
    /// Their digests.
    const DIGESTS: &'static Digests;

    /// Writes which one it is and what it holds; `base` is the index of the first.
    fn write(&self, base: u16, sink: &mut Sink<'_>);

    /// As [`TrackedArgs::is_reported`].
    fn is_reported(&self) -> bool;
}

impl<T: TrackedArgs + ?Sized> TrackedArgs for Box<T> {
    const FIELDS: &'static Node = T::FIELDS;
    const DIGESTS: &'static Digests = T::DIGESTS;

    fn write(&self, sink: &mut Sink<'_>) {
        T::write(self, sink);
    }

    fn is_reported(&self) -> bool {
        T::is_reported(self)
    }
}

impl<T: TrackedArgs> TrackedArgs for Option<T> {
    const FIELDS: &'static Node = T::FIELDS;
    const DIGESTS: &'static Digests = T::DIGESTS;

    fn write(&self, sink: &mut Sink<'_>) {
        match self {
            Some(args) => args.write(sink),
            // Every field of a command is optional.
            None => (0..T::DIGESTS.count()).for_each(|_| sink.bool(false)),
        }
    }

    fn is_reported(&self) -> bool {
        self.as_ref().is_none_or(T::is_reported)
    }
}

impl<T: TrackedCommands + ?Sized> TrackedCommands for Box<T> {
    const VARIANTS: &'static Node = T::VARIANTS;
    const DIGESTS: &'static Digests = T::DIGESTS;

    fn write(&self, base: u16, sink: &mut Sink<'_>) {
        T::write(self, base, sink);
    }

    fn is_reported(&self) -> bool {
        T::is_reported(self)
    }
}

/// The description of a command with these fields, or of its name alone where there are none: `{"name":"x"` and
/// `{"name":"x","type":{"struct":[`.
pub const fn holding(alone: &'static str, with: &'static str, fields: &'static Node) -> Node {
    if fields.len() == 0 { Node::wrap(alone, Node::EMPTY, "}") } else { Node::wrap(with, fields, "]}}") }
}

/// The digest of what such a command holds.
pub const fn held(fields: &Digests) -> u128 {
    if fields.count() == 0 { 0 } else { fields.object() }
}

/// `text("ok")`
const OK: u128 = 0x2689_367b_205c_16ce_32ed_4200_942b_8b8b;
/// `text("failed")`
const FAILED: u128 = 0x5d28_a90f_4498_a814_61ef_baf6_f628_a19d;
/// `text("interrupted")`
const INTERRUPTED: u128 = 0xd512_d96e_a31a_b0b9_bb9b_66da_70c4_d675;

impl<F: TelemetryValue> TelemetryValue for CommandOutcome<F> {
    type Sent = F::Sent;
    const SCHEMA: &'static Node = &Node::wrap(
        "{\"variants\":[{\"name\":\"ok\"},{\"name\":\"failed\",\"type\":",
        F::SCHEMA,
        "},{\"name\":\"interrupted\"}]}",
    );
    const DIGEST: u128 = variants(&[combine(OK, 0), combine(FAILED, F::DIGEST), combine(INTERRUPTED, 0)]);

    fn write(&self, sink: &mut Sink<'_>) {
        match self {
            Self::Ok => sink.variant(0),
            Self::Failed(failure) => {
                sink.variant(1);
                failure.write(sink);
            }
            Self::Interrupted => sink.variant(2),
        }
    }
}

/// A report without `outcome`: it is made after a success, and there is nothing else to say.
#[derive(Debug)]
pub enum SuccessOnly {}

/// Whether a report is made after successes only.
#[diagnostic::on_unimplemented(
    message = "a report of this command line says how the command ended: `let command = cli.tracked();` before it runs, then \
               `command.ended(CommandOutcome::of(&result, …))`",
    label = "`#[telemetry(event(outcome = …))]` asks how it ended"
)]
pub trait ReportsSuccess {}

impl ReportsSuccess for SuccessOnly {}

#[cfg(test)]
mod tests {
    use telemetry_schema::digest::text;

    use super::*;

    #[test]
    fn the_constants_are_the_digests_of_their_words() {
        assert_eq!([OK, FAILED, INTERRUPTED], ["ok", "failed", "interrupted"].map(text));
    }
}
