//! What a page is about: the SDK, the days, and where its numbers are.

use axum::http::Uri;
use clap::ValueEnum as _;

use crate::{
    answers::{Grain, Question, Scope},
    clock::Day,
    store::Days,
};

/// Days that are shown where the address names none: 26 weeks.
const DAYS: i32 = 182;

/// Days and periods of an address: `?by=week&from=2026-06-01&to=2026-06-30`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) by: Grain,
    pub(super) from: Day,
    pub(super) to: Day,
}

impl Range {
    /// Reads a query; keys that are empty count as left out, as forms send them.
    pub(super) fn of(uri: &Uri, today: Day) -> Result<Self, String> {
        let pairs: Vec<(String, String)> =
            axum::extract::Query::try_from_uri(uri).map_or_else(|_| Vec::new(), |query| query.0);
        let value = |key: &str| {
            pairs
                .iter()
                .rev()
                .find(|(name, _)| name == key)
                .map(|(_, value)| value.trim())
                .filter(|value| !value.is_empty())
        };
        let day = |key: &str, default: Day| {
            value(key).map_or(Ok(default), |text| {
                Day::parse(text).ok_or_else(|| format!("{key}: a day is written as 2026-11-22"))
            })
        };
        let by = value("by").map_or(Ok(Grain::Week), |text| {
            Grain::from_str(text, false).map_err(|_| "by: day, week or month".to_owned())
        })?;
        let to = day("to", today)?;
        let from = day("from", to.plus(1 - DAYS))?;
        Ok(Self { by, from: from.min(to), to })
    }

    pub(super) fn query(&self, by: Grain) -> String {
        format!("by={}&from={}&to={}", by.word(), self.from, self.to)
    }
}

/// One SDK on these days.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) sdk: String,
    pub(super) range: Range,
    pub(super) today: Day,
    pub(super) late_days: u16,
}

impl Asked {
    pub(super) fn scope(&self, by: Grain) -> Scope {
        let days = Days { from: self.range.from, to: self.range.to };
        Scope { sdk: self.sdk.clone(), days, by, today: self.today, late_days: self.late_days }
    }

    /// Where the numbers of a question are: the path without its ending, and the query.
    pub(super) fn source(&self, question: Question, by: Grain) -> (String, String) {
        (format!("/sdk/{}/{}", self.sdk, question.word()), self.range.query(by))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_days_or_gets_half_a_year() {
        let today = Day::parse("2026-11-22").unwrap();
        let of = |query: &str| Range::of(&format!("/?{query}").parse().unwrap(), today);
        let half = Range { by: Grain::Week, from: Day::parse("2026-05-25").unwrap(), to: today };
        assert_eq!(of("").unwrap(), half);
        assert_eq!(of("by=&from=&to=&more=1").unwrap(), half);
        let some = of("by=day&from=2026-11-01&to=2026-11-07").unwrap();
        assert_eq!(some.query(Grain::Month), "by=month&from=2026-11-01&to=2026-11-07");
        let turned = of("from=2026-11-07&to=2026-11-01").unwrap();
        assert_eq!((turned.from, turned.to), (turned.to, Day::parse("2026-11-01").unwrap()));
        for wrong in ["by=year", "from=yesterday", "to=2026-02-30"] {
            assert!(of(wrong).is_err(), "{wrong}");
        }
    }
}
