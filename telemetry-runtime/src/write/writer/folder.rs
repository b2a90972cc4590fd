//! The state folder of one SDK: what it says, and what is written to it.

mod agreement;
mod beside;
mod days;
mod decide;
mod memory;
mod reading;
mod readme;
mod tell;
mod view;

use std::{
    io,
    sync::{Arc, atomic::Ordering},
    time::Instant,
};

use telemetry_schema::{Level, Notice};

pub(crate) use self::agreement::Agreed;
use self::{
    agreement::Agreement,
    decide::erase,
    reading::{decided, read},
    readme::create,
    tell::Telling,
};
pub(crate) use self::{
    days::ActiveFlags,
    decide::store_consent,
    readme::renew_readme,
    view::{StoredView, counted, view, waiting},
};
use telemetry_spool::{self as spool, AppendError, Backlog, Digest, FrameBuffer, Spool};

use crate::{
    base::{
        clock,
        collections::{HashMap, HashSet},
        effects::{self, Effect},
        limits::{CONSENT_READ, SAME_RUN_HOLD, WRITE_BYTES},
        process,
    },
    count::{LedgerCounts, ledger::Outcome},
    decide::{
        consent::Consent, facts::StoredConsent, gate, layer::Verdict, loopback, notice::AgreedSet, policy::Policies,
        settings,
    },
    declare::sdk::{Mode, Sdk, SdkInfo},
    record::events,
    write::{
        files::{
            breaker_file,
            consent_file::{self, ConsentFile, ConsentState},
            ledger_file::{self, At},
            memory_file::Memory,
            policy_file,
            state_dir::SdkDir,
            told_file,
        },
        spooled,
        writer::{
            installation,
            permit::{self, SendPermit},
            secret::{self, Secret},
        },
    },
};

/// What is known of the state folder in this process.
#[derive(Debug)]
pub(crate) enum Files {
    /// Nobody looked yet.
    Unread,
    /// It says that nothing may be recorded, or not yet; under which word events end meanwhile.
    Closed(Outcome),
    /// It cannot be made or written, for this reason.
    NoFolder(String),
    /// Events are appended.
    Open(Box<StateFolder>),
}

/// An open state folder: all layers of the gate have said yes.
#[derive(Debug)]
pub(crate) struct StateFolder {
    dir: Arc<SdkDir>,
    spool: Spool,
    /// The name under which this program spools: to ask for it is a question to the disk.
    host: String,
    /// Where events of this program go.
    destination: Digest,
    /// The half that sends, until the sender takes it.
    backlog: Option<Backlog>,
    decision: Verdict,
    /// What the user had decided when this was opened, and when that was last compared with the file.
    consent: Option<Consent>,
    /// How much the user lets be recorded.
    level: Level,
    consent_read: Instant,
    /// The policies of machine and project, read at the same times.
    policies: Policies,
    memory: Memory,
    memory_saved: Option<Instant>,
    memory_changed: bool,
    /// Throttle marks of earlier runs with the tick at which they expire.
    remembered: HashMap<u64, u32>,
    awaiting_consent: HashSet<String>,
    agreed: Arc<Agreed>,
    secret: Option<Secret>,
    /// The id of this installation, and the days on which it is used.
    installation: Option<((u32, u32), String)>,
    /// When it could not be known: another process had its turn, or the disk failed.
    installation_failed: Option<Instant>,
    /// The day whose active event this run has tried to record.
    active_tried: Option<u32>,
    /// Whether something was appended since the writer asked.
    appended: bool,
    /// The day on which this run has looked for losses to tell.
    health_tried: Option<u32>,
    /// With a notice shown in this run: nothing is sent before, and what was recorded before it was shown is no event.
    send_after: Option<Instant>,
}

/// What the sender takes over from a writer.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) permit: SendPermit,
    pub(crate) backlog: Option<Backlog>,
    /// All events that the user was ever told of; others wait.
    pub(crate) agreed: Arc<Agreed>,
    pub(crate) send_after: Option<Instant>,
}

