//! What comes in: one request, from its head to its answer, in this order: path, method, declared length, how often the address
//! asks, the body within bounds, its unpacking within bounds, the format, each event against what its SDK declares, repeats, the
//! commit. Limits of connections and heads stand before it, in [`crate::serve`].

mod answer;
mod body;
mod event;
mod json;
mod otlp;
mod rate;
mod request;
mod shown;
mod tally;
mod text;

use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{Arc, PoisonError, RwLock},
    time::Instant,
};

use axum::{
    body::Body,
    http::{HeaderMap, Method, Request, Response, request::Parts},
};
use bytes::Bytes;
use hyper::body::{Body as _, Incoming};

use self::{
    answer::Answer,
    event::{Context, Read},
    rate::RateLimit,
    tally::Tally,
};
use crate::{
    clock::Clock,
    commit::{Committer, Refused},
    config::Config,
    metrics::Metrics,
    reason::Reason,
    registry::{Registry, Route, Sdk},
    store::{Batch, Forget, Written},
    watchers::Watchers,
};

/// What answers clients. One for all connections.
#[derive(Debug)]
pub struct Ingest {
    config: Config,
    registry: RwLock<Arc<Registry>>,
    rate: RateLimit,
    committer: Committer,
    clock: Clock,
    metrics: Arc<Metrics>,
    tally: Tally,
    watchers: Watchers,
}

impl Ingest {
    /// Answers from this registry, and keeps what it takes by this committer.
    pub fn new(config: Config, registry: Registry, committer: Committer, clock: Clock, metrics: Arc<Metrics>) -> Self {
        let rate = RateLimit::new(config.rate.clone());
        let registry = RwLock::new(Arc::new(registry));
        Self {
            config,
            registry,
            rate,
            committer,
            clock,
            metrics,
            tally: Tally::default(),
            watchers: Watchers::default(),
        }
    }

    /// Takes another registry from the next request on.
    pub fn set_registry(&self, registry: Registry) {
        *self.registry.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(registry);
    }

