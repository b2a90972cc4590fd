//! What a declaration of a page needs; the same names as in `needs.rs`. This file alone knows of all rooms of which something may be needed.

use telemetry_schema::{Kind, Wire};

use crate::base::{
    needs::{
        Needs, need_active_days, need_addresses, need_at_once, need_cleaning, need_counters, need_free_text,
        need_headers, need_health, need_levels, need_otlp, need_pseudonyms, need_rarer_types, need_remarkable, nothing,
    },
    said::{OfEvent, OfNotice, OfSdk},
};

/// What an event needs, by its record.
pub(super) const fn of_event(kind: Kind, record: &[u8]) -> Needs {
    let OfEvent { at_once, counter, level, text, pseudonym, notice } = OfEvent::of(kind, record);
    Needs(
        match (at_once, counter, level) {
            (true, ..) => || {
                need_at_once();
                need_levels();
            },
            (false, true, false) => need_counters,
            (false, true, true) => || {
                need_counters();
                need_levels();
            },
            (false, false, false) => nothing,
            (false, false, true) => need_levels,
        },
        match (text, pseudonym) {
            (false, false) => nothing,
            (true, false) => need_free_text,
            (false, true) => need_pseudonyms,
            (true, true) => || {
                need_free_text();
                need_pseudonyms();
            },
        },
        of_notice(notice),
    )
}

/// What an SDK needs, by its record.
pub(super) const fn of_sdk(wire: Wire, is_active: bool, has_health: bool, is_remarkable: bool, record: &[u8]) -> Needs {
    let OfSdk { at_once, wire, active, health, notice } = OfSdk::of(wire, is_active, has_health, is_remarkable, record);
    let wire: fn() = match wire {
        // Rare in a page, where nobody waits for a disk.
        _ if at_once => || {
            need_at_once();
            need_headers();
            need_otlp();
            need_addresses();
        },
        Wire::EventBatch { strict: false } => nothing,
        Wire::EventBatch { strict: true } | Wire::Report => need_headers,
        Wire::Otlp => || {
            need_headers();
            need_otlp();
        },
        Wire::Beacon => || {
            need_headers();
            need_addresses();
        },
    };
    let days = match (active, health) {
        (false, false) => nothing,
        (true, false) => need_active_days,
        (false, true) => need_health,
        (true, true) => || {
            need_active_days();
            need_health();
        },
    };
    Needs(wire, days, of_notice(notice))
}

const fn of_notice(notice: OfNotice) -> fn() {
    let OfNotice { rarer_types, remarkable, cleaning } = notice;
    match (rarer_types, remarkable, cleaning) {
        (false, false, false) => nothing,
        (true, false, false) => need_rarer_types,
        (false, true, false) => need_remarkable,
        (true, true, false) => || {
            need_rarer_types();
            need_remarkable();
        },
        (false, _, true) => || {
            need_remarkable();
            need_cleaning();
        },
        (true, _, true) => || {
            need_rarer_types();
            need_remarkable();
            need_cleaning();
        },
    }
}
