//! The way back of `identity`: the vendor is asked to delete what came with the ids of this installation.
//!
//! In the foreground, because the user asks for it, and with one request for each id, on a connection of its own: nothing that we send
//! joins two of them. To know an id is the proof, so no request carries anything else. What the user, the host or a policy has said
//! against any request holds for this one as well; that the user has said no to telemetry does not keep them from it.

use std::{env, io, sync::mpsc, time::Duration};

use telemetry_schema::limits::DELETION_KEPT_DAYS;

use crate::{
    base::{
        clock,
        process::{self, Inside},
    },
    decide::{
        consent::ConsentError,
        layer::{Layer, LayerDecision, Verdict},
        loopback, settings,
    },
    declare::{
        sdk::Sdk,
        transport::{Cancel, Method, Request, Response, Transport, TransportError},
    },
    host::at_vendor::{AtVendorError, ErasedAtVendor, InstallationId},
    send::{delivery, threads},
    write::{
        files::{
            installation_file::{self, UsedId},
            state_dir,
        },
        writer,
    },
};

/// The path behind the endpoint at which a server takes requests for deletion.
const PATH: &str = "/v1/erase";

impl Sdk {
    /// The ids under which events of this machine were sent, the oldest first, also those of an earlier version that sent
    /// [elsewhere](InstallationId::elsewhere); none where `sdk!` declares no `identity`, and in CI, containers and sandboxes.
    pub fn installation_ids(&self) -> Vec<InstallationId> {
        let _inside = Inside::enter();
        self.used_ids().iter().map(|used| self.shown(used)).collect()
    }

    /// Asks the vendor's server to delete what came with the ids of this machine, one request for each of them, and then removes what is
    /// on this machine, as [`Sdk::erase`] does. Waits for the answers, up to 5 s for each id; call it because the user has asked for it.
    ///
    /// Where the server did not answer, or did not take the request, nothing is removed here, since the ids would be gone with it: ask again later.
    /// With `retry` everything else is removed at once, and the ids that are left are kept for 30 days. Nobody asks for them by
    /// himself: the next call does.
    ///
    /// Ids that went [elsewhere](InstallationId::elsewhere) are not asked for and keep nothing here, unless `retry` does. They are among
    /// [`ErasedAtVendor::not_deleted`]: show them, since nobody can name them afterwards.
    ///
    /// The host's veto, `DO_NOT_TRACK`, the SDK's variables and the policies of machine and project hold for each of these requests. A
    /// stored no does not.
    ///
    /// # Errors
    ///
    /// [`AtVendorError`]: nobody was asked.
    pub fn erase_at_vendor(&self, forget: bool, retry: bool) -> Result<ErasedAtVendor, AtVendorError> {
        let _inside = Inside::enter();
        process::enter(); // It opens files and connections.
        let ids = self.used_ids();
        if ids.is_empty() {
            return Err(AtVendorError::NoId);
        }
        if let Some(layer) = self.kept_off_by() {
            return Err(AtVendorError::KeptOff { layer });
        }
        let mut asked = ErasedAtVendor::default();
        let mut left = Vec::new();
        for used in ids {
            if self.went_elsewhere(&used) {
                left.push(used);
                continue;
            }
            if asked.failure.is_none() {
                // Asked again before each: it may be hundreds, and whoever says no meanwhile is heard.
                asked.failure = match self.kept_off_by() {
                    Some(layer) => Some(format!("no further request may leave this machine, by {layer}")),
                    None => self.ask_for(&used.id)?,
                };
            }
            match asked.failure {
                None => asked.deleted.push(self.shown(&used)),
                Some(_) => left.push(used),
            }
        }
        let keeps = retry && !left.is_empty();
        let no_folder = |reason: String| AtVendorError::NoFolder(ConsentError::NoFolder { reason });
        if keeps {
            let until = clock::today().saturating_add(DELETION_KEPT_DAYS);
            left.iter_mut().for_each(|used| _ = used.until.get_or_insert(until));
            // Before anything is removed: the file goes last, and comes back at once.
            self.keep(&left).map_err(|error| no_folder(format!("{error}; nothing was removed")))?;
        }
        if asked.failure.is_none() || retry {
            asked.here = Some(self.erase(forget).map_err(AtVendorError::NoFolder)?);
        }
        if keeps {
            self.keep(&left).map_err(|error| no_folder(format!("{error}; the ids are lost")))?;
        }
        asked.not_deleted = left.iter().map(|used| self.shown(used)).collect();
        Ok(asked)
    }

