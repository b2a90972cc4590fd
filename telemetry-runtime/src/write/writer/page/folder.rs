//! The state of one SDK in a page: what its keys say, and what is written to them; the same names as in `folder.rs`.

#[path = "agreement.rs"]
mod agreement;
#[path = "../folder/days.rs"]
mod days;
#[path = "../folder/memory.rs"]
mod memory;
#[path = "told.rs"]
mod told;

use std::{io, sync::Arc};

use telemetry_schema::{Level, Notice, Role};
use telemetry_spool::Digest;

pub(crate) use self::{agreement::Agreed, days::ActiveFlags};
use self::{
    agreement::Agreement,
    told::{Telling, tell},
};
use crate::{
    base::{
        clock::{self, Instant},
        collections::{HashMap, HashSet},
        effects::{self, Effect},
        limits::SAME_RUN_HOLD,
    },
    count::{LedgerCounts, ledger::Outcome},
    decide::{
        consent::{Consent, ConsentError},
        facts::{FileFacts, StoredConsent},
        gate,
        layer::{LayerDecision, Verdict},
        loopback,
        notice::AgreedSet,
        policy::Policies,
        settings,
    },
    declare::{
        registry::metas_of,
        sdk::{Mode, Sdk, SdkInfo},
    },
    record::events,
    write::{
        files::{
            breaker_file,
            consent_file::{self, ConsentFile, ConsentState},
            ledger_file,
            memory_file::{self, Memory},
            state_dir::{self, SdkDir},
            told_file::{self, Told},
        },
        frame_buffer::FrameBuffer,
        page_spool::{self, PageSpool},
        writer::{
            counters,
            permit::{self, SendPermit},
            secret::{self, Secret},
        },
    },
};

/// What is known of the state in this page.
#[derive(Debug)]
pub(crate) enum Files {
    /// Nobody looked yet.
    Unread,
    /// It says that nothing may be recorded, or not yet; under which word events end meanwhile.
    Closed(Outcome),
    /// It cannot be written, for this reason.
    NoFolder(String),
    /// Events are appended.
    Open(Box<StateFolder>),
}

/// The state of an SDK for which all layers of the gate have said yes.
#[derive(Debug)]
pub(crate) struct StateFolder {
    dir: Arc<SdkDir>,
    pub(crate) spool: PageSpool,
    /// All pages of an origin are one program.
    host: String,
    /// Where events of this page go.
    destination: Digest,
    decision: Verdict,
    /// How much the user lets be recorded.
    level: Level,
    /// What the user had decided when this was opened.
    consent: Option<Consent>,
    memory: Memory,
    memory_saved: Option<Instant>,
    memory_changed: bool,
    /// Throttle marks of earlier pages with the tick at which they expire.
    remembered: HashMap<u64, u32>,
    awaiting_consent: HashSet<String>,
    agreed: Arc<Agreed>,
    secret: Option<Secret>,
    /// The day whose active event this page has tried to record.
    active_tried: Option<u32>,
    /// Whether something was appended since the writer asked.
    appended: bool,
    /// The day on which this page has looked for losses to tell.
    health_tried: Option<u32>,
    /// With a notice shown in this page: nothing is sent before, and what was recorded before it was shown is no event.
    send_after: Option<Instant>,
}

/// What the sender gets of a writer.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) permit: SendPermit,
    pub(crate) dir: Arc<SdkDir>,
    /// All events that the user was ever told of; others wait.
    pub(crate) agreed: Arc<Agreed>,
    pub(crate) send_after: Option<Instant>,
}

/// What was read, before anything was decided by it.
struct Reading {
    dir: Option<SdkDir>,
    consent: StoredConsent,
    /// How much the user lets be recorded.
    level: Level,
    told: Told,
    memory: Memory,
}

fn read(sdk: Sdk) -> Reading {
    effects::note(Effect::Files);
    let dir = match SdkDir::of(sdk.info.name) {
        Ok(dir) => dir,
        Err(reason) => {
            let consent = StoredConsent::NoFolder(reason.to_owned());
            let (told, memory) = (Told::default(), Memory::default());
            return Reading { dir: None, consent, level: Level::Usage, told, memory };
        }
    };
    let mut level = Level::Usage;
    let consent = match consent_file::load(&dir) {
        ConsentState::Absent => StoredConsent::Undecided,
        ConsentState::Unreadable(reason) => StoredConsent::Unreadable(reason),
        ConsentState::Loaded(file) => {
            level = file.level.unwrap_or(level);
            file.consent.map_or(StoredConsent::Undecided, StoredConsent::Decided)
        }
    };
    let (told, memory) = (told_file::load(&dir), memory_file::load(&dir));
    Reading { dir: Some(dir), consent, level, told, memory }
}

