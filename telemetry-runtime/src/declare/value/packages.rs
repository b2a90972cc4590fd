use telemetry_schema::{
    digest::Shape,
    node::Node,
    ready_made::{PACKAGE_NAME_BYTES, is_package_name_byte},
};

use crate::declare::{
    sink::{Sink, TextPermit},
    value::{Around, TelemetryValue, Version},
};

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
    message = "`{Self}` cannot have a list of packages; remove `packages`, or let the field be `Packages`",
    note = "`packages(…)` goes with `Packages`"
)]
#[doc(hidden)]
pub trait Listed {
    /// The containers around the list in the record.
    const AROUND: Around;
    /// Writes the packages whose names are among `names` or start with one of `prefixes`, at most `max`.
    fn write(&self, sink: &mut Sink<'_>, names: &[&str], prefixes: &[&str], max: usize);
}

impl Listed for Packages {
    const AROUND: Around = Around::NOTHING;

    fn write(&self, sink: &mut Sink<'_>, names: &[&str], prefixes: &[&str], max: usize) {
        let listed = |name: &str| {
            let known = names.contains(&name) || prefixes.iter().any(|prefix| name.starts_with(prefix));
            known && name.len() <= PACKAGE_NAME_BYTES && name.bytes().all(is_package_name_byte)
        };
        let max = max.min(usize::from(u16::MAX));
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

impl<T: Listed> Listed for Option<T> {
    const AROUND: Around = Around {
        before: &Node::wrap("{\"optional\":", T::AROUND.before, ""),
        after: &Node::wrap("", T::AROUND.after, "}"),
        shape: &Shape::Optional(T::AROUND.shape),
    };

    fn write(&self, sink: &mut Sink<'_>, names: &[&str], prefixes: &[&str], max: usize) {
        sink.bool(self.is_some());
        if let Some(value) = self {
            value.write(sink, names, prefixes, max);
        }
    }
}
