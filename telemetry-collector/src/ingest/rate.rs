//! How often one address may ask. An address is a hash with a key of this process, in memory; nothing leads back to it.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, RandomState},
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::Instant,
};

use crate::config::Rate;

/// How many addresses are kept in mind. Beyond that those are forgotten that have not asked for longest.
const ADDRESSES: usize = 100_000;

/// Buckets of tokens, one per address.
#[derive(Debug)]
pub(super) struct RateLimit {
    rate: Rate,
    key: RandomState,
    buckets: Mutex<HashMap<u64, Bucket>>,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    tokens: f64,
    at: Instant,
}

impl RateLimit {
    pub(super) fn new(rate: Rate) -> Self {
        Self { rate, key: RandomState::new(), buckets: Mutex::new(HashMap::new()) }
    }

    /// Takes a token; `Err` with the seconds until there is one again.
    pub(super) fn ask(&self, address: IpAddr, now: Instant) -> Result<(), u64> {
        let Rate { per_second, burst } = self.rate;
        if per_second == 0 {
            return Ok(());
        }
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= ADDRESSES {
            // Whoever has all tokens again is as one who never asked.
            let is_full = |bucket: &Bucket| bucket.refilled(now, per_second) >= f64::from(burst);
            buckets.retain(|_, bucket| !is_full(bucket));
            if buckets.len() >= ADDRESSES {
                buckets.clear();
            }
        }
        let full = Bucket { tokens: f64::from(burst), at: now };
        let bucket = buckets.entry(self.key.hash_one(address)).or_insert(full);
        let tokens = bucket.refilled(now, per_second).min(f64::from(burst));
        *bucket = Bucket { tokens: if tokens >= 1.0 { tokens - 1.0 } else { tokens }, at: now };
        // Spread by the address's hash, so that all who were refused do not come back at once.
        if tokens >= 1.0 { Ok(()) } else { Err(30 + self.key.hash_one(address) % 61) }
    }
}

impl Bucket {
    fn refilled(&self, now: Instant, per_second: u32) -> f64 {
        self.tokens + now.saturating_duration_since(self.at).as_secs_f64() * f64::from(per_second)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn an_address_has_a_burst_and_then_its_rate_and_others_are_untouched() {
        let limit = RateLimit::new(Rate { per_second: 2, burst: 3 });
        let (one, other) = (IpAddr::from([127, 0, 0, 1]), IpAddr::from([127, 0, 0, 2]));
        let begin = Instant::now();
        let taken = (0..10).filter(|_| limit.ask(one, begin).is_ok()).count();
        assert_eq!(taken, 3);
        assert!((30..=90).contains(&limit.ask(one, begin).unwrap_err()));
        assert_eq!(limit.ask(other, begin), Ok(()));
        let later = begin + Duration::from_secs(1);
        assert_eq!((0..10).filter(|_| limit.ask(one, later).is_ok()).count(), 2);
    }

    #[test]
    fn a_million_addresses_take_bounded_memory_and_no_limit_is_none() {
        let limit = RateLimit::new(Rate { per_second: 1, burst: 1 });
        let now = Instant::now();
        for number in 0..1_000_000_u32 {
            limit.ask(IpAddr::from(number.to_be_bytes()), now).unwrap();
        }
        assert!(limit.buckets.lock().unwrap().len() <= ADDRESSES);
        let none = RateLimit::new(Rate { per_second: 0, burst: 0 });
        assert!((0..1000).all(|_| none.ask(IpAddr::from([127, 0, 0, 1]), now).is_ok()));
    }
}
