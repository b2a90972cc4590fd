//! The words of a notice, by the records of an SDK and its events.

use telemetry_schema::{
    notice::{Subject, text_with_news},
    record,
};

use crate::declare::{registry::events_of, sdk::SdkInfo};

/// The text; `None` if the record of the SDK was removed.
pub(super) fn text(info: &SdkInfo, news: &[String]) -> Option<String> {
    Some(text_with_news(&Subject::of(record::json(info.record)?)?, &events_of(info), news))
}
