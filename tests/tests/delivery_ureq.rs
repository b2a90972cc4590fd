//! All tests of `delivery/`, with programs that send by ureq.

#[path = "delivery/main.rs"]
mod delivery;
