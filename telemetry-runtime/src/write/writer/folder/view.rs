//! The state folder as `status` shows it; nothing is written.

use std::sync::Arc;

use telemetry_schema::Level;
use telemetry_spool::Backlog;

use crate::{
    base::clock,
    count::LedgerCounts,
    decide::{
        facts::StoredConsent,
        gate,
        layer::{LayerDecision, Verdict},
        loopback,
        notice::AgreedSet,
        settings,
    },
    declare::sdk::Sdk,
    write::{
        files::{
            day_counts::Counted,
            ledger_file::{self, At},
            state_dir::{self, SdkDir},
        },
        spooled,
        writer::folder::{
            Files,
            agreement::{Agreed, Agreement},
            destination, host, reading,
        },
    },
};

/// The state folder as `status` shows it.
#[derive(Debug)]
pub(crate) struct StoredView {
    /// Since which day, and how many.
    pub(crate) total: Option<(u32, LedgerCounts)>,
    pub(crate) layers: Vec<LayerDecision>,
    pub(crate) dir: Option<String>,
    pub(crate) awaiting_notice: bool,
    /// Events that the user was not told of, though of others, and what is new about them.
    pub(crate) awaiting_consent: Vec<String>,
    /// How much the user lets be recorded.
    pub(crate) level: Level,
    /// The folder, if there is one.
    pub(crate) folder: Option<SdkDir>,
}

/// What waits for this program to send, and what of it the user was told of; `None` where there is no folder.
pub(crate) fn waiting(sdk: Sdk) -> Option<(Backlog, Arc<Agreed>)> {
    let reading = reading::read(sdk);
    let dir = Arc::new(reading.dir?);
    let wanted = AgreedSet::of(sdk);
    let agreement = match loopback::lifts(sdk.info, &settings::of(sdk).options) {
        true => Agreement::complete(&wanted, &reading.told, reading.level),
        false => Agreement::of(&wanted, &reading.told, reading.level),
    };
    let (_, backlog) = spooled::open(dir, &host(), destination(sdk), sdk.info.identity);
    Some((backlog, agreement.agreed))
}

/// What this program has counted and not sent, as the events that it becomes when their days are over.
pub(crate) fn counted(sdk: Sdk) -> Vec<String> {
    let reading = reading::read(sdk);
    let (host, destination) = (host(), format!("{:032x}", u128::from_be_bytes(destination(sdk))));
    let is_ours = |counted: &Counted| counted.host == host && counted.destination == destination;
    let rows = reading.memory.counts.iter().filter(|(counted, _)| is_ours(counted));
    rows.map(|(counted, sum)| counted.event(sum)).collect()
}

/// What the folder says now, and what this process has learnt by trying to write to it.
pub(crate) fn view(sdk: Sdk, files: &Files) -> StoredView {
    let mut reading = reading::read(sdk);
    let lifted = loopback::lifts(sdk.info, &settings::of(sdk).options);
    let agreement = Agreement::of(&AgreedSet::of(sdk), &reading.told, reading.level);
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
    let (decision, layers) = reading::decide(sdk, &reading, gate::decide_by_files);
    let own = destination(sdk);
    StoredView {
        total: reading
            .dir
            .as_ref()
            .and_then(|sdk| ledger_file::total(At { sdk, destination: &own }, clock::today()))
            .map(|total| (total.since, total.counts)),
        layers,
        dir: reading.base.map(|base| base.join("telemetry").join(sdk.info.name).display().to_string()),
        awaiting_notice: decision != Verdict::Off && agreement.untold && !lifted,
        awaiting_consent: if lifted || agreement.untold { Vec::new() } else { agreement.awaiting() },
        level: reading.level,
        folder: reading.dir,
    }
}
