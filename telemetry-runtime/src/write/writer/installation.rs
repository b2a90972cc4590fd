//! The id of this installation, for an SDK that declares `identity`: another one each epoch, and none in CI, containers and sandboxes.
//!
//! It is written down in `installation` before an event carries it, so that its user can have deleted what came with it. An id
//! that cannot be written down is not used.

use std::io;

use telemetry_spool::Digest;

use crate::{
    base::environment::is_ephemeral,
    decide::{loopback, settings},
    declare::sdk::Sdk,
    write::{
        files::{
            installation_file::{self, UsedId},
            memory_file,
            state_dir::SdkDir,
        },
        writer::secret::Secret,
    },
};

/// The id for the days of an epoch; none on a machine that may have none.
///
/// # Errors
///
/// If another process keeps the lock, or the secret or the id cannot be written down.
pub(super) fn of(
    sdk: Sdk,
    dir: &SdkDir,
    destination: &Digest,
    (first, last): (u32, u32),
) -> io::Result<Option<String>> {
    if !may_have_one(sdk) {
        return Ok(None);
    }
    // In turn: of two processes that make a secret at once, one would use an id that nobody can come to again.
    let _turn = memory_file::turn_named(dir, installation_file::LOCK).ok_or(io::ErrorKind::WouldBlock)?;
    let id = Secret::of(dir).installation(sdk.info, (first, last)).ok_or(io::ErrorKind::Other)?;
    let used = UsedId { id: id.clone(), destination: telemetry_spool::identity(destination), first, last, until: None };
    installation_file::add(dir, used)?;
    Ok(Some(id))
}

/// Whether this is the machine of a person, and one that lasts. On a machine that is thrown away each id would be a new one, and in CI
/// it is nobody's.
fn may_have_one(sdk: Sdk) -> bool {
    let settings = settings::of(sdk);
    let surroundings = settings.environment.as_ref().map(|environment| environment.surroundings.clone());
    let is_elsewhere = surroundings.is_none_or(|place| place.is_ci() || place.test.is_some());
    // For demos and tests, as the layer of the environment.
    loopback::lifts(sdk.info, &settings.options) || !(is_elsewhere || is_ephemeral())
}
