//! Looks the server's name up for reqwest.

use std::{io, net::SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::sync::oneshot;

use crate::{
    base::process,
    send::http::names::{self, Places},
};

/// The system's resolver, on threads of its own.
#[derive(Debug, Default)]
pub(crate) struct Resolver {
    places: Places,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let found = self.look_up(name);
        Box::pin(async move { Ok(Box::new(found?.await??.into_iter()) as Addrs) })
    }
}

impl Resolver {
    /// # Errors
    ///
    /// If so many lookups are without an answer, or the system has no thread to give: another attempt is made later.
    fn look_up(&self, name: Name) -> io::Result<oneshot::Receiver<io::Result<Vec<SocketAddr>>>> {
        let (told, found) = oneshot::channel();
        let place = self.places.take()?;
        process::spawn("telemetry-send", move || {
            let _place = place;
            let _ = told.send(names::look_up(name.as_str(), 0));
        })?;
        Ok(found)
    }
}
