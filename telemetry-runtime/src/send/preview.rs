//! The requests that the next upload would make, without a connection.
//!
//! Plans are made as an upload makes them, and stay: so the next upload sends these very bytes under these keys, unless the user
//! decides otherwise, another process sends first, or the server finds a request too large.

use crate::{
    base::{clock, limits::REQUESTS},
    decide::{loopback, settings},
    declare::{sdk::Sdk, transport::Request},
    send::threads::user_agent,
    wire::format::{self, Target},
    write::{spooled, writer},
};

/// The requests of the next upload, in order; the oldest events first.
pub(crate) fn requests(sdk: Sdk) -> Vec<Request> {
    let Some((mut backlog, agreed)) = writer::waiting(sdk) else { return Vec::new() };
    let endpoint = loopback::endpoint(sdk.info, &settings::of(sdk).options);
    let user_agent = user_agent(sdk);
    let target = Target { endpoint: &endpoint, user_agent: &user_agent };
    let (tally, unix_ms) = (&sdk.state.ledger, clock::now_ms());
    let (mut batches, mut requests) = (Vec::new(), Vec::new());
    backlog.begin_upload();
    while requests.len() < REQUESTS as usize
        && let Some(batch) = backlog.next(unix_ms, &|digest| agreed.contains(digest), tally)
    {
        let events: Vec<_> = batch.frames().map(|frame| frame.body).collect();
        let wire = spooled::wire_of(batch.kind());
        requests.extend(wire.and_then(|wire| format::request(wire, &target, batch.key(), batch.day(), &events)));
        batches.push(batch);
    }
    for batch in batches {
        backlog.put_back(batch, tally);
    }
    backlog.end_upload(unix_ms, tally);
    requests
}
