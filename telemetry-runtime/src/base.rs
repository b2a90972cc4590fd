//! What everything else stands on: clocks, limits, the process, standard error, signals between threads.

#[cfg(not(compiled_out))]
pub(crate) mod clock;
#[cfg(not(compiled_out))]
#[cfg_attr(in_page, path = "base/collections_page.rs")]
pub(crate) mod collections;
#[cfg(not(compiled_out))]
pub(crate) mod effects;
#[cfg(not(compiled_out))]
pub(crate) mod ended;
#[cfg(not(compiled_out))]
#[cfg_attr(in_page, path = "base/environment_page.rs")]
pub(crate) mod environment;
#[cfg(native)]
pub(crate) mod flushes;
#[cfg(not(compiled_out))]
#[cfg_attr(in_page, path = "base/page/interned.rs")]
pub(crate) mod interned;
#[cfg(not(compiled_out))]
pub(crate) mod limits;
#[cfg_attr(in_page, path = "base/needs/page.rs")]
#[cfg_attr(compiled_out, allow(unreachable_pub, reason = "generated code names it, and there is none"))]
pub(crate) mod needs;
#[cfg(in_page)]
pub(crate) mod page;
#[cfg(all(test, native))]
#[allow(dead_code, reason = "pages use it; tested where tests run")]
#[path = "base/page/interned.rs"]
mod page_interned;
#[cfg(all(test, native))]
#[allow(dead_code, unused_imports, unreachable_pub, reason = "pages use it; tested where tests run")]
#[path = "base/needs/page.rs"]
mod page_needs;
#[cfg(all(test, native))]
#[allow(dead_code, reason = "pages use it; tested where tests run")]
#[path = "base/page/uuid.rs"]
mod page_uuid;
#[cfg(not(compiled_out))]
#[cfg_attr(in_page, path = "base/print_page.rs")]
pub(crate) mod print;
#[cfg(not(compiled_out))]
pub(crate) mod process;
#[cfg(any(in_page, all(test, native)))]
#[cfg_attr(native, allow(dead_code, reason = "pages use it; tested where tests run"))]
#[path = "base/needs/said.rs"]
pub(crate) mod said;
pub(crate) mod version;

// A number as ECMAScript prints it: a page has that already.
#[cfg(in_page)]
pub(crate) use page::{float, uuid};
#[cfg(native)]
pub(crate) use telemetry_schema::number::float;
#[cfg(native)]
pub(crate) use telemetry_spool::uuid;
