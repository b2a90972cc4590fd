//! What a host may ask of what one SDK keeps in a page; the same names as in `kept.rs`, `prompt.rs` and `consent_watch.rs`.

use std::time::Duration;

use telemetry_schema::order;

use crate::{
    base::process::Inside,
    decide::consent::{Consent, ConsentError},
    declare::{sdk::Sdk, transport::Request},
    host::{
        at_vendor::{AtVendorError, ErasedAtVendor, InstallationId},
        consent_answer::{ConsentAnswer, NotAsked},
        consent_watch::ConsentWatch,
        erased::Erased,
        folders::SdkFolder,
    },
    write::{
        files::{
            consent_file::{self, ConsentState},
            state_dir::SdkDir,
        },
        writer,
    },
};

impl Sdk {
    /// Nothing: what a page sends is in its network log, and debug mode prints it.
    pub fn preview(&self) -> Vec<Request> {
        Vec::new()
    }

    /// Nothing, as [`Sdk::preview`].
    pub fn counted(&self) -> Vec<String> {
        Vec::new()
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

    /// Watches nothing: the event `storage` tells a page what another page of its origin has stored. A decision of another page holds here
    /// with the next event.
    pub fn on_consent_change(&self, _changed: impl FnMut(Option<Consent>) + Send + 'static) -> ConsentWatch {
        ConsentWatch::of_nothing()
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
        let dir = SdkDir::of(self.name()).map_err(|reason| no_folder(reason.to_string()))?;
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
