//! What a host may ask of what one SDK keeps in a page; the same names as in `kept.rs` and `prompt.rs`.

use std::time::Duration;

use telemetry_schema::order;

use crate::{
    base::process::{self, Inside},
    decide::consent::{Consent, ConsentError},
    declare::{sdk::Sdk, transport::Request},
    host::{
        at_vendor::{AtVendorError, ErasedAtVendor, InstallationId},
        consent_answer::{ConsentAnswer, NotAsked},
        erased::Erased,
        folders::SdkFolder,
    },
    send::threads,
    write::{
        files::{
            consent_file::{self, ConsentState},
            state_dir::SdkDir,
        },
        worker, writer,
    },
};

impl Sdk {
    /// The requests that the next upload would make, with the very bytes that the server would receive: events that wait in this page, and those
    /// that it has taken over from earlier ones. Makes no request.
    ///
    /// Where nothing may be sent, they wait until it may, or are deleted by a decision: [`Sdk::status`] says which.
    pub fn preview(&self) -> Vec<Request> {
        if process::is_inside() {
            return Vec::new(); // A function of the browser that the host has replaced is called by us and asks this.
        }
        let _inside = Inside::enter();
        worker::drain();
        threads::preview(*self)
    }

    /// What events of `kind = Counter` have counted on days that are not over, or whose events were not made yet: each as the event that
    /// it becomes, with the count of this moment. What was counted within the last second is not among it.
    pub fn counted(&self) -> Vec<String> {
        let _inside = Inside::enter();
        writer::counted(*self)
    }

    /// None: a page keeps keys of `localStorage` below `telemetry/<sdk>/`.
    pub fn folder(&self) -> Option<SdkFolder> {
        None
    }

    /// Asks nobody: a page asks in its own words, with [`Sdk::notice`], and says what the answer was by [`Sdk::set_consent`].
    ///
    /// # Errors
    ///
    /// None in a page.
    pub fn ask(&self, _timeout: Duration) -> Result<ConsentAnswer, ConsentError> {
        Ok(ConsentAnswer::NotAsked(NotAsked::NobodyThere))
    }

    /// None: an SDK that speaks in pages declares no `identity`.
    pub fn installation_ids(&self) -> Vec<InstallationId> {
        Vec::new()
    }

    /// Asks nobody: nothing that a page sends carries an id of its installation.
    ///
    /// # Errors
    ///
    /// Always [`AtVendorError::NoId`].
    pub fn erase_at_vendor(&self, _forget: bool, _retry: bool) -> Result<ErasedAtVendor, AtVendorError> {
        Err(AtVendorError::NoId)
    }

    /// Removes everything that this SDK keeps for this origin. In this page nothing is recorded afterwards.
    ///
    /// A decision for [`Consent::Off`] is kept, and nothing else, or the page would begin again; with `forget` it goes too.
    ///
    /// # Errors
    ///
    /// [`ConsentError`] if the browser keeps nothing for this page.
    pub fn erase(&self, forget: bool) -> Result<Erased, ConsentError> {
        let _inside = Inside::enter();
        let no_folder = |reason: String| ConsentError::NoFolder { reason };
        let dir = SdkDir::of(self.name()).map_err(|reason| no_folder(reason.to_owned()))?;
        let was_off = match consent_file::load(&dir) {
            ConsentState::Loaded(file) => file.consent == Some(Consent::Off),
            ConsentState::Absent => false,
            ConsentState::Unreadable(_) => true,
        };
        let waited = self.state.ledger.waiting();
        // What this page holds and knows goes first, and is counted here.
        self.set_consent(Consent::Off)?;
        let off_stays = was_off && !forget;
        let mut removed = dir.names("");
        removed.retain(|name| !(off_stays && name == consent_file::NAME) && dir.remove(name).is_ok());
        order::sort(&mut removed);
        writer::of(*self).end(*self);
        Ok(Erased { events: waited, removed, off_stays, ..Erased::default() })
    }
}
