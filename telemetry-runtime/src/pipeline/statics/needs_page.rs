//! What a declaration of a page needs; the same names as in `needs.rs`. This file alone knows of all rooms of which something may be needed.

use telemetry_schema::{Kind, Wire};

use crate::{
    base::{
        needs::{self, Needs, need_addresses, need_at_once, nothing},
        said::{OfEvent, OfNotice, OfSdk},
    },
    decide::notice::words::{cleaning, levels, remarkable},
    send::threads::with_headers,
    wire::{layout, otlp, redact},
    write::{
        files::{active_days, day_counts, ledger_file, memory_file::format},
        writer::{active, counters, health, secret},
    },
};

fn need_levels() {
    needs::need_levels();
    levels::need();
}

/// For events of `kind = Counter`.
fn need_counters() {
    counters::need();
    day_counts::need();
    format::counts::need();
}

/// For `active: Daily`.
fn need_active_days() {
    active::need();
    active_days::need();
    format::active::need();
}

/// For `health: Daily`, and what it tells of: the ledger over all pages.
fn need_health() {
    health::need();
    ledger_file::need();
}

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
            (true, false) => redact::need,
            (false, true) => secret::need,
            (true, true) => || {
                redact::need();
                secret::need();
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
            with_headers::need();
            otlp::need();
            need_addresses();
        },
        Wire::EventBatch { strict: false } => nothing,
        Wire::EventBatch { strict: true } | Wire::Report => with_headers::need,
        Wire::Otlp => || {
            with_headers::need();
            otlp::need();
        },
        Wire::Beacon => || {
            with_headers::need();
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
        (true, false, false) => layout::need,
        (false, true, false) => remarkable::need,
        (true, true, false) => || {
            layout::need();
            remarkable::need();
        },
        (false, _, true) => || {
            remarkable::need();
            cleaning::need();
        },
        (true, _, true) => || {
            layout::need();
            remarkable::need();
            cleaning::need();
        },
    }
}
