//! Who answers for an event, what it is for, and when it ends.

use telemetry_schema::EventDescriptor;

use super::Day;
use crate::{
    config::Config,
    finding::{Finding, Level, Rule},
};

/// So many days ahead an expiry is announced: time for a release in between.
const EXPIRES_SOON: i64 = 30;

fn in_days(days: i64) -> String {
    match days {
        0 => "which is today".to_owned(),
        1 => "in 1 day".to_owned(),
        days => format!("in {days} days"),
    }
}

pub(super) fn check(event: &EventDescriptor, config: &Config, today: Day, findings: &mut Vec<Finding>) {
    let require = &config.require;
    let mut found = |rule, message: String, repair: String| {
        findings.push(Finding::new(rule, message, repair).of_event(&event.key()).at(&event.at));
    };
    for (required, rule, value, missing, word) in [
        (require.owner, Rule::RequireOwner, &event.owner, "has no owner", "owner = \"TEAM\""),
        (require.purpose, Rule::RequirePurpose, &event.purpose, "does not say what it is for", "purpose = \"WHY\""),
        (require.review, Rule::RequireReview, &event.reviewed, "has no link to a review", "reviewed = \"https://…\""),
        (
            require.expires,
            Rule::RequireExpires,
            &event.expires,
            "does not say when it ends",
            "expires = \"YYYY-MM-DD\"",
        ),
    ] {
        if required && value.as_deref().is_none_or(|text| text.trim().is_empty()) {
            found(rule, missing.to_owned(), format!("write `{word}` into its attribute"));
        }
    }
    let Some(expires) = &event.expires else { return };
    let Some(last) = Day::parse(expires) else {
        if let Some(days) = require.max_expiry_days {
            let message = format!("expires is {expires:?}; at most {days} days from today are allowed");
            found(
                Rule::ExpiryTooFar,
                message,
                "name an earlier day, and prolong it after a look at the data".to_owned(),
            );
        }
        return;
    };
    let left = last.days_after(today);
    if left < 0 && config.deny.expired {
        let message = format!("has expired on {expires} and is not recorded any more");
        found(Rule::Expired, message, "remove the event, or prolong it if somebody still reads it".to_owned());
    }
    if (0..=EXPIRES_SOON).contains(&left) {
        let message = format!("expires on {expires}, {}", in_days(left));
        let repair = "look at the data: prolong the event if somebody still reads it, or remove it";
        let finding = Finding::new(Rule::ExpiresSoon, message, repair).of_event(&event.key()).at(&event.at);
        findings.push(finding.level(Level::Warning));
        return;
    }
    if let Some(days) = require.max_expiry_days
        && left > i64::from(days)
    {
        let message = format!("expires on {expires}, in {left} days; at most {days} are allowed");
        found(Rule::ExpiryTooFar, message, "name an earlier day, and prolong it after a look at the data".to_owned());
    }
}
