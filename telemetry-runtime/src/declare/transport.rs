//! How a request reaches the server.
//!
//! The built-in transport speaks HTTPS. An SDK that must send in another way — through a queue of its own, over a
//! protocol of its own — implements [`Transport`] and names the type in [`sdk!`](crate::sdk); its record then says
//! `custom`, so that everybody who lists the SDK sees it.

use std::{fmt, sync::Arc};

/// Sends requests, one at a time, on a thread of its own.
///
/// It is made on the thread that uses it, the first time there is something to send, and dropped there. Nothing it does
/// reaches the host program or another SDK; a panic ends the sending of its SDK for this process (with `panic = "abort"`, as
/// everywhere, the process).
///
/// What is recorded on its thread is no event. Threads that it starts are not known as ours: a client of its own that logs
/// there, to a logger that records, makes an event of every request and a request of every event.
///
/// ```
/// use telemetry_runtime::transport::{Cancel, Request, Response, Transport, TransportError};
///
/// #[derive(Default)]
/// struct Discard;
///
/// impl Transport for Discard {
///     fn send(&mut self, request: &Request, cancel: &Cancel) -> Result<Response, TransportError> {
///         if cancel.is_cancelled() {
///             return Err(TransportError::Cancelled);
///         }
///         let _ = (request.method(), request.url(), request.headers(), request.body());
///         Ok(Response::new(204))
///     }
/// }
/// ```
pub trait Transport: Send {
    /// Sends one request and waits for the answer.
    ///
    /// Redirects must not be followed: events go to the endpoint of the SDK's record and nowhere else. `cancel` becomes
    /// true when the user or the host says stop; then the call ends as soon as it can.
    ///
    /// # Errors
    ///
    /// [`TransportError`] says whether the request may have arrived; that decides how its events are counted.
    fn send(&mut self, request: &Request, cancel: &Cancel) -> Result<Response, TransportError>;

    /// The upload that the last requests belong to has ended: by its last request, a failure, an opt-out or a veto.
    ///
    /// What was kept for a further request, such as an open connection, is closed here: until the next upload the vendor
    /// sees nothing of this program. By default this does nothing.
    fn end_upload(&mut self) {}
}

/// The method of a [`Request`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Method {
    /// `GET`, without a body.
    Get,
    /// `POST`.
    Post,
}

impl Method {
    /// The method as it is sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One request: everything that leaves this machine, but for what the protocol itself adds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    method: Method,
    url: String,
    headers: Vec<(String, String)>,
    body: Arc<Vec<u8>>,
}

impl Request {
    #[cfg(not(compiled_out))]
    pub(crate) fn new(method: Method, url: String, headers: Vec<(String, String)>, body: Vec<u8>) -> Self {
        Self { method, url, headers, body: Arc::new(body) }
    }

    /// The body, for a client that keeps it while it sends.
    #[cfg(by_reqwest)]
    pub(crate) fn shared_body(&self) -> SharedBody {
        SharedBody(Arc::clone(&self.body))
    }

    /// The method.
    pub fn method(&self) -> Method {
        self.method
    }

    /// The address, to be sent as it is: nothing in it may be escaped once more.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The headers, names in lower case.
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// The body; empty with [`Method::Get`].
    pub fn body(&self) -> &[u8] {
        &self.body
    }
}

/// A body that its request keeps as well.
#[cfg(by_reqwest)]
pub(crate) struct SharedBody(Arc<Vec<u8>>);

#[cfg(by_reqwest)]
impl AsRef<[u8]> for SharedBody {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// What the server answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    status: u16,
    retry_after: Option<String>,
    rejected: u64,
}

impl Response {
    /// An answer with this HTTP status. 2xx means that the events are safe with the server; everything else is read as
    /// HTTP reads it.
    pub const fn new(status: u16) -> Self {
        Self { status, retry_after: None, rejected: 0 }
    }

    /// Adds the value of the header `retry-after`: seconds, or a date.
    #[must_use]
    pub fn with_retry_after(mut self, value: impl Into<String>) -> Self {
        self.retry_after = Some(value.into());
        self
    }

    /// Says that a server that took the request did not take so many of its events; they are counted as `rejected` and
    /// not sent again.
    #[must_use]
    pub fn with_rejected(mut self, events: u64) -> Self {
        self.rejected = events;
        self
    }

    /// The status.
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// The value of the header `retry-after`.
    pub fn retry_after(&self) -> Option<&str> {
        self.retry_after.as_deref()
    }

    /// The events that the server did not take although it took the request.
    pub const fn rejected(&self) -> u64 {
        self.rejected
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportError {
    /// The request surely did not reach the server: it is sent again.
    NotSent,
    /// As [`TransportError::NotSent`], and it looks as if somebody wants it so: the connection was refused, or the
    /// server's name is known to lead nowhere. The next attempt is made much later.
    Blocked,
    /// The request may have reached the server: it is sent again under the same key, so that the server can tell.
    Unknown,
    /// It was given up because [`Cancel::is_cancelled`] said so. It may have reached the server.
    Cancelled,
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotSent => "the request did not reach the server",
            Self::Blocked => "the server's name has no address, or the server refuses connections",
            Self::Unknown => "the server did not answer",
            Self::Cancelled => "the request was cancelled",
        })
    }
}

impl std::error::Error for TransportError {}

/// Says whether a request in flight is still wanted.
#[derive(Clone)]
pub struct Cancel(Arc<dyn Fn() -> bool + Send + Sync>);

impl Cancel {
    /// Asks `is_cancelled`, which must be quick.
    pub fn new(is_cancelled: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(is_cancelled))
    }

    /// Never cancels.
    pub fn never() -> Self {
        Self::new(|| false)
    }

    /// Whether the request should be given up now.
    pub fn is_cancelled(&self) -> bool {
        (self.0)()
    }
}

impl fmt::Debug for Cancel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Cancel").field(&self.is_cancelled()).finish()
    }
}

/// For generated code: the transport that an SDK named.
#[doc(hidden)]
pub fn custom<T: Transport + Default + 'static>() -> Box<dyn Transport> {
    Box::new(T::default())
}
