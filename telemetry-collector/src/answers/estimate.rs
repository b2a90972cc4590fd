//! What a sample tells of the whole.

/// How many there were, by a sample of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// So many were received.
    pub received: u64,
    /// So many there were, as far as the sample tells; equal to `received` where all are recorded.
    pub all: f64,
    /// The lower end of the interval that holds the truth in 95 of 100 cases.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

/// The quantile of the normal distribution for 95 of 100.
const Z: f64 = 1.959_964;

impl Estimate {
    /// The estimate from counts by sampling rate, in millionths.
    ///
    /// Each count is taken as a binomial sample, and the interval is Wilson's, solved for the number of trials. It holds where
    /// an installation sends the event at most once a day, for the sample is drawn by installation and day; where it sends
    /// more, the interval is too narrow. Several rates are put together by the squares of their distances.
    pub fn of(counts: impl IntoIterator<Item = (u32, u64)>) -> Self {
        let mut sum = Self { received: 0, all: 0.0, low: 0.0, high: 0.0 };
        let (mut below, mut above) = (0.0, 0.0);
        for (rate, n) in counts {
            let one = Self::of_one(f64::from(rate) / 1e6, n);
            sum.received += n;
            sum.all += one.all;
            below += (one.all - one.low).powi(2);
            above += (one.high - one.all).powi(2);
        }
        sum.low = (sum.all - below.sqrt()).max(sum.received as f64);
        sum.high = sum.all + above.sqrt();
        sum
    }

    fn of_one(rate: f64, received: u64) -> Self {
        let n = received as f64;
        if rate >= 1.0 {
            return Self { received, all: n, low: n, high: n };
        }
        // (n - N p)² = z² N p (1 - p), solved for N.
        let middle = 2.0 * n * rate + Z * Z * rate * (1.0 - rate);
        let root = (middle * middle - 4.0 * rate * rate * n * n).max(0.0).sqrt();
        let bound = |sign: f64| (middle + sign * root) / (2.0 * rate * rate);
        Self { received, all: n / rate, low: bound(-1.0).max(n), high: bound(1.0) }
    }
}
