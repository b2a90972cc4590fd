//! What the compiler says where no SDK is declared.

/// Stands for the SDK of an event wherever the author's is not found; it never becomes one.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct NoSdk<const FOUND: bool = false>;

impl<const FOUND: bool> NoSdk<FOUND> {
    /// What `Sdk` has under the same name; never called.
    pub const fn declared_by_sdk_macro(self) -> <Self as DeclaredSdk>::Sdk
    where
        Self: DeclaredSdk,
    {
        <Self as DeclaredSdk>::SDK
    }
}

/// What no `NoSdk` has.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "there is no SDK of this name at the root of the crate: declare one with `sdk!`, or say where it is with `sdk = path`",
    label = "nothing is found at `crate::TELEMETRY`, or where the attribute says",
    note = "to declare one, in `main.rs` or `lib.rs`: `pub static TELEMETRY: telemetry_runtime::Sdk = telemetry_runtime::sdk! {{ … }};`",
    note = "if it has another name or stands in a module: `sdk = crate::telemetry::TELEMETRY` in the brackets of the \
            attribute, or `pub use telemetry::TELEMETRY;` at the root"
)]
pub trait DeclaredSdk {
    /// Its type.
    type Sdk;

    /// It.
    const SDK: Self::Sdk;
}
