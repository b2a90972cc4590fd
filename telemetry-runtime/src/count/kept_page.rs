//! The counts as a page keeps them.

use telemetry_schema::json::Json;

use crate::count::LedgerCounts;

impl LedgerCounts {
    /// Those that are not zero.
    pub(crate) fn json(&self) -> Json {
        let counts = self.named().into_iter().filter(|(_, count)| *count > 0);
        Json::Object(counts.map(|(name, count)| (name.to_owned(), Json::number(count))).collect())
    }

    /// Reads them; what is not there is zero.
    pub(crate) fn read(json: &Json) -> Self {
        let mut counts = Self::default();
        let names = counts.named();
        for (count, (name, _)) in counts.all_mut().into_iter().zip(names) {
            *count = json.get(name).and_then(Json::unsigned).unwrap_or_default();
        }
        counts
    }
}
