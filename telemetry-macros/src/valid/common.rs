//! Rules for the words that events, `#[track_mount]` and `#[track_call]` share.

use syn::LitStr;

use super::{MAX_NAME, is_event_name, url};
use crate::{
    attr::{At, Common, LONGEST_THROTTLE, Throttle},
    date,
    errors::Errors,
};

pub(super) fn check(common: &Common, errors: &mut Errors) {
    name_is_plain(common.name.as_ref(), "an event's name", errors);
    sample_is_a_share(common.sample, errors);
    throttle_is_bounded(common.throttle, errors);
    reviewed_is_a_link(common.reviewed.as_ref(), errors);
    expires_is_a_date(common.expires.as_ref(), errors);
    for (word, text) in [("owner", &common.owner), ("purpose", &common.purpose), ("since", &common.since)] {
        is_not_empty(word, text.as_ref(), errors);
    }
}

/// What a counter holds back is the day's event.
pub(super) fn counter_has_no_throttle(common: &Common, errors: &mut Errors) {
    if let Some(throttle) = common.throttle {
        errors.at(throttle.span, "a counter is sent once a day, with how often it was recorded; remove `throttle`");
    }
}

/// Names travel in URLs, headers and shells; the letters of the three systems we model are enough.
pub(super) fn name_is_plain(name: Option<&LitStr>, what: &str, errors: &mut Errors) {
    if let Some(name) = name.filter(|name| !is_event_name(&name.value())) {
        let (own, plain) = (name.value(), plain(&name.value()));
        let instead = match is_event_name(&plain) {
            true => plain,
            false if own.is_empty() => "dialog_opened".to_owned(),
            false => own.chars().filter(char::is_ascii_alphanumeric).take(MAX_NAME).collect(),
        };
        let example = if instead.is_empty() { "dialog_opened" } else { &instead };
        errors.on(name, format!("{what} is 1 to 64 of the characters A-Z a-z 0-9 _ . : - such as `\"{example}\"`"));
    }
}

/// A name with everything that cannot be sent replaced.
fn plain(name: &str) -> String {
    let plain = |char: char| if char.is_ascii_alphanumeric() || "_.:-".contains(char) { char } else { '_' };
    name.trim().chars().map(plain).collect()
}

/// A rate is a share.
pub(super) fn sample_is_a_share(sample: Option<At<f64>>, errors: &mut Errors) {
    if let Some(sample) = sample.filter(|sample| !(0.0..=1.0).contains(&sample.value)) {
        errors.at(sample.span, "a sampling rate is a share from 0 to 1, such as `0.1`");
    }
}

/// A window is remembered on disk, so it has an end.
fn throttle_is_bounded(throttle: Option<At<Throttle>>, errors: &mut Errors) {
    let Some(At { value: Throttle::Rolling(hours), span }) = throttle else { return };
    if !(1..=LONGEST_THROTTLE).contains(&hours) {
        errors.at(span, format!("a rolling throttle lasts 1 to {LONGEST_THROTTLE} hours: `Rolling(24 h)`"));
    }
}

/// A review is something that a reader of the lock file can open.
fn reviewed_is_a_link(reviewed: Option<&LitStr>, errors: &mut Errors) {
    if let Some(link) = reviewed.filter(|link| !url::is_https(&link.value())) {
        errors.on(link, "`reviewed` is a link: `reviewed = \"https://acme.example/reviews/1\"`");
    }
}

/// After this day the event is not recorded, so it must be one.
fn expires_is_a_date(expires: Option<&LitStr>, errors: &mut Errors) {
    if let Some(text) = expires.filter(|text| date::expires_day(&text.value()).is_none()) {
        errors.on(text, "`expires` is a date that exists, `\"2027-06-30\"`, or `\"never\"`");
    }
}

/// An empty word would look like an answer.
pub(super) fn is_not_empty(word: &str, text: Option<&LitStr>, errors: &mut Errors) {
    if let Some(text) = text.filter(|text| text.value().trim().is_empty()) {
        errors.on(text, format!("`{word}` is empty; fill it in, or remove `{word}`"));
    }
}
