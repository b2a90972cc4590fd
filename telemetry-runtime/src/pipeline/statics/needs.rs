//! What only some declarations need, and every program has.

use telemetry_schema::{Kind, Wire};

use crate::base::needs::Needs;

/// What an event needs.
pub(super) const fn of_event(_kind: Kind, _record: &[u8]) -> Needs {
    Needs::NOTHING
}

/// What an SDK needs.
pub(super) const fn of_sdk(
    _wire: Wire,
    _is_active: bool,
    _has_health: bool,
    _is_remarkable: bool,
    _record: &[u8],
) -> Needs {
    Needs::NOTHING
}
