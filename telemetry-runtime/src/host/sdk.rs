//! What a host may ask of one SDK.

use std::process::Command;

use telemetry_schema::{Level, order};

use crate::{
    base::{
        clock,
        limits::STATUS_WAIT,
        needs,
        process::{self, Inside},
    },
    count::LedgerCounts,
    decide::{
        consent::{Consent, ConsentError},
        gate, guarded,
        layer::{LayerDecision, Verdict},
        loopback, notice,
        options::Options,
        settings::{self, Settings},
    },
    declare::{
        registry::{events_that_say, metas_of},
        sdk::{Mode, Sdk},
    },
    host::{
        status::{LedgerTotal, Status, StatusMode},
        veto,
    },
    record::{debug, mode},
    send::threads,
    write::{
        worker,
        writer::{self, SdkWriter},
    },
};

/// What `Options::loopback` brings.
pub(crate) mod lifted {
    use super::{Sdk, Settings, debug, loopback, mode, needs};

    pub(crate) struct Lifted {
        pub(super) stays_off: fn(Sdk, &mut Settings) -> bool,
        pub(super) tell: fn(Sdk),
    }

    needs::part!(&'static Lifted = &Lifted {
        stays_off: |sdk, settings| mode::ask(sdk, settings).off().is_some(),
        tell: |sdk| debug::loopback(sdk, loopback::is_loopback(sdk.info.endpoint)),
    });
}

impl Sdk {
    /// Applies settings of the host. May be called at any time; later settings win over earlier ones.
    pub fn configure(&self, options: Options) {
        let _inside = Inside::enter();
        let lifted = lifted::needed().filter(|_| options.loopback == Some(true));
        let told = options.notice_shown.is_some();
        if told {
            worker::decide_queued();
        }
        let stays_off = {
            let mut settings = settings::change(*self, |settings| settings.options.merge(options));
            // Where the SDK stays off all the same, nothing is lifted, and somebody who opted out is told nothing.
            lifted.is_some_and(|lifted| (lifted.stays_off)(*self, &mut settings))
        };
        if let Some(lifted) = lifted.filter(|_| !stays_off) {
            (lifted.tell)(*self);
        }
        veto::decide_again(*self);
        // What is new has waited so far, and may be recorded from now on.
        if told && self.state.resting_mode() == Mode::On {
            writer::of(*self).read_again(*self, Mode::On);
        }
    }

    /// What the gate decided and why: every layer, its value and source, and which one won.
    ///
    /// Reads the state folder if there is one, and writes nothing.
    pub fn status(&self) -> Status {
        let _inside = Inside::enter();
        let forked = process::look_for_fork();
        let (memory, endpoint, ignored) = {
            let mut settings = settings::of(*self);
            let memory = mode::ask(*self, &mut settings);
            (memory, loopback::endpoint(self.info, &settings.options), settings.options.ignored(self.info))
        };
        let stored = SdkWriter::stored_view(writer::within(*self, STATUS_WAIT).as_deref(), *self);
        let mut layers = memory.layers.clone();
        layers.extend(stored.layers);
        if forked {
            layers.push(LayerDecision::forked());
        }
        order::sort_by_key(&mut layers, |layer| layer.number);
        let off = layers.iter().find(|layer| layer.verdict == Verdict::Off);
        let local = layers.iter().find(|layer| layer.verdict == Verdict::Local);
        let decided_by = gate::decided_by(&layers);
        let mode = match (off, local) {
            _ if forked => StatusMode::Forked,
            (Some(layer), _) if gate::stops_debug(layer) || !memory.debug => StatusMode::Off,
            _ if memory.debug => StatusMode::Debug,
            (None, Some(_)) => StatusMode::Local,
            _ if stored.awaiting_notice => StatusMode::WaitingForNotice,
            _ => StatusMode::On,
        };
        Status {
            sdk: self.info.name.to_owned(),
            mode,
            decided_by,
            layers,
            command: self.info.command.map(str::to_owned),
            endpoint,
            state_dir: stored.dir,
            conflicts: crate::declare::registry::conflicting_keys()
                .into_iter()
                .filter(|key| key.split('/').next() == Some(self.info.name))
                .collect(),
            exit: guarded::describe(*self),
            paused: threads::why_paused(*self, stored.folder.as_ref()),
            level: self.has_levels().then_some(stored.level),
            installation_ids: if self.info.identity.is_some() { self.installation_ids() } else { Vec::new() },
            awaiting_consent: stored.awaiting_consent,
            ignored,
            same_name: crate::declare::registry::same_named(self.info),
            // What was counted before a fork is the parent's.
            ledger: if forked { LedgerCounts::default() } else { self.state.ledger.counts() },
            total: stored.total.map(|(since, counts)| LedgerTotal { since: clock::iso_day(since), counts }),
        }
    }

