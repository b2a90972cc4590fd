//! Requests whose key is a header: all but those of our own format.

use telemetry_schema::{Carries, Wire};

use crate::{
    base::needs,
    declare::transport::Request,
    wire::format::{self, Target},
    write::page_spool::Outgoing,
};

needs::part!(fn(Wire, &str, &Outgoing) -> Option<Request> = request);

fn request(wire: Wire, endpoint: &str, batch: &Outgoing) -> Option<Request> {
    // A browser names itself, and nothing else.
    let target = Target { endpoint, user_agent: "" };
    let events: Vec<&[u8]> = batch.bodies.iter().map(|body| body.as_bytes()).collect();
    let request = format::request(wire, &target, &batch.key, batch.day, &events)?;
    let mut headers = request.headers().to_vec();
    headers.retain(|(name, _)| name != "user-agent" && wire.carries() != Carries::Address);
    Some(Request::new(request.method(), request.url().to_owned(), headers, request.body().to_vec()))
}