    /// The registry that is asked now.
    pub fn registry(&self) -> Arc<Registry> {
        Arc::clone(&self.registry.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whoever watches.
    pub const fn watchers(&self) -> &Watchers {
        &self.watchers
    }

    /// Hands what was refused since the last call to the store, as counts.
    pub fn flush_tally(&self) {
        for batch in self.tally.take() {
            self.committer.note(batch);
        }
    }

    /// Returns when all that was handed to the store before is written, or was refused.
    pub async fn settle(&self) {
        let batch = Batch {
            sdk: "".into(),
            received: self.clock.today(),
            key: None,
            is_dated: false,
            events: Vec::new(),
            outcomes: Vec::new(),
        };
        let _ = self.committer.commit(batch).await;
    }

    /// Answers one request.
    pub async fn handle(&self, peer: IpAddr, request: Request<Incoming>) -> Response<Body> {
        let (head, mut body) = request.into_parts();
        let admitted = self.admit(peer, &head, &body);
        let is_otlp = matches!(admitted, Ok((Route::Logs, _)));
        let answer = match admitted {
            Ok((route, sdk)) => self.take(route, &sdk, &head, &mut body).await.unwrap_or_else(|answer| answer),
            Err(answer) => answer,
        };
        let told = request::encoding(&head.headers).filter(|_| is_otlp).map(|encoding| otlp::told(&answer, encoding));
        // The client reads an answer only when it has sent all; a slow one is not waited for.
        let is_read =
            body.is_end_stream() || (answer != Answer::Stalled && body::drain(&mut body, &self.config.limits).await);
        let response = answer.response(told, is_read);
        self.metrics.answered(response.status().as_u16());
        response
    }

    /// All that can be said before the body.
    fn admit(&self, peer: IpAddr, head: &Parts, body: &Incoming) -> Result<(Route, Arc<Sdk>), Answer> {
        let limits = &self.config.limits;
        if head.uri.path().len() + head.uri.query().map_or(0, str::len) > limits.url_bytes {
            return Err(Answer::UrlTooLong);
        }
        let registry = self.registry();
        let (route, sdk) = registry.at(head.uri.path()).ok_or(Answer::NotFound)?;
        if head.method == Method::OPTIONS {
            return Err(Answer::Preflight);
        }
        if head.method.as_str() != route.method() {
            return Err(Answer::Method(route.method()));
        }
        if body::declares_too_much(body, limits) {
            return Err(Answer::TooLarge);
        }
        self.rate.ask(self.address(peer, &head.headers), Instant::now()).map_err(Answer::TooOften)?;
        // What was sent before can be deleted, whatever becomes of the SDK.
        if sdk.is_retired && route != Route::Erase { Err(Answer::Gone) } else { Ok((route, Arc::clone(sdk))) }
    }

    /// Reads the request and keeps its events.
    async fn take(&self, route: Route, sdk: &Sdk, head: &Parts, body: &mut Incoming) -> Result<Answer, Answer> {
        let bytes = match route {
            Route::Beacon => Bytes::new(),
            Route::Event | Route::Report | Route::Logs | Route::Erase => {
                let coding = body::coding(&head.headers)?;
                let bytes = body::read(body, &self.config.limits).await?;
                body::unpack(bytes, coding, &self.config.limits)?
            }
        };
        let today = self.clock.today();
        if route == Route::Erase {
            let installation = request::installation(&bytes)?;
            let forget = Forget { sdk: Arc::clone(&sdk.name), installation, received: today };
            let deleted = self.committer.forget(forget).await;
            return deleted.map(Answer::Deleted).map_err(|_| Answer::Later(self.config.commit.retry_after_seconds));
        }
        let key = request::key(&head.headers);
        let read = key.and_then(|key| {
            let day = request::day(&head.headers)?;
            let context = Context { sdk, today, day, days: &self.config.days };
            Ok((key, day, request::read(route, &context, head, &bytes, &self.config.limits)?))
        });
        let (key, day, Read { events, mut refused, key: in_body }) = match read {
            Ok(read) => read,
            Err(answer) => {
                if let Answer::Refused(reason) = answer {
                    self.refuse(sdk, &BTreeMap::from([(reason, 1)]));
                }
                return Err(answer);
            }
        };
        self.refuse(sdk, &refused);
        if events.is_empty() {
            let only_retired = !refused.is_empty() && refused.keys().all(|reason| *reason == Reason::Retired);
            let taken = Answer::Taken { written: Written::default(), refused };
            return if only_retired { Err(Answer::Gone) } else { Ok(taken) };
        }
        let is_dated = day.is_some() || route == Route::Logs || events.iter().all(|event| event.id.is_some());
        let key = key.or(in_body);
        let shown = self.watchers.is_watched().then(|| shown::events(&sdk.name, &events));
        let batch = Batch { sdk: Arc::clone(&sdk.name), received: today, key, is_dated, events, outcomes: Vec::new() };
        match self.committer.commit(batch).await {
            Ok(written) => {
                if written.deleted > 0 {
                    let late = BTreeMap::from([(Reason::Deleted, written.deleted)]);
                    self.refuse(sdk, &late);
                    refused.extend(late);
                }
                if let Some(events) = shown {
                    self.watchers.show(&shown::answered(events, written));
                }
                Ok(Answer::Taken { written, refused })
            }
            Err(Refused::Busy | Refused::Failed | Refused::Ending) => {
                Err(Answer::Later(self.config.commit.retry_after_seconds))
            }
        }
    }

    fn refuse(&self, sdk: &Sdk, refused: &BTreeMap<Reason, u64>) {
        for (reason, n) in refused {
            self.metrics.refuse(*reason, *n);
            self.tally.add(&sdk.name, self.clock.today(), reason.word(), *n);
        }
        if !refused.is_empty() && self.watchers.is_watched() {
            self.watchers.show(&shown::refused(&sdk.name, refused));
        }
    }

    /// The address that counts: behind a proxy that is trusted, the last one that is none.
    fn address(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let trusted = &self.config.server.trusted_proxies;
        if !trusted.contains(&peer) {
            return peer;
        }
        let values = headers.get_all("x-forwarded-for");
        let texts: Vec<_> = values.iter().filter_map(|value| value.to_str().ok()).collect();
        let addresses: Vec<IpAddr> =
            texts.iter().flat_map(|text| text.split(',')).filter_map(|one| one.trim().parse().ok()).collect();
        addresses.into_iter().rev().find(|address| !trusted.contains(address)).unwrap_or(peer)
    }
}