/// Reads the folder and decides by it; answers with the mode in which the SDK goes on, and whether a notice is due that
/// could not be shown at this moment.
pub(crate) fn read_and_decide(sdk: Sdk) -> (Files, Mode, bool) {
    let reading = read(sdk);
    let decision = reading::decide(sdk, &reading, gate::verdict_by_files);
    if decision == Verdict::Off {
        if let (StoredConsent::Decided(Consent::Off), Some(dir)) = (&reading.consent, reading.dir) {
            // Somebody wrote the decision by hand: what was spooled before it is deleted as well.
            erase(sdk, &Arc::new(dir));
            return (Files::Closed(Outcome::OptedOut), Mode::Off, false);
        }
        return (Files::Closed(Outcome::GateClosed), Mode::Off, false);
    }
    let Some(base) = reading.base.as_deref() else {
        return (Files::Closed(Outcome::GateClosed), Mode::Off, false);
    };
    let lifted = loopback::lifts(sdk.info, &settings::of(sdk).options);
    let wanted = AgreedSet::of(sdk);
    let mut agreement = Agreement::of(&wanted, &reading.told, reading.level);
    let mut send_after = None;
    let mut not_shown = false;
    if sdk.state.told_beside.swap(false, Ordering::SeqCst) {
        // By the notice of another SDK in this run: what holds after one of its own holds.
        if sdk.info.notice != Notice::SameRun {
            return (Files::Closed(Outcome::BeforeNotice), Mode::AwaitingNotice, false);
        }
        send_after = Some(clock::instant() + SAME_RUN_HOLD);
    }
    if lifted {
        agreement = Agreement::complete(&wanted, &reading.told, reading.level);
    } else if !agreement.is_complete() {
        match tell::tell(sdk, base, decided(&reading.consent), &wanted, &agreement.news()) {
            Ok(Telling::NotShown) => not_shown = matches!(sdk.info.notice, Notice::NextRun | Notice::SameRun),
            Ok(Telling::ByHost) => agreement = Agreement::complete(&wanted, &reading.told, reading.level),
            Ok(Telling::Printed) if sdk.info.notice == Notice::SameRun => {
                agreement = Agreement::complete(&wanted, &reading.told, reading.level);
                send_after = Some(clock::instant() + SAME_RUN_HOLD);
            }
            Ok(Telling::Printed) => {}
            Ok(Telling::DecidedMeanwhile) => return (Files::Closed(Outcome::OptedOut), Mode::Pending, false),
            Err(reason) => return (Files::NoFolder(reason), Mode::Off, false),
        }
    }
    if agreement.untold {
        return (Files::Closed(Outcome::BeforeNotice), Mode::AwaitingNotice, not_shown);
    }
    let dir = match reading.dir.map(Ok).unwrap_or_else(|| create(base, sdk)) {
        Ok(dir) => Arc::new(dir),
        Err(reason) => return (Files::NoFolder(reason), Mode::Off, false),
    };
    if agreement.by_parts {
        // From now on every version of this SDK knows what this one records, and sends it.
        let mut told = told_file::load(&dir);
        told.add(&wanted.sdk, &wanted.told(&agreement.awaiting_consent));
        let _ = told_file::store(&dir, &told);
    }
    let (host, destination) = (host(), destination(sdk));
    let (spool, backlog) = spooled::open(Arc::clone(&dir), &host, destination, sdk.info.identity);
    let mut folder = StateFolder {
        dir,
        spool,
        host,
        destination,
        backlog: Some(backlog),
        decision,
        consent: decided(&reading.consent),
        level: reading.level,
        consent_read: clock::instant(),
        policies: reading.policies,
        memory: reading.memory,
        memory_saved: None,
        memory_changed: false,
        remembered: HashMap::new(),
        awaiting_consent: agreement.awaiting_consent.into_keys().collect(),
        agreed: agreement.agreed,
        secret: None,
        installation: None,
        installation_failed: None,
        active_tried: None,
        appended: false,
        health_tried: None,
        send_after,
    };
    folder.roll_for(sdk, clock::today());
    folder.remember_earlier();
    events::flag_all(sdk, &folder.awaiting_consent, folder.level);
    (Files::Open(Box::new(folder)), Mode::On, not_shown)
}

