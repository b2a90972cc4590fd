//! Functions of one name, told apart by what the author writes, or of which one is compiled only.
#![deny(warnings, missing_docs)]
#![allow(dead_code)]

use telemetry_runtime::{Sdk, sdk, track_call, track_mount};

/// The telemetry of this crate.
pub static TELEMETRY: Sdk = sdk! {
    name: "one-name",
    role: Library,
    default: On,
    env: "ONE_NAME",
    endpoint: "https://telemetry.acme.example",
    wire: EventBatch { strict: false },
    docs: "https://acme.example/telemetry",
    operator: "Acme Inc.",
    contact: "privacy@acme.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
};

/// Another SDK of this crate.
pub static OTHER: Sdk = sdk! {
    name: "one-name-other",
    role: Library,
    default: On,
    env: "ONE_NAME_OTHER",
    endpoint: "https://telemetry.acme.example",
    wire: EventBatch { strict: false },
    docs: "https://acme.example/telemetry",
    operator: "Acme Inc.",
    contact: "privacy@acme.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
};

struct Tree;
struct Row<T>(T);

impl Tree {
    /// Plants a tree.
    #[track_call]
    fn plant(&self) {}

    /// Of which one is compiled, whichever attribute stands first.
    #[cfg(debug_assertions)]
    #[track_call]
    fn prune(&self) {}

    #[track_call]
    #[cfg(not(debug_assertions))]
    fn prune(&self) {}
}

impl<T> Row<T> {
    /// Plants a row.
    #[track_call(method = "row::plant")]
    fn plant(&self) {}
}

trait Grow {
    /// One body for all that have none of their own.
    #[track_call]
    fn grow(&self) {}
}

impl Grow for Tree {}

impl Grow for Row<u8> {
    #[track_call(method = "row::grow")]
    fn grow(&self) {}
}

/// A component and a method may share a name, and so may the events of another name, and of another SDK.
#[track_mount(component = "plant")]
fn component() {}

#[track_call(method = "plant", name = "garden_called")]
fn another_event() {}

#[track_call(sdk = OTHER, method = "plant")]
fn another_sdk() {}

fn main() {
    Tree.plant();
    Tree.prune();
    Tree.grow();
    Row(1_u8).plant();
    Row("generic").plant();
    Row(1_u8).grow();
    component();
    another_event();
    another_sdk();
    assert!(telemetry_runtime::registry().unwrap().conflicts().is_empty());
}
