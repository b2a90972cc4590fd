use telemetry_runtime::{Sdk, sdk, track_call, track_mount};

pub static TELEMETRY: Sdk = sdk! {
    name: "acme-ui",
    role: Library,
    default: On,
    env: "ACME",
    endpoint: "https://telemetry.acme.example",
    wire: EventBatch { strict: false },
    docs: "https://acme.example/telemetry",
    operator: "Acme Inc.",
    contact: "privacy@acme.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
};

pub struct Tree;
pub struct Row<T>(pub T);

impl Tree {
    /// Plants a tree.
    #[track_call(props(dry_run))]
    pub fn plant(&self, dry_run: bool) -> bool {
        dry_run
    }
}

impl<T> Row<T> {
    /// Plants a row.
    #[track_call]
    pub fn plant(&self) {}
}

pub mod panel {
    use telemetry_runtime::track_mount;

    /// Renders a panel.
    #[track_mount]
    pub fn side_panel() {}
}

/// Renders another panel.
#[track_mount(component = "SidePanel")]
pub fn wide_panel() {}

pub trait Grow {
    fn grow(&self);
}

impl Grow for Tree {
    #[track_call]
    fn grow(&self) {}
}

impl Grow for Row<u8> {
    #[track_call]
    fn grow(&self) {}
}

fn main() {}

// 3 mistakes