/// Where events of this program go.
pub(crate) fn destination(sdk: Sdk) -> Digest {
    sdk.info.destination.to_be_bytes()
}

/// What this SDK is known by in `breaker.json`.
pub(crate) fn breaker_entry(sdk: Sdk) -> String {
    let endpoint = loopback::endpoint(sdk.info, &settings::of(sdk).options);
    breaker_file::entry(&endpoint, &destination(sdk))
}

/// The name under which this program spools: what it was started as, whatever became of its file since.
pub(crate) fn host() -> String {
    spool::host_name(process::started_as().as_deref())
}

impl StateFolder {
    /// No events come for now: gives memory back.
    pub(super) fn rest(&self) {
        self.spool.rest();
    }

    /// Whether what is written next would push older events out of the spool.
    pub(super) fn is_full(&mut self) -> bool {
        self.spool.is_full(WRITE_BYTES as u64)
    }

    /// Appends frames to the spool with one `write`, all of them or none.
    pub(crate) fn append_frames(&mut self, sdk: Sdk, frames: &mut FrameBuffer) -> Result<(), Outcome> {
        effects::note(Effect::Files);
        let mut appended = self.spool.append_frames(frames, clock::now_ms(), &sdk.state.ledger);
        if appended == Err(AppendError::Vanished) && !self.has_decided_otherwise(sdk) {
            // Its events were sent; it was not erased.
            appended = self.spool.append_frames(frames, clock::now_ms(), &sdk.state.ledger);
        }
        appended.map_err(|error| Outcome::from(error.outcome()))?;
        sdk.state.ledger.spooled(frames.len() as u64);
        self.appended = true;
        Ok(())
    }

    /// Whether something was appended since this was last asked.
    pub(crate) fn has_appended(&mut self) -> bool {
        std::mem::take(&mut self.appended)
    }

    /// Says whether another process has stored another decision since, or a policy has changed. Reads the files at most once
    /// per [`CONSENT_READ`].
    ///
    /// A stored `off` ends what this process holds.
    pub(crate) fn consent_changed(&mut self, sdk: Sdk) -> bool {
        clock::since(self.consent_read) >= CONSENT_READ && self.has_decided_otherwise(sdk)
    }

    /// As [`StateFolder::consent_changed`], at once.
    pub(crate) fn has_decided_otherwise(&mut self, sdk: Sdk) -> bool {
        self.consent_read = clock::instant();
        if policy_file::read() != self.policies {
            return true;
        }
        if self.is_removed() {
            self.discard_held(sdk);
            return true;
        }
        match consent_file::load(&self.dir) {
            ConsentState::Absent => self.consent.is_some(),
            ConsentState::Unreadable(_) => true,
            ConsentState::Loaded(ConsentFile { consent: Some(Consent::Off), .. }) => {
                self.discard_held(sdk);
                true
            }
            ConsentState::Loaded(file) => {
                file.consent != self.consent || file.level.unwrap_or(Level::Usage) != self.level
            }
        }
    }

    /// Whether the user has removed the folder. It is not made again by a program that had it open.
    pub(crate) fn is_removed(&self) -> bool {
        self.dir.dir().is_removed()
    }

    /// Whether the host has closed the descriptors that this holds.
    pub(crate) fn is_lost(&self) -> bool {
        self.dir.is_lost() || self.spool.is_lost()
    }

    pub(crate) fn dir(&self) -> &Arc<SdkDir> {
        &self.dir
    }

    /// What was lost and is still to be told.
    pub(crate) fn losses_to_tell(
        &self,
        today: u32,
        will_tell: impl FnOnce(&LedgerCounts) -> LedgerCounts,
    ) -> Option<LedgerCounts> {
        ledger_file::losses_to_tell(self.ledger(&self.destination), today, will_tell)
    }

