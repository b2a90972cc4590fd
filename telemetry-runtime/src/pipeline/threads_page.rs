//! A page has no threads; what stands in their place begins with the first event.

use crate::{
    send::threads,
    write::worker::{self, Senders},
};

/// Makes ready what the first event needs.
pub(crate) fn begin() {
    worker::hand_over_to(Senders { notify: threads::notify });
    worker::begin();
}
