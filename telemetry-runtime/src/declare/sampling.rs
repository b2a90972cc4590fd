//! Rates as the caller's thread compares them with a sample roll.

/// Every sample roll is below this, so an event with this threshold is always in the sample.
pub(crate) const ALWAYS: u64 = 1 << 32;

/// The share `rate` of all 32-bit sample rolls, as the number of sample rolls that are in.
pub(crate) const fn threshold(rate: f64) -> u64 {
    // `as` saturates: a rate below 0 or NaN becomes 0; above 1 it is cut.
    let threshold = (rate * ALWAYS as f64) as u64;
    if threshold > ALWAYS { ALWAYS } else { threshold }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_follow_the_rate() {
        assert_eq!(threshold(0.0), 0);
        assert_eq!(threshold(0.5), ALWAYS / 2);
        assert_eq!(threshold(1.0), ALWAYS);
        assert_eq!(threshold(7.0), ALWAYS);
        assert_eq!(threshold(-1.0), 0);
        assert_eq!(threshold(f64::NAN), 0);
    }
}