    /// The ledger of a destination.
    pub(crate) fn ledger<'a>(&'a self, destination: &'a Digest) -> At<'a> {
        At { sdk: &self.dir, destination }
    }

    /// Whether the sender has the backlog, and may end events at any moment.
    pub(crate) fn is_sending(&self) -> bool {
        self.backlog.is_none()
    }

    /// The name under which this program spools.
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    pub(crate) fn destination(&self) -> Digest {
        self.destination
    }

    /// Whether earlier runs left something to send.
    pub(crate) fn has_backlog(&self) -> bool {
        self.backlog.as_ref().is_some_and(|backlog| !backlog.is_empty())
    }

    /// As [`StateFolder::has_backlog`], and not only events of other destinations. Reads segments until it finds one.
    pub(crate) fn has_events_of_its_own(&self) -> bool {
        self.backlog.as_ref().is_some_and(Backlog::holds_ours)
    }

    /// Whether the user lets it be sent at all.
    pub(crate) fn may_send(&self) -> bool {
        self.decision == Verdict::Allows
    }

    /// As [`StateFolder::has_backlog`], and it may be sent.
    pub(crate) fn has_outgoing(&self) -> bool {
        self.may_send() && self.has_backlog()
    }

    /// How much the user lets be recorded.
    pub(crate) fn level(&self) -> Level {
        self.level
    }

    /// Whether the notice was shown in this run, after events had already been queued.
    pub(crate) fn told_in_this_run(&self) -> bool {
        self.send_after.is_some()
    }

    pub(crate) fn awaits_consent(&self, key: &str) -> bool {
        self.awaiting_consent.contains(key)
    }

    pub(crate) fn pseudonym(&mut self, info: &SdkInfo, event: (&str, u32), field: &str, input: &[u8; 32]) -> String {
        let Some(pseudonym) = secret::needed() else { return String::new() };
        pseudonym(&mut self.secret, &self.dir, info, event, field, input)
    }

    /// The id of this installation on a day, where the SDK declares one and nothing speaks against it here.
    ///
    /// # Errors
    ///
    /// If it cannot be known or written down at this moment. It is tried again, after a second.
    pub(crate) fn installation(&mut self, sdk: Sdk, day: u32) -> io::Result<Option<String>> {
        let Some(epoch) = sdk.info.identity.map(|identity| identity.epoch(day)) else { return Ok(None) };
        if let Some((of, id)) = &self.installation
            && *of == epoch
        {
            return Ok(Some(id.clone()));
        }
        if self.installation_failed.is_some_and(|at| clock::since(at) < CONSENT_READ) {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let id = installation::of(sdk, &self.dir, &self.destination, epoch);
        self.installation_failed = id.is_err().then(clock::instant);
        if let Ok(Some(id)) = &id {
            self.installation = Some((epoch, id.clone()));
        }
        id
    }

    pub(crate) fn outgoing(&mut self, sdk: Sdk) -> Option<Outgoing> {
        let permit = permit::issue(sdk, self.decision)?;
        Some(Outgoing {
            permit,
            backlog: self.backlog.take(),
            agreed: Arc::clone(&self.agreed),
            send_after: self.send_after,
        })
    }

    /// Whether something may be delivered at the end of the program: there is something, and the gate lets it go.
    pub(crate) fn may_deliver(&self, sdk: Sdk) -> bool {
        let waiting = sdk.state.ledger.waiting() > 0 || self.has_events_of_its_own();
        // A notice was shown in this run: nothing is sent before there was time to read it.
        waiting && !self.told_in_this_run() && permit::issue(sdk, self.decision).is_some()
    }

    /// Ends what this process holds, where the user has said no or has removed the folder.
    pub(super) fn discard_held(&mut self, sdk: Sdk) {
        self.spool.discard_held(clock::now_ms(), &sdk.state.ledger);
    }

    /// Deletes what this process spooled.
    pub(crate) fn discard_own(&mut self, sdk: Sdk) {
        self.spool.discard_own(clock::now_ms(), &sdk.state.ledger);
    }
}
