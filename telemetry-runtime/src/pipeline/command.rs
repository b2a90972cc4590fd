use std::{fmt, marker::PhantomData, time::Duration};

use crate::{
    base::{
        clock::{self, Instant},
        process::Inside,
    },
    declare::{
        command::{CommandOutcome, ReportsSuccess},
        sdk::meta::Handle,
        sink::{Admitted, Sink, with_room_for},
        value::{DurationBucket, TelemetryValue},
    },
    pipeline::event::{Event, is_off, record_with},
};

/// A command line whose use is reported: implemented by `#[derive(TrackCommand)]` on a type with `#[telemetry(event)]`.
///
/// A report holds the names of the command and of the flags that were passed, as they are declared, and never the value of an
/// argument.
pub trait TrackCommand: Sized {
    /// The author's enum of failures, or a type that says that there is none.
    #[doc(hidden)]
    type Failure;

    /// Where the dispatcher finds what it needs to know.
    #[doc(hidden)]
    const HANDLE: Handle;

    /// Whether the report says how long the command took.
    #[doc(hidden)]
    const TIMED: bool;

    /// Writes command and flags in the order of the record.
    #[doc(hidden)]
    fn write_command(&self, sink: &mut Sink<'_>);

    /// Whether its use is reported at all: that of the user's own commands is not.
    #[doc(hidden)]
    fn is_reported(&self) -> bool;

    /// Reports that the command has succeeded: call it when that is so.
    ///
    /// Never waits, never fails; see [`record!`](crate::record). A command line that is used up by then is noted before, with
    /// [`TrackCommand::tracked`].
    fn track(&self)
    where
        Self::Failure: ReportsSuccess,
    {
        if self.is_reported() {
            record_with(|| Report { command: Source::Line(self), outcome: None, took: None });
        }
    }

    /// Notes which command this is and which flags were passed, for a report at its end. Nothing is reported before.
    ///
    /// Where the SDK is off, nothing is noted. The gate is asked when the report is made: a command that is not reported counts for
    /// nothing.
    fn tracked(&self) -> Tracked<Self> {
        let begun = Self::TIMED.then(clock::now);
        let mut noted = None;
        if self.is_reported() && !is_off(&Self::HANDLE) {
            with_room_for::<[u64; 8]>(Admitted::new(Self::HANDLE.meta, 0), |mut sink| {
                self.write_command(&mut sink);
                let _inside = Inside::enter();
                noted = Some(sink.payload().bytes().to_vec());
                sink.release();
            });
        }
        Tracked { noted, begun, of: PhantomData }
    }
}

/// A command that runs: its name, the names of its flags, and when it began.
#[must_use = "nothing is reported before `succeeded` or `ended`"]
pub struct Tracked<C: TrackCommand> {
    noted: Option<Vec<u8>>,
    begun: Option<Instant>,
    of: PhantomData<fn(C)>,
}

impl<C: TrackCommand> fmt::Debug for Tracked<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tracked").finish_non_exhaustive()
    }
}

impl<C: TrackCommand> Tracked<C> {
    /// Reports that the command has succeeded. One that fails is dropped without a word.
    pub fn succeeded(self)
    where
        C::Failure: ReportsSuccess,
    {
        self.report(None);
    }

    /// Reports how the command ended, where the author asks for it by `outcome = …`.
    pub fn ended(self, outcome: CommandOutcome<C::Failure>)
    where
        C::Failure: TelemetryValue,
    {
        self.report(Some(Outcome { outcome: &outcome, write: |outcome, sink| outcome.write(sink) }));
    }

    fn report(&self, outcome: Option<Outcome<'_, C::Failure>>) {
        let Some(noted) = &self.noted else { return };
        let took = self.begun.map(|begun| clock::now().saturating_duration_since(begun));
        Report::<C> { command: Source::Noted(noted), outcome, took }.record();
    }
}

/// How it ended, with what knows how to write that: only a report that says so needs a failure that can be sent.
struct Outcome<'a, F> {
    outcome: &'a CommandOutcome<F>,
    write: fn(&CommandOutcome<F>, &mut Sink<'_>),
}

/// Where the names come from.
enum Source<'a, C> {
    Line(&'a C),
    Noted(&'a [u8]),
}

/// The event.
struct Report<'a, C: TrackCommand> {
    command: Source<'a, C>,
    outcome: Option<Outcome<'a, C::Failure>>,
    took: Option<Duration>,
}

impl<C: TrackCommand> Event for Report<'_, C> {
    const HANDLE: Handle = C::HANDLE;

    fn write(&self, sink: &mut Sink<'_>) {
        match &self.command {
            Source::Line(line) => line.write_command(sink),
            Source::Noted(noted) => sink.written(noted),
        }
        if let Some(Outcome { outcome, write }) = &self.outcome {
            write(outcome, sink);
        }
        if let Some(took) = self.took {
            DurationBucket::of(took).write(sink);
        }
    }
}
