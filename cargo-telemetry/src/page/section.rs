//! The sections of the page, in the order in which a reader has questions.

mod event;
mod lead;
mod off;
mod request;
mod storage;
mod trust;

pub(super) use event::undeclared;
pub(super) use lead::lead;
pub(super) use trust::about_this_page;

use super::{Subject, document::Document};

/// All sections of one SDK.
pub(super) fn of_sdk(document: &mut Document, subject: &Subject<'_>) {
    lead::in_short(document, subject);
    off::turn_off(document, subject);
    off::by_itself(document, subject);
    event::events(document, subject);
    request::envelope(document, subject);
    storage::sending(document, subject);
    storage::on_your_machine(document, subject);
    trust::never(document, subject);
    trust::checked_and_declared(document, subject);
}