/// Whether a page is under development: then a library asks nobody first, and tells its developer.
fn is_in_development(sdk: Sdk) -> bool {
    let settings = settings::of(sdk);
    let workshop = settings.environment.as_ref().is_some_and(|environment| environment.is_workshop());
    let key = sdk.info.has_instances() && settings.options.instance.as_ref().is_some_and(|key| key.is_development());
    sdk.info.role == Role::Library && (key || (sdk.info.debug_build && workshop))
}

/// Asks the layers that need what is stored, in one of the two ways in which they are asked.
fn decide<T>(sdk: Sdk, reading: &Reading, ask: fn(&FileFacts<'_>) -> T) -> T {
    let lifted = loopback::lifts(sdk.info, &settings::of(sdk).options);
    ask(&FileFacts {
        sdk: sdk.info,
        policies: &Policies::NONE,
        gone: reading.memory.is_gone(sdk.info.endpoint, sdk.info.version),
        consent: &reading.consent,
        opt_in: !lifted && !is_in_development(sdk),
    })
}

fn decided(consent: &StoredConsent) -> Option<Consent> {
    match consent {
        StoredConsent::Decided(consent) => Some(*consent),
        _ => None,
    }
}

/// Reads the state and decides by it; answers with the mode in which the SDK goes on, and whether a notice is due that
/// could not be shown.
pub(crate) fn read_and_decide(sdk: Sdk) -> (Files, Mode) {
    sdk.info.needs.note();
    metas_of(sdk.info).into_iter().for_each(|meta| meta.needs.note());
    let Reading { dir, consent, level, told, memory } = {
        let reading = read(sdk);
        if decide(sdk, &reading, gate::verdict_by_files) == Verdict::Off || reading.dir.is_none() {
            if let (StoredConsent::Decided(Consent::Off), Some(dir)) = (&reading.consent, &reading.dir) {
                erase(dir, false);
                return (Files::Closed(Outcome::OptedOut), Mode::Off);
            }
            return (Files::Closed(Outcome::GateClosed), Mode::Off);
        }
        reading
    };
    let Some(dir) = dir.map(Arc::new) else { return (Files::Closed(Outcome::GateClosed), Mode::Off) };
    let decision = if decided(&consent) == Some(Consent::Local) { Verdict::Local } else { Verdict::Allows };
    let wanted = AgreedSet::of(sdk);
    let mut agreement = Agreement::of(&wanted, &told, level);
    let mut send_after = None;
    if loopback::lifts(sdk.info, &settings::of(sdk).options) {
        agreement = Agreement::complete(&wanted, &told, level);
    } else if !agreement.is_complete() {
        match tell(sdk, &dir, &wanted, &agreement.news(), is_in_development(sdk)) {
            Ok(Telling::NotShown) => {}
            Ok(Telling::ByHost) => agreement = Agreement::complete(&wanted, &told, level),
            Ok(Telling::Printed) if sdk.info.notice == Notice::SameRun => {
                agreement = Agreement::complete(&wanted, &told, level);
                send_after = Some(clock::instant() + SAME_RUN_HOLD);
            }
            Ok(Telling::Printed) => {}
            Err(reason) => return (Files::NoFolder(reason), Mode::Off),
        }
    }
    if agreement.untold {
        return (Files::Closed(Outcome::BeforeNotice), Mode::AwaitingNotice);
    }
    let Some(spool) = PageSpool::new() else {
        return (Files::NoFolder("the browser has no random numbers".to_owned()), Mode::Off);
    };
    let mut folder = StateFolder {
        dir,
        spool,
        host: "page".to_owned(),
        destination: destination(sdk),
        decision,
        level,
        consent: decided(&consent),
        memory,
        memory_saved: None,
        memory_changed: false,
        remembered: HashMap::new(),
        awaiting_consent: agreement.awaiting_consent,
        agreed: agreement.agreed,
        secret: None,
        active_tried: None,
        appended: false,
        health_tried: None,
        send_after,
    };
    folder.roll_for(sdk, clock::today());
    folder.remember_earlier();
    events::flag_all(sdk, &folder.awaiting_consent, folder.level);
    (Files::Open(Box::new(folder)), Mode::On)
}

/// Where events of this page go.
pub(crate) fn destination(sdk: Sdk) -> Digest {
    sdk.info.destination.to_be_bytes()
}

/// What pages of this origin have counted and not sent, as the events that it becomes when their days are over.
pub(crate) fn counted(sdk: Sdk) -> Vec<String> {
    metas_of(sdk.info).into_iter().for_each(|meta| meta.needs.note());
    if counters::needed().is_none() {
        return Vec::new();
    }
    let memory = read(sdk).memory;
    let destination = format!("{:032x}", sdk.info.destination);
    let rows = memory.counts.iter().filter(|(counted, _)| counted.destination == destination);
    rows.map(|(counted, sum)| counted.event(sum)).collect()
}

/// What this SDK is known by in `breaker.json`.
pub(crate) fn breaker_entry(sdk: Sdk) -> String {
    let endpoint = loopback::endpoint(sdk.info, &settings::of(sdk).options);
    breaker_file::entry(&endpoint, &destination(sdk))
}

/// Stores a decision of the user; `Off` removes what waits, of all pages, and so does a level below the one that held.
pub(crate) fn store_consent(sdk: Sdk, consent: Consent, level: Option<Level>) -> Result<(), ConsentError> {
    let no_folder = |reason: String| ConsentError::NoFolder { reason };
    let dir = SdkDir::of(sdk.info.name).map_err(|reason| no_folder(reason.to_owned()))?;
    // Where there is no notice at all the host has asked in its own words: the answer is to what it asked for.
    if consent != Consent::Off && sdk.info.notice == Notice::None {
        told::remember(&dir, &AgreedSet::of(sdk)).map_err(no_folder)?;
    }
    let before = read(sdk).level;
    let file = consent_file::decided(&dir, consent, level);
    let is_less = file.level.is_some_and(|level| level < before);
    // First: it makes room for a no where there is none.
    if consent == Consent::Off || is_less {
        erase(&dir, false);
    }
    let mut stored = consent_file::store(&dir, &file, true);
    if stored.is_err() && (consent != Consent::On || is_less) {
        // A yes to more would hold for other pages, and at the next load. Without it there is room for this one; or it is a no. Where nothing at all may be
        // written, nobody has decided.
        let _ = dir.replace_small(consent_file::NAME, b"", true).or_else(|_| dir.remove(consent_file::NAME));
        stored = consent_file::store(&dir, &file, true);
    }
    stored.map_err(|error| no_folder(state_dir::why(&error)))
}

/// Removes what waits and what was counted, of all pages; or everything.
fn erase(dir: &SdkDir, everything: bool) {
    for name in dir.names("") {
        // Whether this page needs the ledger nobody may have said yet.
        if everything || page_spool::is_of_pages(&name) || name == ledger_file::NAME {
            let _ = dir.remove(&name);
        }
    }
    memory_file::forget_counts(dir);
}

impl StateFolder {
    /// Appends frames to the key of this page.
    pub(crate) fn append_frames(&mut self, sdk: Sdk, frames: &mut FrameBuffer) -> Result<(), Outcome> {
        self.spool.append(&self.dir, frames, &sdk.state.ledger)?;
        self.appended = true;
        Ok(())
    }

    /// Whether something was appended since this was last asked.
    pub(crate) fn has_appended(&mut self) -> bool {
        std::mem::take(&mut self.appended)
    }

    /// As [`StateFolder::consent_changed`].
    pub(crate) fn has_decided_otherwise(&mut self, sdk: Sdk) -> bool {
        self.consent_changed(sdk)
    }

    /// Nobody removes what a page keeps but by a decision, or a browser that forgets.
    pub(crate) fn is_removed(&self) -> bool {
        let _ = &self.dir;
        false
    }

    /// Says whether another page has stored another decision since. `off`, what cannot be read, a lower level, and a decision that is there no more
    /// end what this page holds.
    pub(crate) fn consent_changed(&mut self, sdk: Sdk) -> bool {
        let file = match consent_file::load(&self.dir) {
            ConsentState::Absent => ConsentFile::default(),
            ConsentState::Unreadable(_) => {
                self.discard(sdk, Outcome::OptedOut);
                return true;
            }
            ConsentState::Loaded(file) => file,
        };
        let level = file.level.unwrap_or(Level::Usage);
        let is_forgotten = file.consent.is_none() && self.consent.is_some();
        if file.consent == Some(Consent::Off) || level < self.level || is_forgotten {
            self.discard(sdk, Outcome::OptedOut);
        }
        if is_forgotten {
            // What a page writes at the moment at which another one clears it may come behind that.
            erase(&self.dir, true);
        }
        file.consent != self.consent || level != self.level
    }

    /// A page has no handles that somebody could close.
    pub(crate) fn is_lost(&self) -> bool {
        let _ = &self.dir;
        false
    }

    pub(crate) fn dir(&self) -> &Arc<SdkDir> {
        &self.dir
    }

    /// The name of the program.
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// What was lost and is still to be told.
    pub(crate) fn losses_to_tell(
        &self,
        today: u32,
        will_tell: impl FnOnce(&LedgerCounts) -> LedgerCounts,
    ) -> Option<LedgerCounts> {
        ledger_file::losses_to_tell(&self.dir, today, will_tell)
    }

    pub(crate) fn agreed(&self) -> Arc<Agreed> {
        Arc::clone(&self.agreed)
    }

    pub(crate) fn destination(&self) -> Digest {
        self.destination
    }

    /// Whether the user lets it be sent at all.
    pub(crate) fn may_send(&self) -> bool {
        self.decision == Verdict::Allows
    }

    /// How much the user lets be recorded.
    pub(crate) fn level(&self) -> Level {
        self.level
    }

    /// Whether the notice was shown in this page, after events had already been queued.
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

    /// None: `sdk!` refuses `identity` for pages.
    ///
    /// # Errors
    ///
    /// Never.
    pub(crate) fn installation(&mut self, _: Sdk, _: u32) -> io::Result<Option<String>> {
        Ok(None)
    }

    pub(crate) fn outgoing(&mut self, sdk: Sdk) -> Option<Outgoing> {
        let permit = permit::issue(sdk, self.decision)?;
        let (dir, agreed) = (Arc::clone(&self.dir), Arc::clone(&self.agreed));
        Some(Outgoing { permit, dir, agreed, send_after: self.send_after })
    }

    /// Ends what this page holds.
    pub(crate) fn discard(&mut self, sdk: Sdk, outcome: Outcome) {
        self.spool.discard(&self.dir, outcome, &sdk.state.ledger);
    }

    /// The page goes away, or into the back-forward cache: whoever comes next sends what is here.
    pub(crate) fn leave(&mut self, sdk: Sdk) {
        let events = self.spool.leave(&self.dir, sdk.info.wire, &sdk.state.ledger);
        sdk.state.ledger.end_elsewhere(events);
        if let Some(next) = PageSpool::new() {
            self.spool = next;
        }
    }

    /// Whether this page will take over what other pages have left.
    pub(crate) fn claim(&self) -> bool {
        self.spool.claim(&self.dir)
    }

    /// Takes it over, if no other page has said since that it does.
    pub(crate) fn adopt(&mut self, sdk: Sdk) {
        self.spool.adopt(&self.dir, sdk.info.wire, &sdk.state.ledger);
    }
}

/// The state as `status` shows it.
#[derive(Debug)]
pub(crate) struct StoredView {
    /// What became of the events of all pages, where the SDK declares `health`.
    pub(crate) total: Option<(u32, LedgerCounts)>,
    /// How much the user lets be recorded.
    pub(crate) level: Level,
    pub(crate) layers: Vec<LayerDecision>,
    pub(crate) dir: Option<String>,
    pub(crate) awaiting_notice: bool,
    /// Events that the user was not told of, though of others, and what is new about them.
    pub(crate) awaiting_consent: Vec<String>,
    /// The state, if there is a place for it.
    pub(crate) folder: Option<SdkDir>,
}

/// What the state says now, and what this page has learnt by trying to write to it.
pub(crate) fn view(sdk: Sdk, files: &Files) -> StoredView {
    let mut reading = read(sdk);
    let lifted = loopback::lifts(sdk.info, &settings::of(sdk).options);
    let agreement = Agreement::of(&AgreedSet::of(sdk), &reading.told, reading.level);
    if let Files::NoFolder(reason) = files {
        reading.consent = StoredConsent::NoFolder(reason.clone());
    }
    let (decision, layers) = decide(sdk, &reading, gate::decide_by_files);
    sdk.info.needs.note();
    let ledger = reading.dir.as_ref().filter(|_| ledger_file::needed().is_some()).and_then(ledger_file::read);
    StoredView {
        total: ledger.map(|ledger| (ledger.since, ledger.counts.net())),
        level: reading.level,
        layers,
        dir: reading.dir.as_ref().map(|dir| format!("localStorage {}", dir.prefix())),
        awaiting_notice: decision != Verdict::Off && agreement.untold && !lifted,
        awaiting_consent: if lifted || agreement.untold { Vec::new() } else { agreement.awaiting() },
        folder: reading.dir,
    }
}
