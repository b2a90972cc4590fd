use telemetry_schema::{digest::list, node::Node};

use crate::declare::{sink::Sink, value::TelemetryValue};

/// At most `MAX` values; what is beyond is cut off.
///
/// ```
/// use telemetry_runtime::{List, TelemetryValue};
///
/// #[derive(TelemetryValue)]
/// pub enum Plugin {
///     Router,
///     Auth,
/// }
///
/// let plugins: List<Plugin, 8> = [Plugin::Router, Plugin::Auth].into_iter().collect();
/// assert_eq!(plugins.len(), 2);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct List<T, const MAX: usize>(Vec<T>);

impl<T, const MAX: usize> List<T, MAX> {
    /// How many values are kept.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Says whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T, const MAX: usize> FromIterator<T> for List<T, MAX> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        Self(values.into_iter().take(MAX.min(usize::from(u16::MAX))).collect())
    }
}

impl<T: TelemetryValue, const MAX: usize> TelemetryValue for List<T, MAX> {
    type Sent = T::Sent;
    const SCHEMA: &'static Node = &Node::wrap_number("{\"list\":{\"max\":", MAX, ",\"of\":", T::SCHEMA, "}}");
    const DIGEST: u128 = list(MAX, T::DIGEST);

    fn write(&self, sink: &mut Sink<'_>) {
        sink.count(u16::try_from(self.0.len()).unwrap_or(u16::MAX));
        for value in self.0.iter().take(usize::from(u16::MAX)) {
            value.write(sink);
        }
    }
}
