//! The folders of SDKs: none, whatever lies on this machine. A program without telemetry does not look.

use std::{convert::Infallible, io, path::PathBuf};

use telemetry_schema::Level;

use crate::{Erased, InstallationId, StoredDecision};

/// The state folder of one SDK of this user; compiled out, there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SdkFolder(Infallible);

impl SdkFolder {
    /// There is no folder to ask.
    pub fn name(&self) -> &str {
        match self.0 {}
    }

    /// There is no folder to ask.
    pub fn path(&self) -> PathBuf {
        match self.0 {}
    }

    /// There is no folder to ask.
    pub fn decision(&self) -> StoredDecision {
        match self.0 {}
    }

    /// There is no folder to ask.
    pub fn level(&self) -> Option<Level> {
        match self.0 {}
    }

    /// There is no folder to ask.
    pub fn waiting(&self) -> Option<u64> {
        match self.0 {}
    }

    /// There is no folder to ask.
    pub fn installation_ids(&self) -> Vec<InstallationId> {
        match self.0 {}
    }

    /// There is no folder to ask.
    pub fn sent_log(&self) -> String {
        match self.0 {}
    }

    /// There is no folder to ask.
    pub fn sent_requests(&self) -> String {
        match self.0 {}
    }

    /// There is no folder to ask.
    pub fn kept_off_by(&self) -> Option<String> {
        match self.0 {}
    }

    /// There is no folder to ask.
    ///
    /// # Errors
    ///
    /// None in this build.
    pub fn turn_off(&self) -> io::Result<u64> {
        match self.0 {}
    }

    /// There is no folder to ask.
    ///
    /// # Errors
    ///
    /// None in this build.
    pub fn erase(&self, _forget: bool) -> io::Result<Erased> {
        match self.0 {}
    }
}

/// None.
pub fn sdk_folders() -> Vec<SdkFolder> {
    Vec::new()
}

/// None: a program without telemetry has sent nothing.
pub fn sent_request(_line: &str) -> Option<String> {
    None
}