    /// The notice that the user of this program is shown before anything is recorded.
    pub fn notice(&self) -> crate::Notice {
        let _inside = Inside::enter();
        notice::notice(*self)
    }

    /// Turns this SDK off in a program that is about to be started, by its variable; for tests, and for hosts that start
    /// other programs.
    ///
    /// ```no_run
    /// # use telemetry_runtime::{Sdk, sdk};
    /// # pub static TELEMETRY: Sdk = sdk! {
    /// #     name: "acme-ui", role: Library, default: On, env: "ACME",
    /// #     endpoint: "https://telemetry.acme.example", wire: EventBatch { strict: false },
    /// #     docs: "https://acme.example/telemetry", operator: "Acme Inc.", contact: "privacy@acme.example",
    /// #     region: "EU", retention: "90 days", shared_with: "nobody",
    /// # };
    /// # fn main() -> std::io::Result<()> {
    /// use std::process::Command;
    ///
    /// TELEMETRY.silence(Command::new("acme").arg("build")).status()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// A later `env_clear` or `env_remove` of the command undoes it. In this process nothing changes.
    pub fn silence<'command>(&self, command: &'command mut Command) -> &'command mut Command {
        command.env(format!("{}_TELEMETRY_DISABLED", self.info.env), "1")
    }

    /// Keeps that the user of this program was shown the notice, at once and for later runs: for a host that shows it itself and
    /// may end before anything is recorded. [`Options::notice_shown`] says the same and is kept with the first event.
    ///
    /// The hash is that of [`Notice::hash`](crate::Notice::hash); another one is ignored.
    pub fn notice_was_shown(&self, hash: &str) {
        let _inside = Inside::enter();
        self.configure(Options::new().notice_shown(hash));
        mode::decide(*self);
        if matches!(self.state.resting_mode(), Mode::Pending | Mode::AwaitingNotice) {
            writer::of(*self).read_again(*self, self.state.resting_mode());
        }
    }

    /// Stores a decision of the user.
    ///
    /// [`Consent::Off`] deletes what is spooled, on disk and in memory, for every program of this user. A decision does not replace
    /// the notice: after `On` or `Local` recording begins once the notice was shown, by the runtime or by the host
    /// ([`Options::notice_shown`]). With `notice: None` the host has asked in its own words, and the answer is to the events
    /// that this program can record.
    ///
    /// # Errors
    ///
    /// [`ConsentError`] if there is no folder to keep the decision in; telemetry is off then in any case.
    pub fn set_consent(&self, consent: Consent) -> Result<(), ConsentError> {
        self.store_consent(consent, None)
    }

    /// As [`Sdk::set_consent`], up to a level: events of a higher one (`level = …` in `#[telemetry_event]`) are counted as `above_level`
    /// and go no further. [`Sdk::set_consent`] keeps the level that was chosen before, and without any all events are
    /// recorded. A level below the one that held deletes what waits.
    ///
    /// # Errors
    ///
    /// As [`Sdk::set_consent`].
    pub fn set_consent_at(&self, consent: Consent, level: Level) -> Result<(), ConsentError> {
        self.store_consent(consent, Some(level))
    }

    fn store_consent(&self, consent: Consent, level: Option<Level>) -> Result<(), ConsentError> {
        let _inside = Inside::enter();
        worker::decide_queued();
        let stored = writer::of(*self).store_consent(*self, consent, level);
        veto::decide_again(*self);
        stored
    }

    /// Whether an event of this program has a level, so that the user has some to choose from.
    pub(crate) fn has_levels(&self) -> bool {
        metas_of(self.info).into_iter().for_each(|meta| meta.needs.note());
        // In a text of a record its quotes would be escaped.
        needs::levels() && telemetry_schema::notice::has_levels(&events_that_say(self.info, "\"level\":"))
    }
}
