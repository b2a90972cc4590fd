//! From batches on disk to answers of the server.
//!
//! [`wire`] turns a batch into a request, [`policy`] says what an answer means, [`breaker`] when the next attempt may be
//! made, and [`deliver`] sends one batch after the other. Consent is asked again before every request, and events that the user does not agree to any more stay here.
//!
//! Every event ends under one word. One that was sent without a reply and will be sent again is still waiting; it becomes
//! `unknown` only when it is given up for good.

mod breaker;
#[cfg(native)]
mod deliver;
mod verdict;

#[cfg(in_page)]
pub(crate) use breaker::Failure;
pub(crate) use breaker::{Breaker, Now, Why, describe};
#[cfg(native)]
pub(crate) use deliver::{Delivery, Ended, Permission, deliver};
pub(crate) use verdict::{Verdict, verdict};
