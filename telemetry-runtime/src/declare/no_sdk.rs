//! What the compiler says where no SDK is declared, or something else stands in its place.

/// Stands for the SDK of an event wherever the author's is not found; it never becomes one.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct NoSdk<const FOUND: bool = false>;

/// It. An event imports it under the name of its SDK, which takes the compiler less time than a constant of its own.
#[doc(hidden)]
pub const NO_SDK: NoSdk = NoSdk;

/// Gives the method of `Sdk` to everything else, which is no SDK: the method of `Sdk` itself comes first.
#[doc(hidden)]
pub trait NotAnSdk: Sized {
    /// What `Sdk` has under the same name; never called.
    fn declared_by_sdk_macro<Sdk>(self) -> Sdk
    where
        Self: OtherSdk,
    {
        self.sdk()
    }
}

impl<T> NotAnSdk for T {}

/// What nothing has that takes its method from [`NotAnSdk`].
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no SDK: name the static that `sdk!` declares, such as `sdk = crate::TELEMETRY`",
    label = "this is no static of the type `Sdk`",
    note = "to declare one, in `main.rs` or `lib.rs`: `pub static TELEMETRY: telemetry_runtime::Sdk = telemetry_runtime::sdk! {{ … }};`"
)]
pub trait OtherSdk {
    /// The SDK that it stands for.
    fn sdk<Sdk>(self) -> Sdk;
}

impl<const FOUND: bool> OtherSdk for NoSdk<FOUND>
where
    Nowhere<FOUND>: DeclaredSdk,
{
    fn sdk<Sdk>(self) -> Sdk {
        Nowhere::sdk()
    }
}

/// Where a `NoSdk` is: the compiler speaks of a condition where its type differs from the one that was asked for.
#[doc(hidden)]
#[derive(Debug)]
pub struct Nowhere<const FOUND: bool>;

/// What no `Nowhere` has.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "there is no SDK of this name at the root of the crate: declare one with `sdk!`, or say where it is with `sdk = path`",
    label = "nothing is found at `crate::TELEMETRY`, or where the attribute says",
    note = "to declare one, in `main.rs` or `lib.rs`: `pub static TELEMETRY: telemetry_runtime::Sdk = telemetry_runtime::sdk! {{ … }};`",
    note = "if it has another name or stands in a module: `sdk = crate::telemetry::TELEMETRY` in the brackets of the \
            attribute, or `pub use telemetry::TELEMETRY;` at the root"
)]
pub trait DeclaredSdk {
    /// It.
    fn sdk<Sdk>() -> Sdk;
}
