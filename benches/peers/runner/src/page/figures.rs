//! Figures and names as they stand in tables.

use crate::{
    clients::{Client, client},
    results::Figure,
};

/// A figure and its ratio to this framework's.
pub(super) fn with_ratio(value: f64, ours: Option<f64>) -> String {
    match ours.filter(|ours| *ours > 0.0) {
        Some(ours) if value > 0.0 => format!("{} ({} ×)", number(value), ratio(value / ours)),
        _ => number(value),
    }
}

pub(super) fn ratio(ratio: f64) -> String {
    match ratio {
        large if large >= 10.0 => format!("{large:.0}"),
        middle if middle >= 0.95 => format!("{middle:.1}"),
        _ => format!("{ratio:.2}"),
    }
}

/// Three figures that count, and thousands apart.
pub(super) fn number(value: f64) -> String {
    match value.abs() {
        large if large >= 100.0 => {
            let digits = format!("{:.0}", large);
            let mut text = String::new();
            for (place, digit) in digits.chars().enumerate() {
                if place > 0 && (digits.len() - place).is_multiple_of(3) {
                    text.push(',');
                }
                text.push(digit);
            }
            text
        }
        middle if middle >= 10.0 => format!("{value:.1}"),
        0.0 => "0".to_owned(),
        _ => format!("{value:.2}"),
    }
}

pub(super) fn figure(figure: &Figure) -> String {
    format!("{} – {}", number(figure.least), number(figure.most))
}

pub(super) fn name(id: &str) -> &str {
    client(id).map_or(id, |client: &Client| client.name)
}
