//! Where the batches of one SDK go, and how.

use std::{cell::Cell, collections::HashMap, ptr, sync::Arc};

use telemetry_spool::{Backlog, Digest};

use crate::{
    base::{
        clock,
        effects::{self, Effect},
    },
    decide::{loopback, settings},
    declare::{
        sdk::{Sdk, SdkInfo},
        transport::{Cancel, Request, Response, Transport, TransportError},
    },
    send::{
        delivery::{Breaker, Delivery, Ended, Permission, Why, deliver},
        threads::now,
    },
    wire::format::Target,
    write::{
        files::state_dir,
        writer::{self, Agreed, Outgoing, SendPermit},
    },
};

/// The destinations of the SDKs that one thread sends for.
pub(crate) type Destinations = HashMap<*const SdkInfo, Destination>;

/// By what an SDK is known here.
pub(crate) fn key(sdk: Sdk) -> *const SdkInfo {
    ptr::from_ref(sdk.info)
}

/// The ready-made transport; `None` without a feature that brings one.
fn built_in() -> Option<Box<dyn Transport>> {
    #[cfg(has_transport)]
    let transport: Option<Box<dyn Transport>> = Some(crate::send::http::ready_made());
    #[cfg(not(has_transport))]
    let transport = None;
    transport
}

/// What sends the requests of an SDK.
pub(crate) fn transport(sdk: &SdkInfo) -> Option<Box<dyn Transport>> {
    sdk.transport.map(|make| make()).or_else(built_in)
}

/// Where the batches of one SDK go. It cannot be made without a [`SendPermit`], and it asks the permit before every request.
pub(crate) struct Destination {
    sdk: Sdk,
    consent: AgreedBy,
    backlog: Backlog,
    transport: Noted,
    cancel: Cancel,
    endpoint: String,
    user_agent: String,
    breaker: Breaker,
}

/// Hands what a writer gave out to the SDK's destination, and makes that on first use.
pub(crate) fn keep_backlog(destinations: &mut Destinations, sdk: Sdk, outgoing: Outgoing) -> Option<&mut Destination> {
    let Outgoing { permit, backlog, agreed, .. } = outgoing;
    let key = key(sdk);
    let consent = AgreedBy { last: Cell::new(None), permit, agreed };
    match backlog {
        // The state folder was opened, or opened again: the sender starts from what it says now.
        Some(backlog) => {
            let old = destinations.remove(&key);
            let made = Destination::new(sdk, consent, backlog, old)?;
            destinations.insert(key, made);
        }
        None => destinations.get_mut(&key)?.consent = consent,
    }
    destinations.get_mut(&key)
}

/// How requests of an SDK name who sends them.
pub(crate) fn user_agent(sdk: Sdk) -> String {
    format!("{}/{} telemetry-runtime/{}", sdk.info.name, sdk.info.version, env!("CARGO_PKG_VERSION"))
}

impl Destination {
    fn new(sdk: Sdk, consent: AgreedBy, mut backlog: Backlog, old: Option<Self>) -> Option<Self> {
        let endpoint = loopback::endpoint(sdk.info, &settings::of(sdk).options);
        let breaker = || Breaker::new(&writer::breaker_entry(sdk), clock::instant());
        let (transport, breaker) = match old {
            Some(old) if old.endpoint == endpoint => (old.transport, old.breaker),
            Some(old) => (old.transport, breaker()),
            // Without the feature `transport` and without one of the author's, events wait on disk.
            None => (Noted(transport(sdk.info)?), breaker()),
        };
        backlog.start(clock::now_seconds().saturating_mul(1000), &sdk.state.ledger);
        state_dir::sweep(backlog.parent());
        writer::renew_readme(sdk, backlog.parent());
        let permit = consent.permit;
        Some(Self {
            sdk,
            consent,
            backlog,
            transport,
            cancel: Cancel::new(move || !permit.holds()),
            breaker,
            endpoint,
            user_agent: user_agent(sdk),
        })
    }

    /// Sends until nothing is left or one attempt fails.
    pub(crate) fn deliver(&mut self, why: Why) -> Ended {
        deliver(
            &mut self.backlog,
            Delivery {
                target: Target { endpoint: &self.endpoint, user_agent: &self.user_agent },
                identity: self.sdk.info.identity,
                compress: self.sdk.info.compress,
                permission: &self.consent,
                breaker: &mut self.breaker,
                why,
                transport: &mut self.transport,
                cancel: &self.cancel,
                tally: &self.sdk.state.ledger,
                now: &now,
            },
        )
    }
}

/// The gate's word and the user's, as the delivery asks for them.
struct AgreedBy {
    /// What the user was asked about last and has agreed to: events of one kind follow each other.
    last: Cell<Option<Digest>>,
    permit: SendPermit,
    agreed: Arc<Agreed>,
}

impl Permission for AgreedBy {
    fn holds(&self) -> bool {
        self.permit.holds()
    }

    fn agrees(&self, digest: &Digest) -> bool {
        let agrees = self.last.get().as_ref() == Some(digest) || self.agreed.contains(digest);
        if agrees {
            self.last.set(Some(*digest));
        }
        agrees
    }
}

/// A transport whose requests are noted, for tests that assert that there were none.
struct Noted(Box<dyn Transport>);

impl Transport for Noted {
    fn send(&mut self, request: &Request, cancel: &Cancel) -> Result<Response, TransportError> {
        effects::note(Effect::Requests);
        self.0.send(request, cancel)
    }

    fn end_upload(&mut self) {
        self.0.end_upload();
    }
}
