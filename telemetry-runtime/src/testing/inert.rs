use std::time::Duration;

use crate::{base::effects, declare::registry::all_sdks};

/// Runs `code` and asserts that the runtime did nothing meanwhile: recorded, wrote, sent, printed and started nothing.
///
/// It looks at the whole process for 100 ms beyond the end of `code` (twice the time in which the worker must have
/// appended an event), so give it a test binary of its own, or a lock that other recording tests share. An SDK whose
/// gate is open counts as active from the first event on.
///
/// # Panics
///
/// If there was any activity; the message says which.
#[track_caller]
#[expect(clippy::panic, reason = "an assertion for tests")]
pub fn assert_inert(code: impl FnOnce()) {
    let before = (offered(), effects::counts());
    code();
    std::thread::sleep(Duration::from_millis(100));
    let after = (offered(), effects::counts());
    if before == after {
        return;
    }
    let [lines, files, requests, threads]: [u64; 4] =
        std::array::from_fn(|index| difference(before.1.get(index), after.1.get(index)));
    panic!(
        "expected nothing, but the runtime recorded {} events, opened or wrote files {files} times, sent {requests} \
         requests, printed {lines} times and started {threads} threads",
        after.0 - before.0
    );
}

fn difference(before: Option<&u64>, after: Option<&u64>) -> u64 {
    after.copied().unwrap_or_default() - before.copied().unwrap_or_default()
}

fn offered() -> u64 {
    all_sdks().into_iter().map(|sdk| sdk.state.ledger.counts().offered).sum()
}