    /// The ids that may still be asked for, by whomever.
    fn used_ids(&self) -> Vec<UsedId> {
        self.folder().map(|folder| folder.used_ids()).unwrap_or_default()
    }

    /// Whether events with this id went to another place than this program names.
    fn went_elsewhere(&self, used: &UsedId) -> bool {
        used.destination != telemetry_spool::identity(&writer::destination(*self))
    }

    fn shown(&self, used: &UsedId) -> InstallationId {
        InstallationId { elsewhere: self.went_elsewhere(used), ..InstallationId::of(used) }
    }

    /// Writes down what could not be asked for.
    fn keep(&self, left: &[UsedId]) -> io::Result<()> {
        let failed = |reason: &dyn std::fmt::Display| io::Error::other(reason.to_string());
        let base = state_dir::locate(|name| env::var_os(name)).map_err(|reason| failed(&reason))?;
        let dir = state_dir::open(&base, self.info.name, true).map_err(|reason| failed(&reason))?;
        let dir = dir.ok_or(io::ErrorKind::NotFound)?;
        installation_file::store(&dir, left.to_vec())
    }

    /// What keeps every request on this machine: one of the layers that are not about what is recorded.
    fn kept_off_by(&self) -> Option<String> {
        let asked = Layer::HostVeto.number()..=Layer::ProjectFile.number();
        let status = self.status();
        let says_no = |layer: &&LayerDecision| asked.contains(&layer.number) && layer.verdict != Verdict::Allows;
        status.layers.iter().find(says_no).map(|LayerDecision { number, name, value, source, .. }| {
            format!("layer {number}, {name}: {value} ({source})")
        })
    }

    /// Asks for one id. Answers with the reason if it was not deleted.
    fn ask_for(&self, id: &str) -> Result<Option<String>, AtVendorError> {
        let endpoint = loopback::endpoint(self.info, &settings::of(*self).options);
        let headers = [("user-agent", threads::user_agent(*self)), ("content-type", "application/json".to_owned())];
        let request = Request::new(
            Method::Post,
            format!("{endpoint}{PATH}"),
            headers.map(|(name, value)| (name.to_owned(), value)).into(),
            format!("{{\"{}\":\"{id}\"}}", telemetry_schema::Identity::KEY).into_bytes(),
        );
        Ok(match send(threads::transport(self.info).ok_or(AtVendorError::NoClient)?, request) {
            Ok(answer) => {
                let status = answer.status();
                match delivery::verdict(&answer, Duration::from_secs(clock::now_seconds())) {
                    delivery::Verdict::Delivered => None,
                    delivery::Verdict::Later { .. } => {
                        Some(format!("{endpoint} cannot do it now (HTTP {status}); try again later"))
                    }
                    _ => Some(format!(
                        "{endpoint} did not take the request (HTTP {status}); ask the vendor, and name the id"
                    )),
                }
            }
            Err(error) => Some(format!("{endpoint}: {error}; try again later")),
        })
    }
}

/// Sends on a thread of ours, as ever: a host's own runtime would not let a client wait on its thread.
fn send(mut transport: Box<dyn Transport>, request: Request) -> Result<Response, TransportError> {
    let (answer, answered) = mpsc::sync_channel(1);
    let started = process::spawn("telemetry-erase", move || {
        let sent = transport.send(&request, &Cancel::new(telemetry_veto::is_vetoed));
        transport.end_upload();
        let _ = answer.send(sent);
    });
    match started {
        // A transport that panics does not answer.
        Ok(()) => answered.recv().unwrap_or(Err(TransportError::Unknown)),
        Err(_) => Err(TransportError::NotSent),
    }
}
