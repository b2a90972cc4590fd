//! What ends frames or removes files: quotas, erasure, damage, what earlier processes have left.

pub(crate) mod aside;
pub(crate) mod discard;
pub(crate) mod ended;
pub(crate) mod erase;
pub(crate) mod room;
pub(crate) mod sweep;
pub(crate) mod tidy;
