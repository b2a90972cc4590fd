use cargo_telemetry::limits::*;

/// The numbers that pages and schemas tell are those that the runtime keeps.
#[test]
fn limits_are_those_of_the_runtime() {
    let source = concat!(
        include_str!("../../../telemetry-runtime/src/base/limits.rs"),
        include_str!("../../../telemetry-spool/src/limits.rs")
    );
    for line in [
        format!("const BATCH_EVENTS: usize = {BATCH_EVENTS};"),
        format!("const STRICT_BATCH_EVENTS: usize = {STRICT_BATCH_EVENTS};"),
        format!("const BATCH_BYTES: usize = {BATCH_KIB} * 1024;"),
        format!("const EVENT_BYTES: usize = {EVENT_KIB} * 1024;"),
        format!("const BEACON_BYTES: usize = {BEACON_KIB} * 1024;"),
        format!("const KEPT_DAYS: u32 = {KEPT_DAYS};"),
        format!("const KEPT_DAYS_WITHOUT_TIME: u32 = {KEPT_DAYS_WITHOUT_TIME};"),
        format!("const SPOOL_BYTES: u64 = {SPOOL_MIB} * 1024 * 1024;"),
        format!("const BATCH_LINGER: Duration = Duration::from_secs({BATCH_LINGER_SECONDS});"),
        format!("const UPLOAD_INTERVAL: Duration = Duration::from_secs({UPLOAD_MINUTES} * 60);"),
        format!("const BREAKER_FIRST: Duration = Duration::from_secs({PAUSE_SECONDS});"),
        format!("const BREAKER_LONGEST: Duration = Duration::from_secs({PAUSE_HOURS} * 60 * 60);"),
        format!("const SENT_LOG_BYTES: u64 = {SENT_LOG_KIB} * 1024;"),
    ] {
        assert!(source.contains(&line), "limits.rs has no {line:?}");
    }
}
