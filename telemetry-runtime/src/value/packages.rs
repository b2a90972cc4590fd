use telemetry_schema::{
    node::Node,
    ready_made::{PACKAGE_NAME_BYTES, is_package_name_byte},
};

use super::{Config, TelemetryValue, Version};
use crate::sink::{Sink, TextPermit};

/// Names and versions of installed packages.
///
/// Which names may be reported is fixed at compile time, on the field:
/// `#[telemetry(packages(prefixes = ["@acme/"], names = ["vite"], max = 32))]`. Other names are left out when the event
/// is recorded, and so is every name with a character that package names do not have.
///
/// ```
/// use telemetry_runtime::Packages;
///
/// let packages: Packages = [("@acme/core", Some("5.0.12")), ("left-pad", None)].into_iter().collect();
/// ```
#[derive(Debug, Clone, Default)]
pub struct Packages(Vec<(String, Option<Version>)>);

impl<N: Into<String>, V: AsRef<str>> FromIterator<(N, Option<V>)> for Packages {
    fn from_iter<I: IntoIterator<Item = (N, Option<V>)>>(packages: I) -> Self {
        let read = |(name, version): (N, Option<V>)| (name.into(), version.map(|text| Version::parse(text.as_ref())));
        Self(packages.into_iter().map(read).collect())
    }
}

/// [`Packages`] with `#[telemetry(packages(…))]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot have a list of packages",
    note = "`packages(…)` goes with `Packages`"
)]
#[doc(hidden)]
pub trait Listed<C: Config> {
    /// The type's description in the record.
    const SCHEMA: &'static Node;
    /// Writes the packages whose names are listed.
    fn write(&self, sink: &mut Sink);
}

impl<C: Config> Listed<C> for Packages {
    const SCHEMA: &'static Node = C::NODE;

    fn write(&self, sink: &mut Sink) {
        let listed = |name: &str| {
            let known = C::NAMES.contains(&name) || C::PREFIXES.iter().any(|prefix| name.starts_with(prefix));
            known && name.len() <= PACKAGE_NAME_BYTES && name.bytes().all(is_package_name_byte)
        };
        let max = C::MAX_ITEMS.min(usize::from(u16::MAX));
        let packages: Vec<_> = self.0.iter().filter(|(name, _)| listed(name)).take(max).collect();
        sink.count(u16::try_from(packages.len()).unwrap_or_default());
        for (name, version) in packages {
            sink.text(name, PACKAGE_NAME_BYTES, TextPermit::of_ready_made());
            sink.bool(version.is_some());
            if let Some(version) = version {
                TelemetryValue::write(version, sink);
            }
        }
    }
}

impl<C: Config, T: Listed<C>> Listed<C> for Option<T> {
    const SCHEMA: &'static Node = &Node::wrap("{\"optional\":", T::SCHEMA, "}");

    fn write(&self, sink: &mut Sink) {
        sink.bool(self.is_some());
        if let Some(value) = self {
            value.write(sink);
        }
    }
}
