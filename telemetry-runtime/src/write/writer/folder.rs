//! The state folder of one SDK: what it says, and what is written to it.

mod agreement;
mod decide;
mod tell;

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    env,
    path::Path,
    sync::{Arc, atomic::Ordering},
    time::Instant,
};

use telemetry_schema::{Notice, Record, Throttle, digest, record};

pub(crate) use self::agreement::Agreed;
pub(crate) use self::decide::store_consent;
use self::{agreement::Agreement, decide::erase, tell::Telling};
use telemetry_spool::{self as spool, AppendError, Backlog, Digest, Frame, Spool};

use crate::{
    base::{
        clock,
        effects::{self, Effect},
        limits::{CONSENT_READ, MEMORY_SAVE, SAME_RUN_HOLD},
        process,
    },
    count::ledger::Outcome,
    decide::{
        consent::Consent,
        facts::{FileFacts, StoredConsent},
        gate,
        layer::{LayerDecision, Verdict},
        loopback,
        notice::AgreedSet,
        policy::Policies,
        settings,
    },
    declare::{
        registry::all_sdks,
        sdk::{Mode, Sdk},
        used,
    },
    record::{events, throttle},
    write::files::state_dir::{self, README_BEGINS, SdkDir},
    write::{
        files::{
            breaker_file,
            consent_file::{self, ConsentFile, ConsentState},
            ledger_file::{self, At},
            memory_file::{self, Memory, SampleRoll},
            policy_file,
            told_file::{self, Told},
        },
        spooled,
        writer::{
            active::ActiveFlags,
            permit::{self, SendPermit},
            secret::Secret,
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
    /// Where events of this program go.
    destination: Digest,
    /// The half that sends, until the sender takes it.
    backlog: Option<Backlog>,
    decision: Verdict,
    /// What the user had decided when this was opened, and when that was last compared with the file.
    consent: Option<Consent>,
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
    /// The day whose active event this run has tried to record.
    active_tried: Option<u32>,
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

/// The state folder as `status` shows it.
#[derive(Debug)]
pub(crate) struct StoredView {
    pub(crate) total: Option<ledger_file::Total>,
    pub(crate) layers: Vec<LayerDecision>,
    pub(crate) dir: Option<String>,
    pub(crate) awaiting_notice: bool,
    /// Events that the user was not told of, though of others, and what is new about them.
    pub(crate) awaiting_consent: Vec<String>,
    /// The folder, if there is one.
    pub(crate) folder: Option<SdkDir>,
}

/// What was read, before anything was decided by it.
struct Reading {
    base: Option<std::path::PathBuf>,
    dir: Option<SdkDir>,
    consent: StoredConsent,
    policies: Policies,
    told: Told,
    memory: Memory,
}

/// Reads the folder without creating anything.
fn read(sdk: Sdk) -> Reading {
    effects::note(Effect::Files);
    let policies = policy_file::read();
    let unusable = |consent, policies| {
        let (told, memory) = (Told::default(), Memory::default());
        Reading { base: None, dir: None, consent, policies, told, memory }
    };
    let base = match state_dir::locate(|name| env::var_os(name)) {
        Ok(base) => base,
        Err(reason) => return unusable(StoredConsent::NoFolder(reason.to_string()), policies),
    };
    let dir = match state_dir::open(&base, sdk.info.name, false) {
        Ok(dir) => dir,
        Err(reason) => return unusable(StoredConsent::NoFolder(reason.to_string()), policies),
    };
    let consent = match dir.as_ref().map_or(ConsentState::Absent, consent_file::load) {
        ConsentState::Absent => StoredConsent::Undecided,
        ConsentState::Unreadable(reason) => StoredConsent::Unreadable(reason),
        ConsentState::Loaded(file) => file.consent.map_or(StoredConsent::Undecided, StoredConsent::Decided),
    };
    let told = dir.as_ref().map(told_file::load).unwrap_or_default();
    let memory = dir.as_ref().map(memory_file::load).unwrap_or_default();
    Reading { base: Some(base), dir, consent, policies, told, memory }
}

/// Whether the server has stopped this version at this endpoint.
fn is_gone(sdk: Sdk, memory: &Memory) -> bool {
    memory.is_gone(sdk.info.endpoint, sdk.info.version)
}

/// Asks the layers that need files.
fn decide(sdk: Sdk, reading: &Reading) -> (Verdict, Vec<LayerDecision>) {
    let gone = is_gone(sdk, &reading.memory);
    gate::decide_by_files(&FileFacts { sdk: sdk.info, policies: &reading.policies, gone, consent: &reading.consent })
}

/// Reads the folder and decides by it; answers with the mode in which the SDK goes on, and whether a notice is due that
/// could not be shown at this moment.
pub(crate) fn read_and_decide(sdk: Sdk) -> (Files, Mode, bool) {
    let reading = read(sdk);
    let (decision, _) = decide(sdk, &reading);
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
    let mut agreement = Agreement::of(&wanted, &reading.told);
    let mut send_after = None;
    let mut not_shown = false;
    if lifted {
        agreement = Agreement::complete(&wanted, &reading.told);
    } else if !agreement.is_complete() {
        match tell::tell(sdk, base, decided(&reading.consent), &wanted, &agreement.news()) {
            Ok(Telling::NotShown) => not_shown = matches!(sdk.info.notice, Notice::NextRun | Notice::SameRun),
            Ok(Telling::ByHost) => agreement = Agreement::complete(&wanted, &reading.told),
            Ok(Telling::Printed) if sdk.info.notice == Notice::SameRun => {
                agreement = Agreement::complete(&wanted, &reading.told);
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
    let destination = destination(sdk);
    let (spool, backlog) = spooled::open(Arc::clone(&dir), &host(), destination);
    let mut folder = StateFolder {
        dir,
        spool,
        destination,
        backlog: Some(backlog),
        decision,
        consent: decided(&reading.consent),
        consent_read: clock::instant(),
        policies: reading.policies,
        memory: reading.memory,
        memory_saved: None,
        memory_changed: false,
        remembered: HashMap::new(),
        awaiting_consent: agreement.awaiting_consent.into_keys().collect(),
        agreed: agreement.agreed,
        secret: None,
        active_tried: None,
        health_tried: None,
        send_after,
    };
    folder.roll_for(sdk, clock::today());
    folder.remember_earlier();
    folder.flag_awaiting_consent(sdk);
    (Files::Open(Box::new(folder)), Mode::On, not_shown)
}

/// The user's decision, if there is one.
fn decided(consent: &StoredConsent) -> Option<Consent> {
    match consent {
        StoredConsent::Decided(consent) => Some(*consent),
        _ => None,
    }
}

/// Creates the state folder of an SDK, with a README for whoever finds it.
fn create(base: &Path, sdk: Sdk) -> Result<SdkDir, String> {
    effects::note(Effect::Files);
    let dir = state_dir::open(base, sdk.info.name, true).map_err(|reason| reason.to_string())?;
    let dir = dir.ok_or_else(|| "the folder cannot be created".to_owned())?;
    state_dir::write_readme(&dir, &readme(sdk));
    Ok(dir)
}

/// Writes the README anew where it is that of another version.
pub(crate) fn renew_readme(sdk: Sdk, dir: &SdkDir) {
    state_dir::write_readme(dir, &readme(sdk));
}

fn readme(sdk: Sdk) -> String {
    let (name, env) = (sdk.info.name, sdk.info.env);
    // Of all SDKs of this name in the program, in an order that does not depend on which one writes.
    let of_name = |of: fn(Sdk) -> &'static str| {
        let sdks = all_sdks().into_iter().chain([sdk]).filter(|other| other.info.name == name);
        sdks.map(of).collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(", ")
    };
    let (endpoint, docs) = (of_name(|sdk| sdk.info.endpoint), of_name(|sdk| sdk.info.docs));
    format!(
        "{README_BEGINS}{name}.\n\n\
         spool/         events that wait to be sent, each to the place that you were told of: {endpoint}\n\
         sent.log       what was sent lately and how it ended, one request a line; sent.log.1 is the one before it\n\
         consent.json   what you decided\n\
         told           what you were told, as digests of its parts\n\
         memory.json    what was recorded today, so that nothing is recorded twice\n\
         breaker.json   when the next attempt to send may be made\n\
         ledger.*.json  how many events were recorded, sent and lost since when; ledger.*/ the same by running program\n\
         secret         the key of pseudonyms, if there are any; it never leaves this machine\n\n\
         To opt out for good, from this folder:\n\n    \
         echo '{{\"version\":1,\"consent\":\"off\",\"agreed\":{{}},\"sdk\":null}}' > consent.json\n\n\
         or set {env}_TELEMETRY_DISABLED=1 or DO_NOT_TRACK=1. Everything here may be deleted at any time.\n\
         What is collected: {docs}\n"
    )
}

/// What the folder says now, and what this process has learnt by trying to write to it.
pub(crate) fn view(sdk: Sdk, files: &Files) -> StoredView {
    let mut reading = read(sdk);
    let lifted = loopback::lifts(sdk.info, &settings::of(sdk).options);
    let agreement = Agreement::of(&AgreedSet::of(sdk), &reading.told);
    if let Files::NoFolder(reason) = files {
        reading.consent = StoredConsent::NoFolder(reason.clone());
    } else if !lifted
        && !agreement.is_complete()
        && let Some(base) = &reading.base
        && let Err(reason) = state_dir::may_write(base, sdk.info.name)
    {
        // Nothing was shown yet, and nothing will be.
        reading.consent = StoredConsent::NoFolder(reason.to_string());
    }
    let (decision, layers) = decide(sdk, &reading);
    let own = destination(sdk);
    StoredView {
        total: reading.dir.as_ref().and_then(|sdk| ledger_file::total(At { sdk, destination: &own }, clock::today())),
        layers,
        dir: reading.base.map(|base| base.join("telemetry").join(sdk.info.name).display().to_string()),
        awaiting_notice: decision != Verdict::Off && agreement.untold && !lifted,
        awaiting_consent: if lifted || agreement.untold { Vec::new() } else { agreement.awaiting() },
        folder: reading.dir,
    }
}

/// Where events of this program go.
pub(crate) fn destination(sdk: Sdk) -> Digest {
    match record::parse(sdk.info.record) {
        Ok(Record::Sdk(sdk)) => digest::destination(&sdk).to_be_bytes(),
        _ => Digest::default(),
    }
}

/// What this SDK is known by in `breaker.json`.
pub(crate) fn breaker_entry(sdk: Sdk) -> String {
    let endpoint = loopback::endpoint(sdk.info, &settings::of(sdk).options);
    breaker_file::entry(&endpoint, &destination(sdk))
}

/// The name under which this program spools: what it was started as, whatever became of its file since.
fn host() -> String {
    spool::host_name(process::started_as().as_deref())
}

/// How often it is tried to write down that a server wants no more; each try waits for the lock of `memory.json`.
const GONE_TRIES: u32 = 5;

impl StateFolder {
    /// Appends frames to the spool with one `write`, all of them or none.
    pub(crate) fn append_frames(&mut self, sdk: Sdk, frames: &[Frame<'_>]) -> Result<(), Outcome> {
        effects::note(Effect::Files);
        let mut appended = self.spool.append_all(frames, clock::now_ms(), &sdk.state.ledger);
        if appended == Err(AppendError::Vanished) && !self.has_decided_otherwise(sdk) {
            // Its events were sent; it was not erased.
            appended = self.spool.append_all(frames, clock::now_ms(), &sdk.state.ledger);
        }
        appended.map_err(|error| Outcome::from(error.outcome()))?;
        sdk.state.ledger.spooled(frames.len() as u64);
        Ok(())
    }

    /// Says whether another process has stored another decision since, or a policy has changed. Reads the files at most once
    /// per [`CONSENT_READ`].
    ///
    /// A stored `off` ends what this process holds.
    pub(crate) fn consent_changed(&mut self, sdk: Sdk) -> bool {
        clock::since(self.consent_read) >= CONSENT_READ && self.has_decided_otherwise(sdk)
    }

    /// As [`StateFolder::consent_changed`], at once.
    fn has_decided_otherwise(&mut self, sdk: Sdk) -> bool {
        self.consent_read = clock::instant();
        if policy_file::read() != self.policies {
            return true;
        }
        match consent_file::load(&self.dir) {
            ConsentState::Absent => self.consent.is_some(),
            ConsentState::Unreadable(_) => true,
            ConsentState::Loaded(ConsentFile { consent: Some(Consent::Off), .. }) => {
                self.spool.discard_held(clock::now_ms(), &sdk.state.ledger);
                true
            }
            ConsentState::Loaded(file) => file.consent != self.consent,
        }
    }

    /// Whether the host has closed the descriptors that this holds.
    pub(crate) fn is_lost(&self) -> bool {
        self.dir.is_lost() || self.spool.is_lost()
    }

    pub(crate) fn dir(&self) -> &Arc<SdkDir> {
        &self.dir
    }

    /// The ledger of a destination.
    pub(crate) fn ledger<'a>(&'a self, destination: &'a Digest) -> At<'a> {
        At { sdk: &self.dir, destination }
    }

    /// Whether the sender has the backlog, and may end events at any moment.
    pub(crate) fn is_sending(&self) -> bool {
        self.backlog.is_none()
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

    /// Makes the day's sample roll, or takes the one that this state folder remembers.
    pub(crate) fn roll_for(&mut self, sdk: Sdk, today: u32) {
        let sample_roll = match self.memory.sample_roll {
            Some(SampleRoll { day, value }) if day == today => value,
            _ => {
                let mut random = [0; 4];
                // Without random numbers the sample roll is 0: in every sample, as without sampling.
                let _ = getrandom::fill(&mut random);
                let sample_roll = u32::from_le_bytes(random);
                self.memory.sample_roll = Some(SampleRoll { day: today, value: sample_roll });
                self.memory_changed = true;
                sample_roll
            }
        };
        sdk.state.sample_roll.store(sample_roll, Ordering::Relaxed);
    }

    /// Fills the throttle with what earlier runs recorded.
    fn remember_earlier(&mut self) {
        let end_of_day = throttle::end_of_day();
        self.memory.forget_expired(clock::now_ticks());
        let of_today = self.memory.throttle_day == clock::today();
        let daily = self.memory.seen.iter().filter(|_| of_today).map(|mark| (*mark, end_of_day));
        self.remembered = daily.chain(self.memory.rolling.iter().map(|(mark, expires)| (*mark, *expires))).collect();
        for (mark, expires) in &self.remembered {
            // Also where an event of this run waits for this answer: it had to be taken for a new one.
            throttle::table().set(*mark, *expires);
        }
    }

    /// Marks events that the user was not told of, so that callers count them without asking anybody.
    fn flag_awaiting_consent(&self, sdk: Sdk) {
        for meta in used::metas().filter(|meta| std::ptr::eq(meta.sdk.info, sdk.info)) {
            let slot = meta.slot.load(Ordering::Acquire);
            if let Some((_, event)) = events::at(slot) {
                events::flag(meta, events::AWAITING_CONSENT, self.awaiting_consent.contains(&event.key()));
            }
        }
    }

    /// Whether the notice was shown in this run, after events had already been queued.
    pub(crate) fn told_in_this_run(&self) -> bool {
        self.send_after.is_some()
    }

    pub(crate) fn awaits_consent(&self, key: &str) -> bool {
        self.awaiting_consent.contains(key)
    }

    pub(crate) fn is_remembered(&self, mark: u64) -> bool {
        self.remembered.get(&mark).is_some_and(|expires| *expires > throttle::now())
    }

    /// Remembers over restarts that an event was recorded.
    pub(crate) fn remember(&mut self, mark: u64, throttle: Throttle) {
        match throttle {
            Throttle::None => return,
            Throttle::RollingHours(hours) => {
                // By the clock itself: the coarse one is behind where the machine slept.
                let expires = throttle::rolling_until(clock::now_ticks(), hours);
                self.memory.rolling.insert(mark, expires);
                throttle::table().set(mark, expires);
            }
            _ => {
                let today = clock::today();
                if self.memory.throttle_day != today {
                    self.memory.throttle_day = today;
                    self.memory.seen.clear();
                }
                self.memory.seen.insert(mark);
            }
        }
        self.memory_changed = true;
    }

    /// The flags of today's active event; `None` if it was recorded already, or tried in this run.
    pub(crate) fn begin_active_day(&mut self, today: u32) -> Option<ActiveFlags> {
        if self.active_tried == Some(today) {
            return None;
        }
        self.active_tried = Some(today);
        let days = self.memory.active_days(&spool::identity(&self.destination));
        ActiveFlags::of(days.map(|days| days.last_day), today)
    }

    /// Whether this run has still to look for losses to tell today.
    pub(crate) fn begin_health_day(&mut self, today: u32) -> bool {
        self.health_tried.replace(today) != Some(today)
    }

    /// Today's active event was recorded.
    pub(crate) fn end_active_day(&mut self, today: u32) {
        self.memory.count_active(&spool::identity(&self.destination), today);
        self.memory_changed = true;
    }

    pub(crate) fn pseudonym(&mut self, destination: u128, event: &str, field: &str, input: &[u8; 32]) -> String {
        let dir = &self.dir;
        self.secret.get_or_insert_with(|| Secret::of(dir)).pseudonym(destination, event, field, input)
    }

    /// The memory, to be written if it changed: at once, or at most once per [`MEMORY_SAVE`].
    pub(crate) fn take_memory(&mut self, at_once: bool) -> Option<(Arc<SdkDir>, Memory)> {
        let waited = self.memory_saved.is_none_or(|at| clock::since(at) >= MEMORY_SAVE);
        (self.memory_changed && (at_once || waited)).then(|| {
            self.memory_changed = false;
            self.memory_saved = Some(clock::instant());
            (Arc::clone(&self.dir), self.memory.clone())
        })
    }

    /// What was taken could not be written.
    pub(crate) fn keep_for_next_save(&mut self) {
        self.memory_changed = true;
    }

    /// Writes the memory if it changed, while the writer is held.
    pub(crate) fn save_memory(&mut self) {
        if self.memory_changed {
            // A memory that cannot be kept costs repeats, nothing else.
            let _ = memory_file::update(&self.dir, |there| {
                self.memory.merge(there);
                self.memory.forget_expired(clock::now_ticks());
                self.memory.clone()
            });
            self.memory_changed = false;
            self.memory_saved = Some(clock::instant());
        }
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

    /// Deletes what this process spooled.
    pub(crate) fn discard_own(&mut self, sdk: Sdk) {
        self.spool.discard_own(clock::now_ms(), &sdk.state.ledger);
    }

    /// Remembers that the server wants no more of this version.
    pub(crate) fn mark_gone(&mut self, sdk: Sdk) {
        let (endpoint, version) = (sdk.info.endpoint.to_owned(), sdk.info.version.to_owned());
        let gone = memory_file::Gone { endpoint, version };
        let remember = |memory: &mut Memory| {
            memory_file::update(&self.dir, |there| {
                memory.merge(there);
                memory.remember_gone(gone.clone());
                memory.clone()
            })
        };
        // One that cannot be kept costs another request that is answered with 410.
        self.memory_changed = (0..GONE_TRIES).all(|_| remember(&mut self.memory).is_err());
    }
}
