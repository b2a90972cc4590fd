//! `[[allow]]`: a rule that does not hold for one event, with the reason in writing.

use crate::{
    config::Config,
    finding::{Finding, Rule},
};

/// Takes excepted findings out, and adds one for every exception that excepts nothing.
pub(super) fn apply(findings: Vec<Finding>, config: &Config) -> Vec<Finding> {
    let mut used = vec![false; config.allow.len()];
    let mut left = Vec::new();
    for finding in findings {
        let mut excepted = false;
        for (allow, used) in config.allow.iter().zip(&mut used) {
            if allow.rule == finding.rule.id() && finding.event.as_deref().is_some_and(|key| names(&allow.event, key)) {
                *used = true;
                excepted = true;
            }
        }
        if !excepted {
            left.push(finding);
        }
    }
    for (allow, _) in config.allow.iter().zip(used).filter(|(_, used)| !used) {
        let message = format!("nothing needs the exception from `{}` for `{}`", allow.rule, allow.event);
        let repair = "remove it from telemetry-check.toml";
        left.push(Finding::new(Rule::UnusedException, message, repair).at(&config.name));
    }
    left
}

/// `sdk/event` names all its discriminants as well.
fn names(allowed: &str, key: &str) -> bool {
    key.strip_prefix(allowed).is_some_and(|rest| rest.is_empty() || (allowed.contains('/') && rest.starts_with('/')))
}
