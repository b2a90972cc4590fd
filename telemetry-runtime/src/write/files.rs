//! The small files of the folder of an SDK, each beside what it means.

pub(crate) mod active_days;
pub(crate) mod breaker_file;
pub(crate) mod consent_file;
pub(crate) mod day_counts;
#[cfg(native)]
pub(crate) mod installation_file;
#[cfg_attr(in_page, path = "files/ledger_file_page.rs")]
pub(crate) mod ledger_file;
#[cfg_attr(in_page, path = "files/lock_file_page.rs")]
pub(crate) mod lock_file;
pub(crate) mod memory_file;
#[cfg(native)]
pub(crate) mod policy_file;
#[cfg_attr(in_page, path = "files/state_dir_page.rs")]
pub(crate) mod state_dir;
#[cfg_attr(in_page, path = "files/told_file_page.rs")]
pub(crate) mod told_file;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write::files::state_dir::SMALL_FILES;

    /// `erase` removes by these names alone.
    #[test]
    fn every_file_is_known_to_be_ours() {
        let lock = lock_file::delivery_lock_name(&telemetry_spool::Digest::default());
        let ledger = ledger_file::name(&telemetry_spool::Digest::default());
        for name in [
            crate::send::sent_log::OLDER,
            memory_file::LOCK,
            breaker_file::LOCK,
            installation_file::LOCK,
            &lock,
            &ledger,
        ] {
            assert!(state_dir::is_ours(name), "{name}");
        }
        assert!(state_dir::is_ledger_folder(&ledger_file::folder(&telemetry_spool::Digest::default())));
    }

    /// What a writer leaves that dies half-way is swept for these names alone.
    #[test]
    fn every_small_file_is_swept() {
        for name in [
            consent_file::NAME,
            told_file::NAME,
            memory_file::NAME,
            breaker_file::NAME,
            crate::send::sent_log::NAME,
            installation_file::NAME,
        ] {
            assert!(SMALL_FILES.contains(&name), "{name}");
        }
    }
}
