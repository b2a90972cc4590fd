//! What a host may ask of what one SDK keeps on this machine.

use crate::{
    base::process::{self, Inside},
    decide::{
        consent::{Consent, ConsentError},
        settings,
    },
    declare::{sdk::Sdk, transport::Request},
    host::{erased::Erased, folders::SdkFolder},
    send::preview,
    write::writer,
};

impl Sdk {
    /// Whether a person watches standard error at this moment: a terminal in line mode, not in CI and not an agent's.
    pub(crate) fn is_watched(&self) -> bool {
        writer::is_watched(&settings::surroundings(*self))
    }

    /// The requests that the next upload would make, with the very bytes that the server would receive: events that wait on disk, of
    /// all runs of this program, the oldest first. Opens no connection.
    ///
    /// Where nothing may be sent, they wait until it may, or are deleted by a decision: [`Sdk::status`] says which.
    pub fn preview(&self) -> Vec<Request> {
        let _inside = Inside::enter();
        process::enter(); // It opens files and locks them.
        preview::requests(*self)
    }

    /// What events of `kind = Counter` have counted on days that are not over, or whose events were not made yet: each as the event that
    /// it becomes, with the count of this moment. What a program that runs has counted within the last second is not among it.
    pub fn counted(&self) -> Vec<String> {
        let _inside = Inside::enter();
        process::enter();
        writer::counted(*self)
    }

    /// The state folder of this SDK; `None` where there is no state directory.
    pub fn folder(&self) -> Option<SdkFolder> {
        SdkFolder::of(self.info.name)
    }

    /// Removes everything that this SDK, in whatever program, has put on this machine: what waits, what was told and decided,
    /// the log of what was sent, the counts. Foreign files in the folder stay. In this process nothing is recorded afterwards, and
    /// programs that run stop within a second; none of them makes the folder again.
    ///
    /// A decision for [`Consent::Off`] is kept, and nothing else, or the program would begin again; with `forget` it goes too.
    ///
    /// # Errors
    ///
    /// [`ConsentError`] if the folder cannot be written.
    pub fn erase(&self, forget: bool) -> Result<Erased, ConsentError> {
        let _inside = Inside::enter();
        let Some(folder) = self.folder() else { return Ok(Erased::default()) };
        if !folder.path().exists() {
            return Ok(Erased::default());
        }
        let waited = folder.waiting().unwrap_or_default();
        let before = folder.decision();
        // What this process holds and knows goes first, and is counted here.
        self.set_consent(Consent::Off)?;
        // That was not the user's word, and stays only where it was before.
        let erased = folder.erase_decided(&before, forget);
        let erased = erased.map_err(|error| ConsentError::NoFolder { reason: error.to_string() })?;
        writer::of(*self).end(*self);
        Ok(Erased { events: waited + erased.events, ..erased })
    }
}
