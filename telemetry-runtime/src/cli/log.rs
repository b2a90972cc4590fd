//! `sent.log` for people: each request, what the server answered, what became of its events, and the events themselves.

use std::io::Write;

use super::act::Done;
use crate::{Sdk, sent_request};

pub(super) fn show(sdk: &Sdk, json: bool, out: &mut dyn Write) -> Done {
    let text = sdk.folder().map(|folder| folder.sent_log()).unwrap_or_default();
    if json {
        write!(out, "{text}")?;
        return Ok(Ok(()));
    }
    if text.is_empty() {
        writeln!(out, "Nothing was sent yet, as far as the log goes back.")?;
    }
    for request in text.lines().filter_map(sent_request) {
        write!(out, "{request}")?;
    }
    Ok(Ok(()))
}
